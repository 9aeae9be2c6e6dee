#include "node/exchange/replay.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/hash.h"
#include "ledger/memory_store.h"
#include "ledger/records.h"
#include "ledger/schema.h"
#include "node/exchange/exchange.h"
#include "tests/determinism/workload.h"

namespace bourse::determinism {
namespace {

using ledger::Family;

constexpr std::uint64_t kBlocks = 12;

class ReplayTest : public testing::Test {
 protected:
  // A ledger of random blocks, which no validator would accept: nobody has signed them.
  static void SetUpTestSuite() {
    workload_ = new Workload(11);
    workload_->At(Height(kBlocks));
  }
  static void TearDownTestSuite() { delete std::exchange(workload_, nullptr); }

  ReplayTest() {
    ledger::Batch batch;
    for (int i = 0; i < ledger::kFamilies; ++i) {
      const auto family = static_cast<Family>(i);
      EXPECT_TRUE(workload_->store()
                      .Scan(family, "", "",
                            [&](auto key, auto value) {
                              batch.Put(family, std::string(key), std::string(value));
                              return true;
                            })
                      .ok());
    }
    EXPECT_TRUE(store_.Apply(batch).ok());
  }

  absl::StatusOr<exchange::ReplayCounts> Replay() {
    ledger::MemoryStore scratch;
    return exchange::Replay(store_, &scratch,
                            {.limits = workload_->world().limits, .check_proposals = false});
  }

  std::string Get(Family family, const std::string& key) {
    return store_.Get(family, key)->value_or("");
  }
  void Put(Family family, const std::string& key, std::string value) {
    ledger::Batch batch;
    batch.Put(family, key, std::move(value));
    ASSERT_TRUE(store_.Apply(batch).ok());
  }
  void Delete(Family family, const std::string& key) {
    ledger::Batch batch;
    batch.Delete(family, key);
    ASSERT_TRUE(store_.Apply(batch).ok());
  }

  // Keys of a family, some of many.
  std::vector<std::string> SomeKeys(Family family) {
    std::vector<std::string> all, some;
    EXPECT_TRUE(store_
                    .Scan(family, "", "",
                          [&](auto key, auto) {
                            all.emplace_back(key);
                            return true;
                          })
                    .ok());
    const std::size_t step = all.size() / 6 + 1;
    for (std::size_t i = 0; i < all.size(); i += step) some.push_back(all[i]);
    return some;
  }

  static Workload* workload_;
  ledger::MemoryStore store_;
};
Workload* ReplayTest::workload_ = nullptr;

TEST_F(ReplayTest, ALedgerGivesItselfAgain) {
  std::uint64_t events = 0, transactions = 0;
  for (std::uint64_t i = 1; i <= kBlocks; ++i) {
    events += workload_->At(Height(i)).result.events.size();
    transactions += workload_->At(Height(i)).block.transactions.size();
  }
  const auto counts = Replay();
  ASSERT_TRUE(counts.ok()) << counts.status();
  EXPECT_EQ(counts->blocks, kBlocks);
  EXPECT_EQ(counts->transactions, transactions);
  EXPECT_EQ(counts->events, events);
  EXPECT_EQ(counts->state_root, workload_->StateRoot(Height(kBlocks)));
}

TEST_F(ReplayTest, TellsItsProgressBlockByBlock) {
  std::vector<std::uint64_t> heights;
  ledger::MemoryStore scratch;
  const auto replayed = exchange::Replay(store_, &scratch,
                                         {.limits = workload_->world().limits,
                                          .check_proposals = false,
                                          .progress = [&](Height done, Height total) {
                                            EXPECT_EQ(total, Height(kBlocks));
                                            heights.push_back(done.value());
                                          }});
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  ASSERT_EQ(heights.size(), kBlocks);
  EXPECT_EQ(heights.front(), 1u);
  EXPECT_EQ(heights.back(), kBlocks);
}

// The first, a middle and the last byte of some records of each family.
TEST_F(ReplayTest, FindsAnyChangedByteOfAnyRecord) {
  int tried = 0;
  for (int i = 0; i < ledger::kFamilies; ++i) {
    const auto family = static_cast<Family>(i);
    for (const std::string& key : SomeKeys(family)) {
      const std::string good = Get(family, key);
      if (good.empty()) continue;
      for (const std::size_t at : {std::size_t{0}, good.size() / 2, good.size() - 1}) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 1);
        Put(family, key, bad);
        EXPECT_FALSE(Replay().ok())
            << "family " << i << ", key " << ToHex(AsBytes(key)) << ", byte " << at;
        ++tried;
      }
      Put(family, key, good);
    }
  }
  EXPECT_TRUE(Replay().ok());
  EXPECT_GT(tried, 60);
}

