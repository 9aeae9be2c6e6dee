// Backoff, Refusal and the meeting of two streams.

#include <gtest/gtest.h>

#include "node/peer/backoff.h"
#include "node/peer/meeting.h"
#include "node/peer/refusal.h"

namespace bourse::peer {
namespace {

TEST(BackoffTest, DoublesUpToTheLargestAndStartsAnew) {
  Backoff backoff(100, 1'000);
  for (const std::int64_t step : {100, 200, 400, 800, 1'000, 1'000}) {
    EXPECT_EQ(backoff.Next(0), step * 3 / 4);
  }
  backoff.Reset();
  EXPECT_EQ(backoff.Next(50), 125);  // the most that jitter adds
  EXPECT_EQ(backoff.Next(0), 150);
}

TEST(RefusalTest, GrowsWithEachOffenceAndIsForgottenAfterLongPeace) {
  Refusal refusal(10, 40);
  EXPECT_FALSE(refusal.IsRefused(0));
  refusal.Offend(0);
  EXPECT_TRUE(refusal.IsRefused(9));
  EXPECT_FALSE(refusal.IsRefused(10));
  refusal.Offend(10);
  EXPECT_TRUE(refusal.IsRefused(29));
  EXPECT_FALSE(refusal.IsRefused(30));
  refusal.Offend(30);
  refusal.Offend(70);
  EXPECT_TRUE(refusal.IsRefused(109));  // no longer than the longest
  EXPECT_FALSE(refusal.IsRefused(110));
  refusal.Offend(151);
  EXPECT_FALSE(refusal.IsRefused(161));
}

constexpr std::int64_t kSettled = 100;

// Both sides of a pair, a stream dialled by each: what is kept at `a`, the smaller key, and at `b`,
// when `first` was there first. True: the stream that a dialled.
bool KeptIsOfA(bool at_a, bool first_is_of_a) {
  const StreamFacts old{.dialled = first_is_of_a == at_a, .run = 1, .age_us = 1};
  const StreamFacts newcomer{.dialled = first_is_of_a != at_a, .run = 1};
  return NewcomerWins(old, newcomer, at_a, kSettled) != first_is_of_a;
}

TEST(MeetingTest, BothSidesKeepTheStreamOfTheSmallerKeyWhicheverCameFirst) {
  for (const bool at_a : {true, false}) {
    for (const bool first_is_of_a : {true, false}) {
      EXPECT_TRUE(KeptIsOfA(at_a, first_is_of_a)) << at_a << first_is_of_a;
    }
  }
}

TEST(MeetingTest, TakesTheNewcomerWhereTheOldOneMustBeGone) {
  const StreamFacts old{.dialled = true, .run = 1, .age_us = 1};
  StreamFacts again = old;
  EXPECT_TRUE(NewcomerWins(old, again, true, kSettled)) << "dialled by the same side";
  StreamFacts restarted{.dialled = false, .run = 2};
  EXPECT_TRUE(NewcomerWins(old, restarted, true, kSettled)) << "from a new run";
  StreamFacts lost = old;
  lost.age_us = kSettled + 1;
  EXPECT_TRUE(NewcomerWins(lost, {.dialled = false, .run = 1}, true, kSettled)) << "long after";
  EXPECT_FALSE(NewcomerWins(old, {.dialled = false, .run = 1}, true, kSettled));
}

}  // namespace
}  // namespace bourse::peer
