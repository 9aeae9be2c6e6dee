#include "cli/decimal.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/checked_math.h"

namespace bourse::cli {
namespace {

// BTC/USD of a devnet: lots of 0.001 BTC, ticks of 0.01 USD for a BTC.
const Step kLot = Step::Lot(100'000, 8);
const Step kTick = Step::Tick(100'000, 8, 10, 6);

std::string ErrorOf(const Step& step, const std::string& text) {
  return std::string(step.Count("quantity", text).status().message());
}

TEST(DecimalTest, CountsLotsAndTicksExactly) {
  EXPECT_EQ(kLot.Count("quantity", "0.5").value(), 500U);
  EXPECT_EQ(kLot.Count("quantity", "0.500000000000").value(), 500U);
  EXPECT_EQ(kLot.Count("quantity", ".001").value(), 1U);
  EXPECT_EQ(kTick.Count("price", "64000").value(), 6'400'000U);
  EXPECT_EQ(Step::Atom(18).Count("amount", "1.000000000000000001").value(),
            1'000'000'000'000'000'001U);
}

TEST(DecimalTest, NamesTheNearestValuesOfAnOffLotQuantity) {
  EXPECT_EQ(ErrorOf(kLot, "0.5003"),
            "quantity '0.5003' is no multiple of the lot 0.001: use 0.500 or 0.501");
}

TEST(DecimalTest, NamesOnlyTheValueAboveWhenTheOneBelowIsZero) {
  EXPECT_EQ(ErrorOf(kLot, "0.0003"),
            "quantity '0.0003' is no multiple of the lot 0.001: use 0.001");
}

TEST(DecimalTest, RefusesZeroWithTheLeastThatWouldDo) {
  EXPECT_EQ(ErrorOf(kLot, "0.000"), "quantity '0.000' is zero: the least is 0.001");
}

TEST(DecimalTest, RefusesWhatIsNoPlainNumber) {
  for (const char* text : {"", ".", "-1", "+1", "1e3", "1,5", "0x10", " 1", "1.2.3", "nan", "1 000",
                           "\xc2\xbd", "12ducks", "5ticks"}) {
    EXPECT_FALSE(kLot.Count("quantity", text).ok()) << text;
  }
  EXPECT_FALSE(kLot.Count("quantity", std::string(81, '1')).ok());
}

TEST(DecimalTest, TellsThatACommaIsNoPoint) {
  EXPECT_TRUE(absl::StrContains(ErrorOf(kLot, "0,5"), "with a point"));
}

TEST(DecimalTest, TakesTheLargestValueAndNoLargerOne) {
  EXPECT_EQ(Step::Atom(0).Count("amount", "9223372036854775807").value(), kMaxAtoms);
  EXPECT_FALSE(Step::Atom(0).Count("amount", "9223372036854775808").ok());
  EXPECT_EQ(Step::Atom(18).Count("amount", "9.223372036854775807").value(), kMaxAtoms);
  EXPECT_FALSE(Step::Atom(18).Count("amount", "9.223372036854775808").ok());
  EXPECT_FALSE(Step::Atom(0).Count("amount", "18446744073709551617").ok());
}

TEST(DecimalTest, TakesANumberOfSteps) {
  EXPECT_EQ(kLot.Count("quantity", "500lots").value(), 500U);
  EXPECT_EQ(kLot.Count("quantity", "1lot").value(), 1U);
  EXPECT_FALSE(kLot.Count("quantity", "0lots").ok());
  EXPECT_FALSE(kLot.Count("quantity", "9223372036854775808lots").ok());
}

TEST(DecimalTest, FormatsWithTheStepsNumberOfPlaces) {
  EXPECT_EQ(kLot.Format(500), "0.500");
  EXPECT_EQ(kTick.Format(6'400'050), "64000.50");
  EXPECT_EQ(Step::Atom(0).Format(7), "7");
  EXPECT_EQ(Step::Atom(8).Format(0), "0.00000000");
  EXPECT_EQ(Step::Lot(5'000'000'000, 8).Format(3), "150");
}

TEST(DecimalTest, ATickThatIsNoFiniteDecimalIsCutAndTypedInTicks) {
  const Step third = Step::Tick(3, 0, 1, 0);
  EXPECT_EQ(third.size(), "1/3");
  EXPECT_EQ(third.Format(1), "0.333333333333…");
  EXPECT_EQ(third.Format(6), "2.000000000000");
  EXPECT_EQ(third.Count("price", "2").value(), 6U);
  EXPECT_EQ(third.Count("price", "4ticks").value(), 4U);
  EXPECT_EQ(third.Count("price", "1.5").status().message(),
            "price '1.5' is no multiple of the tick 1/3: use 4ticks or 5ticks");
}

TEST(DecimalTest, ParsesPercentsAndNothingThatMayBeMeantOtherwise) {
  EXPECT_EQ(ParsePercent("slippage", "0.5%").value(), 5'000U);
  EXPECT_EQ(ParsePercent("slippage", "0%").value(), 0U);
  EXPECT_FALSE(ParsePercent("slippage", "0.5").ok());
  EXPECT_EQ(ParsePercent("slippage", "100%").value(), 1'000'000U);
  EXPECT_FALSE(ParsePercent("slippage", "101%").ok());
  EXPECT_FALSE(ParsePercent("slippage", "0.00001%").ok());
  EXPECT_FALSE(ParsePercent("slippage", "%").ok());
}

TEST(DecimalTest, ParsesNumbersUpTo64Bits) {
  EXPECT_EQ(ParseNumber("id", "18446744073709551615").value(), ~std::uint64_t{0});
  EXPECT_FALSE(ParseNumber("id", "18446744073709551616").ok());
  EXPECT_FALSE(ParseNumber("id", "-1").ok());
  EXPECT_FALSE(ParseNumber("id", "").ok());
}

// Any step and count: what is printed is read as the same count.
TEST(DecimalPropertyTest, WhatIsFormattedIsCountedBackExactly) {
  std::mt19937_64 random(20'26);
  for (int round = 0; round < 3'000; ++round) {
    const auto decimals = [&] { return static_cast<std::uint32_t>(random() % 19); };
    const auto size = [&] { return (random() >> (1 + random() % 62)) + 1; };
    const std::uint64_t count = (random() >> (1 + random() % 63)) + 1;
    if (count > kMaxAtoms) continue;
    const std::uint64_t lot = size(), tick = size();
    const std::uint32_t base = decimals(), quote = decimals();
    const Step ticks = Step::Tick(lot, base, tick, quote);
    for (const Step& step : {Step::Atom(base), Step::Lot(lot, base), ticks}) {
      const std::string text = step.Format(count);
      if (absl::StrContains(ticks.size(), "/") && absl::EndsWith(text, "…")) {
        ASSERT_EQ(text, ticks.Format(count)) << "atoms and lots are finite decimals";
        continue;
      }
      ASSERT_FALSE(absl::EndsWith(text, "…")) << round << ": " << text;
      const absl::StatusOr<std::uint64_t> back = step.Count("number", text);
      ASSERT_TRUE(back.ok()) << round << ": " << back.status();
      ASSERT_EQ(*back, count) << round << ": " << text;
    }
  }
}

// Against 128-bit arithmetic: a decimal of up to 18 places is accepted exactly when the lot
// divides it, and else the two values offered enclose it, next to each other.
TEST(DecimalPropertyTest, OffersTheNextMultiplesAroundAnyOtherValue) {
  std::mt19937_64 random(7);
  int refused = 0;
  for (int round = 0; round < 3'000; ++round) {
    const std::uint64_t lot = random() % 1'000 + 1;
    const std::uint64_t atoms = random() % 1'000'000'000'000;  // at 9 places
    if (atoms == 0) continue;
    const Step step = Step::Lot(lot, 9);
    const std::string text = Step::Atom(9).Format(atoms);
    const absl::StatusOr<std::uint64_t> count = step.Count("quantity", text);
    if (atoms % lot == 0) {
      ASSERT_EQ(count.value(), atoms / lot) << round;
      continue;
    }
    ++refused;
    const std::uint64_t below = atoms / lot;
    const std::string offer =
        below == 0 ? step.Format(1)
                   : absl::StrCat(step.Format(below), " or ", step.Format(below + 1));
    ASSERT_TRUE(absl::EndsWith(std::string(count.status().message()), ": use " + offer))
        << round << ": " << count.status();
  }
  EXPECT_GT(refused, 1'000);
}

}  // namespace
}  // namespace bourse::cli