TEST_F(ReplayTest, FindsAnyRecordThatIsMissing) {
  for (int i = 0; i < ledger::kFamilies; ++i) {
    const auto family = static_cast<Family>(i);
    for (const std::string& key : SomeKeys(family)) {
      const std::string good = Get(family, key);
      Delete(family, key);
      EXPECT_FALSE(Replay().ok()) << "family " << i << ", key " << ToHex(AsBytes(key));
      Put(family, key, good);
    }
  }
}

TEST_F(ReplayTest, FindsARecordTooManyInAnyFamily) {
  for (int i = 0; i < ledger::kFamilies; ++i) {
    const auto family = static_cast<Family>(i);
    if (family == Family::kFinality) continue;  // no block gives what is in it
    Put(family, "zzz", "of no block");
    const auto replayed = Replay();
    EXPECT_EQ(replayed.status().code(), absl::StatusCode::kDataLoss) << "family " << i;
    Delete(family, "zzz");
  }
}

TEST_F(ReplayTest, NamesTheHeightAndWhatDiffers) {
  const auto message = [&](Family family, const std::string& key) {
    const std::string good = Get(family, key);
    std::string bad = good;
    bad.back() = static_cast<char>(bad.back() ^ 1);
    Put(family, key, bad);
    const std::string text(Replay().status().message());
    Put(family, key, good);
    return text;
  };
  EXPECT_EQ(message(Family::kBlocks, ledger::BodyKey(Height(5))),
            "at height 5: its transactions are not those that its header commits to");
  EXPECT_EQ(message(Family::kBlocks, ledger::EventsKey(Height(7))),
            "at height 7: the list of events differs from what its transactions give");
}

TEST_F(ReplayTest, FindsAStateRootThatTheBlockDoesNotGive) {
  const std::string key = ledger::HeaderKey(Height(6));
  ledger::BlockHeader header;
  ASSERT_TRUE(ledger::Decode(Get(Family::kBlocks, key), &header));
  header.state_root.bytes[31] ^= 1;
  Put(Family::kBlocks, key, ledger::Encode(header));
  const std::string text(Replay().status().message());
  EXPECT_EQ(text.substr(0, 54), "at height 6: its transactions give the state root " +
                                    ToHex(workload_->StateRoot(Height(6))).substr(0, 4));
}

// Its transactions may run in the same order all the same, with the same roots.
TEST_F(ReplayTest, FindsABlockThatDoesNotFollowTheOneBefore) {
  for (const std::uint64_t height : {std::uint64_t{1}, kBlocks}) {
    const std::string key = ledger::HeaderKey(Height(height));
    const std::string good = Get(Family::kBlocks, key);
    ledger::BlockHeader header;
    ASSERT_TRUE(ledger::Decode(good, &header));
    header.parent_hash.bytes[0] ^= 1;
    Put(Family::kBlocks, key, ledger::Encode(header));
    EXPECT_EQ(Replay().status().message(),
              "at height " + std::to_string(height) +
                  ": its parent's hash is not that of the block before");
    Put(Family::kBlocks, key, good);
  }
}

TEST_F(ReplayTest, FindsBlocksThatNoValidatorMayAccept) {
  ledger::MemoryStore scratch;
  const auto replayed = exchange::Replay(store_, &scratch, {.limits = workload_->world().limits});
  EXPECT_EQ(replayed.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(replayed.status().message().substr(0, 46),
            "at height 1: validators accept no such block: ");
}

TEST_F(ReplayTest, SaysSoWhenThereIsNoNetwork) {
  ledger::MemoryStore empty, scratch;
  EXPECT_EQ(exchange::Replay(empty, &scratch, {}).status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace bourse::determinism
