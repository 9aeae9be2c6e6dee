#include "node/gate/bucket.h"

#include <gtest/gtest.h>

#include <limits>

namespace bourse::gate {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

TEST(TokenBucketTest, LetsTheBurstThroughAtOnceAndNoMore) {
  TokenBucket bucket({.per_second = 10, .burst = 3});
  EXPECT_TRUE(bucket.Take(3, 0));
  EXPECT_FALSE(bucket.Take(1, 0));
}

TEST(TokenBucketTest, RefillsToTheMicrosecond) {
  TokenBucket bucket({.per_second = 10, .burst = 1});
  EXPECT_TRUE(bucket.Take(1, 5));
  TokenBucket early = bucket;
  EXPECT_FALSE(early.Take(1, 5 + kSecond / 10 - 1));
  EXPECT_TRUE(bucket.Take(1, 5 + kSecond / 10));
}

TEST(TokenBucketTest, NeverHoldsMoreThanTheBurst) {
  TokenBucket bucket({.per_second = 1000, .burst = 2});
  EXPECT_TRUE(bucket.Take(2, 0));
  EXPECT_FALSE(bucket.Take(3, 3600 * kSecond));
}

TEST(TokenBucketTest, SaysHowLongADebtTakesRoundedUp) {
  TokenBucket bucket({.per_second = 3, .burst = 1});
  bucket.Take(2, 0);
  EXPECT_EQ(bucket.DebtUs(0), 333'334);
  EXPECT_EQ(bucket.DebtUs(333'333), 1);
  EXPECT_EQ(bucket.DebtUs(333'334), 0);
}

TEST(TokenBucketTest, OwesAnHourWhenItNeverRefills) {
  TokenBucket bucket({.per_second = 0, .burst = 1});
  EXPECT_TRUE(bucket.Take(1, 0));
  bucket.Take(1, kSecond);
  EXPECT_EQ(bucket.DebtUs(2 * kSecond), 3600 * kSecond);
}

TEST(TokenBucketTest, TakesNoTimeFromAClockThatRunsBackwards) {
  TokenBucket bucket({.per_second = 10, .burst = 1});
  EXPECT_TRUE(bucket.Take(1, kSecond));
  EXPECT_FALSE(bucket.Take(1, 0));
  EXPECT_EQ(bucket.DebtUs(kSecond), kSecond / 10);
}

TEST(TokenBucketTest, StandsTheExtremesOfTimeAndCount) {
  constexpr auto kMax = std::numeric_limits<std::uint32_t>::max();
  TokenBucket bucket({.per_second = kMax, .burst = kMax});
  for (int i = 0; i < 2000; ++i) bucket.Take(kMax, std::numeric_limits<std::int64_t>::min());
  EXPECT_GT(bucket.DebtUs(std::numeric_limits<std::int64_t>::min()), 0);
  EXPECT_TRUE(bucket.Take(kMax, std::numeric_limits<std::int64_t>::max()));
}

TEST(TokenBucketTest, IsFullUntilTakenFromAndAgainAfterTheRefill) {
  TokenBucket bucket({.per_second = 1, .burst = 5});
  EXPECT_TRUE(bucket.IsFull(0));
  bucket.Take(1, 0);
  EXPECT_FALSE(bucket.IsFull(kSecond - 1));
  EXPECT_TRUE(bucket.IsFull(kSecond));
}

}  // namespace
}  // namespace bourse::gate
