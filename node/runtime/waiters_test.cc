#include "node/runtime/waiters.h"

#include <gtest/gtest.h>

namespace bourse::runtime {
namespace {

TxId Id(std::uint8_t number) {
  TxId txid;
  txid.bytes[0] = number;
  return txid;
}

class WaitersTest : public testing::Test {
 protected:
  bool Add(std::uint8_t txid, std::uint64_t until_us, int tag) {
    Waiters::Done done = [this, tag](const api::SubmitResult&) { called_.push_back(tag); };
    return waiters_.Add(Id(txid), until_us, done);
  }
  static void Call(const std::vector<Waiters::Done>& all) {
    for (const Waiters::Done& done : all) done({});
  }
  static void Call(const std::vector<std::pair<TxId, Waiters::Done>>& all) {
    for (const auto& [txid, done] : all) done({});
  }

  Waiters waiters_;
  std::vector<int> called_;
};

TEST_F(WaitersTest, TakesThoseOfOneTransactionInTheirOrder) {
  ASSERT_TRUE(Add(1, 10, 11) && Add(2, 10, 21) && Add(1, 5, 12));
  Call(waiters_.Take(Id(1)));
  EXPECT_EQ(called_, (std::vector<int>{11, 12}));
  EXPECT_TRUE(waiters_.Take(Id(1)).empty());
  EXPECT_EQ(waiters_.next_us(), 10u);
}

TEST_F(WaitersTest, TakesThoseWhoseTimeIsOverInTheOrderOfTheirTimes) {
  ASSERT_TRUE(Add(1, 10, 11) && Add(2, 5, 21) && Add(1, 20, 12));
  EXPECT_EQ(waiters_.next_us(), 5u);
  EXPECT_TRUE(waiters_.TakeOverdue(4).empty());
  Call(waiters_.TakeOverdue(10));
  EXPECT_EQ(called_, (std::vector<int>{21, 11}));
  Call(waiters_.TakeAll());
  EXPECT_EQ(called_, (std::vector<int>{21, 11, 12}));
  EXPECT_TRUE(waiters_.empty());
  EXPECT_EQ(waiters_.next_us(), std::nullopt);
}

TEST_F(WaitersTest, BoundsThoseOfOneTransactionAndLeavesTheNextOneAlone) {
  for (std::size_t i = 0; i < Waiters::kMaxPerTransaction; ++i) ASSERT_TRUE(Add(1, 10, 1));
  bool called = false;
  Waiters::Done done = [&](const api::SubmitResult&) { called = true; };
  ASSERT_FALSE(waiters_.Add(Id(1), 10, done));
  done({});
  EXPECT_TRUE(called);
  EXPECT_TRUE(Add(2, 10, 1));
}

}  // namespace
}  // namespace bourse::runtime
