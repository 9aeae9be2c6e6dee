// Cuts the power under a whole exchange, at random file operations, again and again. After each cut
// all that it committed is there, and it goes on as one that was never disturbed.
//
//   exchange_power_loss_test --cuts=200 --seed=1

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/hash.h"
#include "ledger/memory_store.h"
#include "ledger/records.h"
#include "ledger/rocks_store.h"
#include "ledger/schema.h"
#include "ledger/testing/power_loss_env.h"
#include "node/exchange/audit.h"
#include "node/exchange/exchange.h"
#include "node/exchange/replay.h"
#include "tests/determinism/workload.h"
#include "tests/model/random.h"

namespace bourse::crash {
namespace {

using determinism::Workload;
using ledger::Family;

int cuts = 15;
std::uint64_t first_seed = 1;

// On one disk; after so many, another seed has its turn.
constexpr int kCutsPerDisk = 25;
constexpr char kPath[] = "/ledger";

// What a run of cuts found.
struct Findings {
  int cuts = 0;
  int in_open = 0;    // the power went while the store was opened
  int in_commit = 0;  // or while a block was committed
  int kept = 0;       // such a block is there nevertheless, whole
  int lost = 0;       // cuts after which blocks were missing that Commit had reported as done
  int refused = 0;    // cuts after which the store or the exchange did not open
  std::uint64_t blocks = 0;
};

std::optional<std::string> Get(const ledger::View& view, Family family, const std::string& key) {
  auto value = view.Get(family, key);
  EXPECT_TRUE(value.ok()) << value.status();
  return value.ok() ? *std::move(value) : std::nullopt;
}

void CheckReceipts(const ledger::View& view, const exchange::BlockResult& expected) {
  for (const ledger::Receipt& receipt : expected.receipts) {
    if (receipt.skip != SkipReason::kNone) continue;
    EXPECT_EQ(Get(view, Family::kTransactions, ledger::TransactionKey(receipt.txid)),
              ledger::Encode(receipt))
        << "the receipt of " << ToHex(Bytes(receipt.txid.bytes));
  }
}

void CheckSwaps(const ledger::View& view, const Hash256& genesis_hash,
                const exchange::BlockResult& expected) {
  for (std::uint32_t i = 0; i < expected.events.size(); ++i) {
    ledger::Event event;
    ASSERT_TRUE(ledger::Decode(expected.events.At(i), &event));
    if (!std::holds_alternative<ledger::Swap>(event)) continue;
    const TxId txid = ledger::MakeSwapId(genesis_hash, expected.header.height, i);
    const auto swap = Get(view, Family::kSwaps, ledger::SwapKey(txid));
    ASSERT_TRUE(swap.has_value()) << "swap " << ToHex(Bytes(txid.bytes));
    EXPECT_TRUE(swap->ends_with(expected.events.At(i)));
  }
}

// That the store has a block, as an undisturbed exchange made it.
void CheckBlock(const ledger::View& view, const Hash256& genesis_hash,
                const Workload::Step& expected) {
  const Height height = expected.block.height;
  EXPECT_EQ(Get(view, Family::kBlocks, ledger::HeaderKey(height)),
            ledger::Encode(expected.result.header));
  EXPECT_EQ(Get(view, Family::kBlocks, ledger::EventsKey(height)), expected.result.events.Pack());
  CheckReceipts(view, expected.result);
  CheckSwaps(view, genesis_hash, expected.result);
}

// One disk, on which the power goes again and again, and what should be on it.
class Crashes {
 public:
  Crashes(std::uint64_t seed, bool sync)
      : random_(seed), workload_(seed), power_(seed), sync_(sync) {
    // Small buffers, so that tables are written and compacted all the time.
    options_ = {
        .sync = sync, .cache_bytes = 1 << 20, .write_buffer_bytes = 256 << 10, .env = power_.env()};
  }

