#include "matching/engine.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace bourse::matching {
namespace {

constexpr std::uint32_t kNoCap = 1'000;

class EngineTest : public ::testing::Test {
 protected:
  EngineTest() : market_(engine_.AddMarket()) {}

  NewOrder Order(Side side, std::uint64_t price, std::uint64_t quantity, std::uint32_t owner) {
    return {.market = market_,
            .side = side,
            .owner = AccountIndex(owner),
            .price = PriceTicks(price),
            .quantity = Lots(quantity)};
  }
  Outcome Place(const NewOrder& order, std::uint32_t cap = kNoCap) {
    matches_.clear();
    return engine_.Place(order, cap, &matches_);
  }

  Engine engine_;
  MarketId market_;
  std::vector<Match> matches_;
};

TEST_F(EngineTest, FillsOldestOrderFirstAtSamePrice) {
  const OrderSlot first = Place(Order(Side::kSell, 100, 5, 1)).slot;
  Place(Order(Side::kSell, 100, 5, 2));
  const Outcome outcome = Place(Order(Side::kBuy, 100, 5, 3));
  EXPECT_EQ(outcome.kind, Outcome::Kind::kFilled);
  ASSERT_EQ(matches_.size(), 1u);
  EXPECT_EQ(matches_[0].maker, first);
}

TEST_F(EngineTest, FillsBestPriceFirst) {
  Place(Order(Side::kBuy, 100, 5, 1));
  const OrderSlot best = Place(Order(Side::kBuy, 101, 5, 2)).slot;
  Place(Order(Side::kSell, 100, 7, 3));
  ASSERT_EQ(matches_.size(), 2u);
  EXPECT_EQ(matches_[0].maker, best);
  EXPECT_EQ(matches_[0].price, PriceTicks(101));
  EXPECT_EQ(matches_[1].kind, Match::Kind::kPartialFill);
  EXPECT_EQ(matches_[1].quantity, Lots(2));
}

TEST_F(EngineTest, RestsWhatIsLeftOfALimitOrder) {
  Place(Order(Side::kSell, 100, 5, 1));
  const Outcome outcome = Place(Order(Side::kBuy, 100, 7, 2));
  EXPECT_EQ(outcome.kind, Outcome::Kind::kRested);
  EXPECT_EQ(outcome.remaining, Lots(2));
  EXPECT_EQ(engine_.Best(market_, Side::kBuy), PriceTicks(100));
  EXPECT_EQ(engine_.Best(market_, Side::kSell), std::nullopt);
  EXPECT_EQ(engine_.Cancel(outcome.slot), Lots(2));
  EXPECT_EQ(engine_.resting(), 0u);
}

TEST_F(EngineTest, StopsAtTheCap) {
  for (std::uint32_t i = 0; i < 3; ++i) Place(Order(Side::kSell, 100, 1, 1));
  const Outcome outcome = Place(Order(Side::kBuy, 100, 3, 2), 2);
  EXPECT_EQ(outcome.kind, Outcome::Kind::kCapped);
  EXPECT_EQ(outcome.remaining, Lots(1));
  EXPECT_EQ(matches_.size(), 2u);
}

}  // namespace
}  // namespace bourse::matching
