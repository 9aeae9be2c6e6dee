#include "node/consensus/solo.h"

#include <gtest/gtest.h>

namespace bourse::consensus {
namespace {

constexpr std::uint64_t kWall = 1'700'000'000'000'000;

Now At(std::uint64_t steady_us) { return {TimeMicros(kWall + steady_us), steady_us}; }

SoloOptions Options(std::uint64_t block_interval_min_us) {
  SoloOptions options;
  options.idle_us = 1'000;
  options.block_interval_min_us = block_interval_min_us;
  return options;
}

class SoloTest : public testing::Test {
 protected:
  Effects Start(Tip tip = {Height(0), TimeMicros(5), Hash256{}}) {
    return solo_.Step({At(0), Started{tip}});
  }
  Effects Work(std::uint64_t at) { return solo_.Step({At(at), WorkWaiting{}}); }
  Effects Timer(std::uint64_t at) { return solo_.Step({At(at), TimerFired{}}); }
  Effects Choose(std::uint64_t at, std::uint64_t slot, std::vector<std::string> transactions) {
    return solo_.Step({At(at), PayloadReady{Slot(slot), {Hash256{}, std::move(transactions)}}});
  }
  Effects Commit(std::uint64_t at, std::uint64_t height) {
    return solo_.Step({At(at), Committed{Height(height)}});
  }

  Solo solo_{Options(0)};
};

TEST_F(SoloTest, ProposesAsSoonAsThereIsWork) {
  EXPECT_EQ(Start().timer_us, 1'000u);
  const Effects asked = Work(10);
  ASSERT_TRUE(asked.want_payload.has_value());
  EXPECT_EQ(asked.want_payload->slot, Slot(0));
  EXPECT_EQ(asked.want_payload->time, TimeMicros(kWall + 10));
  const Effects decided = Choose(20, 0, {"a"});
  ASSERT_EQ(decided.deliver.size(), 1u);
  const Decided& block = decided.deliver[0];
  EXPECT_EQ(block.header.height, Height(1));
  EXPECT_EQ(block.header.parent_slot, kGenesisSlot);
  EXPECT_EQ(block.header.time, TimeMicros(kWall + 10));
  EXPECT_EQ(block.hash, HashOf(block.header));
  EXPECT_EQ(block.payload.transactions, std::vector<std::string>{"a"});
}

TEST_F(SoloTest, WaitsForTheCommitBeforeTheNextBlock) {
  (void)Start();
  (void)Work(10);
  const Hash256 first = Choose(10, 0, {"a"}).deliver[0].hash;
  EXPECT_FALSE(Work(11).want_payload.has_value());
  const Effects next = Commit(20, 1);
  ASSERT_TRUE(next.want_payload.has_value());
  EXPECT_EQ(next.want_payload->slot, Slot(1));
  const Effects decided = Choose(20, 1, {"b"});
  ASSERT_EQ(decided.deliver.size(), 1u);
  EXPECT_EQ(decided.deliver[0].header.parent_hash, first);
  EXPECT_EQ(decided.deliver[0].header.parent_slot, Slot(0));
  EXPECT_EQ(decided.deliver[0].header.height, Height(2));
}

TEST_F(SoloTest, MakesAnEmptyBlockWhenIdleForLong) {
  (void)Start();
  EXPECT_EQ(Timer(999).timer_us, 1'000u);
  ASSERT_TRUE(Timer(1'000).want_payload.has_value());
  ASSERT_EQ(Choose(1'000, 0, {}).deliver.size(), 1u);
  EXPECT_EQ(Commit(1'100, 1).timer_us, 2'100u);
}

TEST_F(SoloTest, AnEmptyChoiceBeforeThatMakesNoBlock) {
  (void)Start();
  ASSERT_TRUE(Work(10).want_payload.has_value());
  const Effects effects = Choose(11, 0, {});
  EXPECT_TRUE(effects.deliver.empty());
  EXPECT_EQ(effects.timer_us, 1'000u);
  EXPECT_TRUE(Work(12).want_payload.has_value());
}

TEST_F(SoloTest, TimeGoesOnWhenTheClockIsSetBack) {
  (void)Start({Height(7), TimeMicros(kWall + 1'000'000), Hash256{}});
  const Effects asked = Work(10);
  ASSERT_TRUE(asked.want_payload.has_value());
  EXPECT_EQ(asked.want_payload->time, TimeMicros(kWall + 1'000'001));
  EXPECT_EQ(asked.want_payload->slot, Slot(7));
  EXPECT_EQ(Choose(11, 7, {"a"}).deliver.at(0).header.height, Height(8));
}

TEST_F(SoloTest, IgnoresWhatDoesNotBelongToTheMoment) {
  EXPECT_FALSE(Timer(1'000).want_payload.has_value());  // not started
  (void)Start();
  EXPECT_TRUE(Choose(1, 0, {"a"}).deliver.empty());  // not asked for
  EXPECT_FALSE(Commit(2, 1).want_payload.has_value());
  ASSERT_TRUE(Timer(1'000).want_payload.has_value());
  EXPECT_TRUE(Choose(1'001, 3, {"a"}).deliver.empty());  // another slot's
  EXPECT_FALSE(Timer(5'000).want_payload.has_value());   // asked already
}

TEST(SoloIntervalTest, KeepsTheIntervalBetweenBlocks) {
  Solo solo(Options(500));
  (void)solo.Step({At(0), Started{}});
  ASSERT_TRUE(solo.Step({At(10), WorkWaiting{}}).want_payload.has_value());
  (void)solo.Step({At(10), PayloadReady{Slot(0), {Hash256{}, {"a"}}}});
  EXPECT_EQ(solo.Step({At(20), Committed{Height(1)}}).timer_us, 1'020u);
  EXPECT_EQ(solo.Step({At(30), WorkWaiting{}}).timer_us, 510u);
  EXPECT_TRUE(solo.Step({At(510), TimerFired{}}).want_payload.has_value());
}

TEST(HeaderTest, EveryFieldChangesTheHash) {
  const Header base;
  std::vector<Header> headers(9, base);
  headers[0].genesis_hash.bytes[0] = 1;
  headers[1].epoch = 1;
  headers[2].protocol_version = 1;
  headers[3].slot = Slot(1);
  headers[4].height = Height(1);
  headers[5].time = TimeMicros(1);
  headers[6].parent_slot = Slot(1);
  headers[7].parent_hash.bytes[0] = 1;
  headers[8].transactions_root.bytes[0] = 1;
  headers.push_back(base);
  for (std::size_t i = 0; i < headers.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(HashOf(headers[i]), HashOf(headers[j]));
  }
}

}  // namespace
}  // namespace bourse::consensus