  Findings Run(int count) {
    bool good = true;
    for (int i = 0; i < count && good; ++i) {
      SCOPED_TRACE(absl::StrCat("cut ", i));
      // Half of the cuts come early, while the store is opened and in the first blocks.
      power_.CutAfter(1 + random_.Below(random_.Chance(50) ? 60 : 2'000));
      RunUntilCut();
      power_.Restore();
      ++findings_.cuts;
      good = Check() && !testing::Test::HasFatalFailure();
    }
    if (good && sync_) CheckWhole();
    return findings_;
  }

 private:
  // A process from its start until the power goes.
  void RunUntilCut() {
    attempted_ = acknowledged_;
    const auto store = ledger::RocksStore::Open(kPath, options_);
    if (!store.ok()) {
      EXPECT_TRUE(power_.is_off()) << store.status();
      ++findings_.in_open;
      return;
    }
    const auto exchange = exchange::Exchange::Open(store->get(), workload_.world().limits);
    if (!exchange.ok()) {
      EXPECT_TRUE(power_.is_off()) << exchange.status();
      ++findings_.in_open;
      return;
    }
    while (!power_.is_off()) {
      const absl::Status status = Advance(**exchange);
      if (status.ok()) continue;
      EXPECT_TRUE(power_.is_off()) << status;
      ++findings_.in_commit;
    }
  }

  // Commits the genesis or the next block, after comparing it with that of the undisturbed one.
  absl::Status Advance(exchange::Exchange& exchange) {
    if (!exchange.started()) {
      const absl::Status status = exchange.InitChain(workload_.world().genesis);
      if (status.ok()) initialized_ = true;
      return status;
    }
    const Workload::Step& step = workload_.At(Height(acknowledged_ + 1));
    const auto result = exchange.FinalizeBlock(step.block);
    if (!result.ok()) return result.status();
    EXPECT_EQ(ledger::Encode(result->header), ledger::Encode(step.result.header));
    EXPECT_EQ(result->events.Pack(), step.result.events.Pack());
    ++attempted_;
    const absl::Status status = exchange.Commit();
    if (!status.ok()) return status;
    acknowledged_ = attempted_;
    ++findings_.blocks;
    return status;
  }

  // Looks at what is there after the power is back; goes on from there. False: nothing to go on.
  bool Check() {
    const auto store = ledger::RocksStore::Open(kPath, options_);
    if (!store.ok()) return Refused(store.status());
    const auto exchange = exchange::Exchange::Open(store->get(), workload_.world().limits);
    if (!exchange.ok()) return Refused(exchange.status());
    const std::uint64_t height = (*exchange)->Info().head.height.value();
    const bool is_lost = height < acknowledged_ || (initialized_ && !(*exchange)->started());
    if (is_lost) ++findings_.lost;
    if (height > acknowledged_) ++findings_.kept;
    EXPECT_LE(height, attempted_);
    initialized_ = (*exchange)->started();
    acknowledged_ = height;
    if (initialized_) CheckContents(**store, **exchange);
    return true;
  }

  bool Refused(const absl::Status& status) {
    std::printf("%s\n", status.ToString().c_str());
    ++findings_.refused;
    return false;
  }

  void CheckContents(const ledger::View& view, const exchange::Exchange& exchange) {
    EXPECT_EQ(exchange.Info().state_root, workload_.StateRoot(Height(acknowledged_)));
    const absl::Status laws = exchange::CheckLaws(exchange.core());
    EXPECT_TRUE(laws.ok()) << laws;
    for (std::uint64_t height = 1; height <= acknowledged_; ++height) {
      CheckBlock(view, workload_.world().genesis_hash, workload_.At(Height(height)));
      if (testing::Test::HasFailure()) return;
    }
  }

  // Every record of the ledger, once, at the end.
  void CheckWhole() {
    const auto store = ledger::RocksStore::Open(kPath, options_);
    ASSERT_TRUE(store.ok()) << store.status();
    if (!initialized_) return;
    ledger::MemoryStore scratch;
    const auto replayed = exchange::Replay(
        **store, &scratch, {.limits = workload_.world().limits, .check_proposals = false});
    EXPECT_TRUE(replayed.ok()) << replayed.status();
  }

  model::Random random_;
  Workload workload_;
  ledger::testing::PowerLossEnv power_;
  const bool sync_;
  ledger::RocksOptions options_;
  bool initialized_ = false;        // the genesis was committed
  std::uint64_t acknowledged_ = 0;  // height up to which Commit returned OK
  std::uint64_t attempted_ = 0;     // that, or with the block that was being committed
  Findings findings_;
};

void Print(const Findings& f) {
  std::printf(
      "%d cuts, %d within Commit (%d of these blocks were kept), %d within Open; %llu blocks "
      "committed; after %d cuts blocks were lost, after %d it did not open\n",
      f.cuts, f.in_commit, f.kept, f.in_open, static_cast<unsigned long long>(f.blocks), f.lost,
      f.refused);
}

TEST(ExchangePowerLossTest, WhatWasCommittedIsThereAndTheExchangeGoesOnAsIfUndisturbed) {
  int left = cuts;
  for (std::uint64_t seed = first_seed; left > 0; ++seed, left -= kCutsPerDisk) {
    SCOPED_TRACE(absl::StrCat("--seed=", seed));
    const Findings findings = Crashes(seed, /*sync=*/true).Run(std::min(left, kCutsPerDisk));
    Print(findings);
    EXPECT_EQ(findings.lost, 0);
    EXPECT_EQ(findings.refused, 0);
  }
}

// The same test without syncs must find losses; else it would prove nothing.
TEST(ExchangePowerLossTest, FindsWhatIsLostWithoutSync) {
  constexpr int kMaxDisks = 20;
  int lost = 0;
  for (std::uint64_t seed = first_seed; lost == 0 && seed < first_seed + kMaxDisks; ++seed) {
    SCOPED_TRACE(absl::StrCat("--seed=", seed));
    const Findings findings = Crashes(seed, /*sync=*/false).Run(4);
    Print(findings);
    // Damage reported is a loss noticed: without syncs any batch may be torn, not just the last.
    lost += findings.lost + findings.refused;
  }
  EXPECT_GT(lost, 0);
}

}  // namespace
}  // namespace bourse::crash

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument.starts_with("--cuts=")) {
      if (!absl::SimpleAtoi(argument.substr(7), &bourse::crash::cuts)) return 2;
    } else if (argument.starts_with("--seed=")) {
      if (!absl::SimpleAtoi(argument.substr(7), &bourse::crash::first_seed)) return 2;
    } else {
      std::fprintf(stderr, "usage: %s [--cuts=N] [--seed=N]\n", argv[0]);
      return 2;
    }
  }
  return RUN_ALL_TESTS();
}
