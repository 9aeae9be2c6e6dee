// Cuts the power under a ledger with its archive: what finalized a block is there exactly if the
// block is.
#include <gtest/gtest.h>

#include <cstdio>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "ledger/rocks_store.h"
#include "ledger/schema.h"
#include "ledger/testing/power_loss_env.h"
#include "node/storage/block_archive.h"
#include "node/storage/testing/fake_chain.h"

namespace bourse::storage {
namespace {

using ledger::Family;

constexpr char kPath[] = "/ledger";
constexpr int kCuts = 60;

// One disk, on which power goes again and again.
class PowerLossRun {
 public:
  explicit PowerLossRun(std::uint64_t seed) : random_(seed), power_(seed) {
    options_ = {.cache_bytes = 1 << 20, .write_buffer_bytes = 256 << 10, .env = power_.env()};
    chain_.SetSize(20, 200);
  }

  void Cut() {
    power_.CutAfter(1 + random_() % 150);
    UseUntilCut();
    power_.Restore();
    Check();
  }

  [[nodiscard]] std::uint64_t height() const { return height_; }

 private:
  // Every third block has no certificate of its own; the execution of each comes with the next.
  static bool HasFinal(std::uint64_t height) { return height % 3 != 0; }

  void UseUntilCut() {
    const auto rocks = ledger::RocksStore::Open(kPath, options_);
    if (!rocks.ok()) return;
    ArchivingStore store(rocks->get());
    for (;; ++height_) {
      const std::uint64_t next = height_ + 1;
      if (!chain_.Write(&store, Height(next), HasFinal(next)).ok()) return;
      store.Keep(chain_.ExecutionOf(Height(next)));
    }
  }

  void Check() {
    const auto store = ledger::RocksStore::Open(kPath, options_);
    ASSERT_TRUE(store.ok()) << store.status();
    const auto has = [&](Family family, const std::string& key) {
      return (*store)->Get(family, key)->has_value();
    };
    // The block that was being written may be there.
    if (has(Family::kBlocks, ledger::HeaderKey(Height(height_ + 1)))) ++height_;
    for (std::uint64_t height = 1; height <= height_; ++height) {
      const auto head = ReadHead(**store, chain_.validators(), Height(height));
      ASSERT_TRUE(head.ok()) << head.status();
      ASSERT_TRUE(head->header.has_value()) << height;
      const auto final = ReadFinalCertificate(**store, chain_.validators(), Height(height));
      EXPECT_EQ(final->has_value(), HasFinal(height)) << height;
    }
    const auto blocks =
        ReadBlocks(**store, chain_.validators(), Height(height_ + 1), replica::kAnswerBytes);
    ASSERT_TRUE(blocks.ok());
    EXPECT_TRUE(blocks->blocks.empty());
    std::size_t records = 0;
    EXPECT_TRUE((*store)
                    ->Scan(Family::kFinality, "h", "",
                           [&](auto, auto) {
                             ++records;
                             return true;
                           })
                    .ok());
    EXPECT_EQ(records, height_);  // and none of a block that is not there
  }

  std::mt19937_64 random_;
  ledger::testing::PowerLossEnv power_;
  ledger::RocksOptions options_;
  testing::FakeChain chain_;
  std::uint64_t height_ = 0;  // that was acknowledged
};

TEST(BlockArchivePowerLossTest, WhatFinalizedABlockIsThereExactlyIfTheBlockIs) {
  std::uint64_t blocks = 0;
  for (int cut = 0, seed = 0; cut < kCuts; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    PowerLossRun run(static_cast<std::uint64_t>(seed));
    for (int i = 0; i < 10; ++i, ++cut) run.Cut();
    blocks += run.height();
  }
  std::printf("%d cuts, %llu blocks\n", kCuts, static_cast<unsigned long long>(blocks));
  EXPECT_GT(blocks, 100u);
}

}  // namespace
}  // namespace bourse::storage
