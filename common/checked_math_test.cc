#include "common/checked_math.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>

namespace bourse {
namespace {

constexpr std::uint64_t kMaxU64 = std::numeric_limits<std::uint64_t>::max();

TEST(CheckedMathTest, AddsUpToTheMostThatAnAssetCanHave) {
  EXPECT_EQ(CheckedAdd(0, 0), 0u);
  EXPECT_EQ(CheckedAdd(kMaxAtoms - 1, 1), kMaxAtoms);
  EXPECT_EQ(CheckedAdd(0, kMaxAtoms), kMaxAtoms);
}

TEST(CheckedMathTest, RefusesSumsOverTheMaximum) {
  EXPECT_EQ(CheckedAdd(kMaxAtoms, 1), std::nullopt);
  EXPECT_EQ(CheckedAdd(1, kMaxAtoms), std::nullopt);
  EXPECT_EQ(CheckedAdd(kMaxAtoms, kMaxAtoms), std::nullopt);
}

TEST(CheckedMathTest, RefusesSumsThatWouldWrapAround) {
  EXPECT_EQ(CheckedAdd(kMaxU64, 1), std::nullopt);
  EXPECT_EQ(CheckedAdd(1, kMaxU64), std::nullopt);
  EXPECT_EQ(CheckedAdd(kMaxU64, kMaxU64), std::nullopt);
}

TEST(CheckedMathTest, SubtractsDownToZeroAndNoFurther) {
  EXPECT_EQ(CheckedSub(7, 2), 5u);
  EXPECT_EQ(CheckedSub(kMaxAtoms, kMaxAtoms), 0u);
  EXPECT_EQ(CheckedSub(0, 1), std::nullopt);
  EXPECT_EQ(CheckedSub(kMaxAtoms, kMaxU64), std::nullopt);
}

TEST(CheckedMathTest, MultipliesExactlyUpToTheMaximum) {
  EXPECT_EQ(CheckedMul(0, kMaxU64), 0u);
  EXPECT_EQ(CheckedMul(1, kMaxAtoms), kMaxAtoms);
  // 2^63-1 = 7² · 73 · 127 · 337 · 92737 · 649657.
  EXPECT_EQ(CheckedMul(649657, kMaxAtoms / 649657), kMaxAtoms);
}

TEST(CheckedMathTest, RefusesProductsOverTheMaximum) {
  EXPECT_EQ(CheckedMul(1, kMaxAtoms + 1), std::nullopt);
  EXPECT_EQ(CheckedMul(2, (kMaxAtoms + 1) / 2), std::nullopt);
}

TEST(CheckedMathTest, RefusesProductsThatWouldWrapAroundToSomethingSmall) {
  EXPECT_EQ(CheckedMul(std::uint64_t{1} << 32, std::uint64_t{1} << 32), std::nullopt);
  EXPECT_EQ(CheckedMul(kMaxU64, kMaxU64), std::nullopt);
}

TEST(CheckedMathTest, DividesRoundingUp) {
  EXPECT_EQ(DivideRoundingUp(0, 10), Uint128{0});
  EXPECT_EQ(DivideRoundingUp(1, 10), Uint128{1});
  EXPECT_EQ(DivideRoundingUp(10, 10), Uint128{1});
  EXPECT_EQ(DivideRoundingUp(11, 10), Uint128{2});
}

TEST(CheckedMathTest, DividesTheLargestProductWithoutLoss) {
  const Uint128 product = Uint128{kMaxU64} * kMaxU64;
  EXPECT_TRUE(DivideRoundingUp(product, kMaxU64) == kMaxU64);
  EXPECT_TRUE(DivideRoundingUp(product + 1, kMaxU64) == Uint128{kMaxU64} + 1);
}

}  // namespace
}  // namespace bourse
