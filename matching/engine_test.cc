#include "matching/engine.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bourse::matching {
namespace {

constexpr std::uint32_t kNoCap = 1'000;
constexpr std::uint64_t kMax = (std::uint64_t{1} << 63) - 1;
constexpr std::uint32_t kMe = 9;

class EngineTest : public ::testing::Test {
 protected:
  EngineTest() : market_(engine_.AddMarket()) {}

  [[nodiscard]] NewOrder Order(Side side, std::uint64_t price, std::uint64_t quantity,
                               std::uint32_t owner) const {
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
  OrderSlot Sell(std::uint64_t price, std::uint64_t quantity, std::uint32_t owner) {
    return Place(Order(Side::kSell, price, quantity, owner)).slot;
  }
  OrderSlot Buy(std::uint64_t price, std::uint64_t quantity, std::uint32_t owner) {
    return Place(Order(Side::kBuy, price, quantity, owner)).slot;
  }
  // As "5@100 filled, 2@101 partly".
  [[nodiscard]] std::string Matches() const {
    constexpr const char* kKinds[] = {" partly", " filled", " cancelled"};
    std::string text;
    for (const Match& match : matches_) {
      text += (text.empty() ? "" : ", ") + std::to_string(match.quantity.value()) + "@" +
              std::to_string(match.price.value()) + kKinds[static_cast<int>(match.kind)];
    }
    return text;
  }
  // As "100:5x2 101:3x1": price, quantity, orders.
  [[nodiscard]] std::string Depth(Side side, std::size_t count = 100) const {
    std::string text;
    for (const Level& level : engine_.Depth(market_, side, count)) {
      text += (text.empty() ? "" : " ") + std::to_string(level.price.value()) + ":" +
              std::to_string(level.quantity.value()) + "x" + std::to_string(level.orders);
    }
    return text;
  }

  Engine engine_;
  MarketId market_;
  std::vector<Match> matches_;
};

// Priority.

TEST_F(EngineTest, FillsOldestOrderFirstAtSamePrice) {
  const OrderSlot first = Sell(100, 5, 1);
  Sell(100, 5, 2);
  EXPECT_EQ(Place(Order(Side::kBuy, 100, 5, 3)).kind, Outcome::Kind::kFilled);
  ASSERT_EQ(matches_.size(), 1u);
  EXPECT_EQ(matches_[0].maker, first);
}

TEST_F(EngineTest, FillsBestPriceFirst) {
  Buy(100, 5, 1);
  Buy(101, 5, 2);
  Sell(100, 7, 3);
  EXPECT_EQ(Matches(), "5@101 filled, 2@100 partly");
}

TEST_F(EngineTest, FillsAtTheMakersPrice) {
  Sell(100, 5, 1);
  Buy(200, 5, 2);
  EXPECT_EQ(Matches(), "5@100 filled");
}

TEST_F(EngineTest, APartlyFilledOrderKeepsItsPlace) {
  const OrderSlot first = Sell(100, 5, 1);
  Sell(100, 5, 2);
  Buy(100, 2, 3);
  Buy(100, 2, 3);
  EXPECT_EQ(matches_[0].maker, first);
  EXPECT_EQ(engine_.Get(first).quantity, Lots(1));
  EXPECT_EQ(Depth(Side::kSell), "100:6x2");
}

TEST_F(EngineTest, AReducedOrderKeepsItsPlace) {
  const OrderSlot first = Sell(100, 5, 1);
  Sell(100, 5, 2);
  engine_.Reduce(first, Lots(2));
  EXPECT_EQ(Depth(Side::kSell), "100:7x2");
  Buy(100, 3, 3);
  EXPECT_EQ(Matches(), "2@100 filled, 1@100 partly");
  EXPECT_EQ(matches_[0].maker, first);
}

TEST_F(EngineTest, OrdersOnBothSidesOfACancelledOneKeepTheirOrder) {
  const OrderSlot first = Sell(100, 1, 1);
  const OrderSlot second = Sell(100, 2, 1);
  const OrderSlot third = Sell(100, 3, 1);
  EXPECT_EQ(engine_.Cancel(second), Lots(2));
  Buy(100, 4, 2);
  ASSERT_EQ(matches_.size(), 2u);
  EXPECT_EQ(matches_[0].maker, first);
  EXPECT_EQ(matches_[1].maker, third);
}

TEST_F(EngineTest, RestStandsBehindAllOthersOfItsPrice) {
  Sell(100, 1, 1);
  const OrderSlot rested = engine_.Rest(Order(Side::kSell, 100, 2, 1));
  Buy(100, 2, 2);
  EXPECT_EQ(Matches(), "1@100 filled, 1@100 partly");
  EXPECT_EQ(matches_[1].maker, rested);
}

// Resting.

TEST_F(EngineTest, RestsWhatIsLeftOfALimitOrder) {
  Sell(100, 5, 1);
  const Outcome outcome = Place(Order(Side::kBuy, 100, 7, 2));
  EXPECT_EQ(outcome.kind, Outcome::Kind::kRested);
  EXPECT_EQ(outcome.remaining, Lots(2));
  EXPECT_EQ(engine_.Best(market_, Side::kBuy), PriceTicks(100));
  EXPECT_EQ(engine_.Best(market_, Side::kSell), std::nullopt);
  EXPECT_EQ(engine_.Cancel(outcome.slot), Lots(2));
  EXPECT_EQ(engine_.resting(), 0u);
}

TEST_F(EngineTest, TellsWhatRests) {
  const OrderSlot slot = Buy(77, 5, 3);
  const RestingOrder order = engine_.Get(slot);
  EXPECT_EQ(order.market, market_);
  EXPECT_EQ(order.side, Side::kBuy);
  EXPECT_EQ(order.owner, AccountIndex(3));
  EXPECT_EQ(order.price, PriceTicks(77));
  EXPECT_EQ(order.quantity, Lots(5));
  EXPECT_LT(slot.value(), engine_.slot_limit());
  EXPECT_NE(slot, kNoSlot);
}

TEST_F(EngineTest, BestPriceFollowsTheLevels) {
  const OrderSlot worse = Buy(100, 5, 1);
  const OrderSlot better = Buy(105, 5, 1);
  EXPECT_EQ(engine_.Best(market_, Side::kBuy), PriceTicks(105));
  engine_.Cancel(better);
  EXPECT_EQ(engine_.Best(market_, Side::kBuy), PriceTicks(100));
  engine_.Cancel(worse);
  EXPECT_EQ(engine_.Best(market_, Side::kBuy), std::nullopt);
}

TEST_F(EngineTest, DepthIsBestFirstAndAsLongAsAsked) {
  for (const std::uint64_t price : {103, 101, 102, 101}) Sell(price, 5, 1);
  EXPECT_EQ(Depth(Side::kSell), "101:10x2 102:5x1 103:5x1");
  EXPECT_EQ(Depth(Side::kSell, 2), "101:10x2 102:5x1");
  EXPECT_EQ(Depth(Side::kSell, 0), "");
  EXPECT_EQ(Depth(Side::kBuy), "");
}

TEST_F(EngineTest, WalkVisitsByPriorityUntilToldToStop) {
  Buy(100, 1, 1);
  Buy(101, 2, 1);
  Buy(101, 3, 1);
  std::vector<std::uint64_t> quantities;
  engine_.Walk(market_, Side::kBuy, [&](OrderSlot, const RestingOrder& order) {
    quantities.push_back(order.quantity.value());
    return quantities.size() < 2;
  });
  EXPECT_EQ(quantities, (std::vector<std::uint64_t>{2, 3}));
}

TEST_F(EngineTest, MarketsDoNotMeet) {
  const MarketId other = engine_.AddMarket();
  EXPECT_EQ(engine_.markets(), 2u);
  Sell(100, 5, 1);
  NewOrder order = Order(Side::kBuy, 100, 5, 2);
  order.market = other;
  const Outcome outcome = Place(order);
  EXPECT_EQ(outcome.kind, Outcome::Kind::kRested);
  EXPECT_EQ(engine_.Get(outcome.slot).market, other);
  EXPECT_EQ(engine_.Best(other, Side::kSell), std::nullopt);
}

// Order types and self-trade prevention. The book, all of it asks: 5 lots of
// somebody and then 5 of the taker's own at 100, 5 of somebody else at 101. The
// taker buys up to 101.

struct Case {
  OrderType type;
  SelfTrade self_trade;
  std::uint64_t quantity;
  Outcome::Kind outcome;
  std::uint64_t remaining;
  const char* matches;
  const char* asks;  // afterwards
};

class EngineTableTest : public EngineTest, public ::testing::WithParamInterface<Case> {};

TEST_P(EngineTableTest, DoesAsItsTypeAndModeSay) {
  Sell(100, 5, 1);
  Sell(100, 5, kMe);
  Sell(101, 5, 2);
  NewOrder order = Order(Side::kBuy, 101, GetParam().quantity, kMe);
  order.type = GetParam().type;
  order.self_trade = GetParam().self_trade;
  const Outcome outcome = Place(order);
  EXPECT_EQ(outcome.kind, GetParam().outcome);
  EXPECT_EQ(outcome.remaining, Lots(GetParam().remaining));
  EXPECT_EQ(Matches(), GetParam().matches);
  EXPECT_EQ(Depth(Side::kSell), GetParam().asks);
  const bool rested = GetParam().outcome == Outcome::Kind::kRested;
  EXPECT_EQ(Depth(Side::kBuy), rested ? "101:" + std::to_string(GetParam().remaining) + "x1" : "");
  EXPECT_EQ(outcome.slot != kNoSlot, rested);
}

constexpr auto kLimit = OrderType::kLimit;
constexpr auto kMarket = OrderType::kMarket;
constexpr auto kIoc = OrderType::kImmediateOrCancel;
constexpr auto kFok = OrderType::kFillOrKill;
constexpr auto kPostOnly = OrderType::kPostOnly;
constexpr auto kTaker = SelfTrade::kCancelTaker;
constexpr auto kMaker = SelfTrade::kCancelMaker;
constexpr auto kBoth = SelfTrade::kCancelBoth;
constexpr auto kStopped = Outcome::Kind::kSelfTradeCancelled;
constexpr auto kFilled = Outcome::Kind::kFilled;
constexpr auto kKilled = Outcome::Kind::kRejectedFillOrKill;
constexpr auto kNotPosted = Outcome::Kind::kRejectedPostOnly;
constexpr const char* kWhole = "100:10x2 101:5x1";
constexpr const char* kAll = "5@100 filled, 5@100 cancelled, 5@101 filled";

INSTANTIATE_TEST_SUITE_P(
    TypesAndModes, EngineTableTest,
    ::testing::Values(
        Case{kLimit, kTaker, 12, kStopped, 7, "5@100 filled", "100:5x1 101:5x1"},
        Case{kLimit, kMaker, 12, Outcome::Kind::kRested, 2, kAll, ""},
        Case{kLimit, kBoth, 12, kStopped, 7, "5@100 filled, 5@100 cancelled", "101:5x1"},
        Case{kMarket, kTaker, 12, kStopped, 7, "5@100 filled", "100:5x1 101:5x1"},
        Case{kMarket, kMaker, 12, Outcome::Kind::kCancelled, 2, kAll, ""},
        Case{kMarket, kBoth, 12, kStopped, 7, "5@100 filled, 5@100 cancelled", "101:5x1"},
        Case{kIoc, kTaker, 12, kStopped, 7, "5@100 filled", "100:5x1 101:5x1"},
        Case{kIoc, kMaker, 12, Outcome::Kind::kCancelled, 2, kAll, ""},
        Case{kIoc, kBoth, 12, kStopped, 7, "5@100 filled, 5@100 cancelled", "101:5x1"},
        // Its own 5 lots count for nothing: 10 are there, 11 are not.
        Case{kFok, kMaker, 10, kFilled, 0, kAll, ""},
        Case{kFok, kMaker, 11, kKilled, 11, "", kWhole},
        Case{kFok, kTaker, 6, kKilled, 6, "", kWhole}, Case{kFok, kBoth, 6, kKilled, 6, "", kWhole},
        // Filled before it meets its own order.
        Case{kFok, kTaker, 5, kFilled, 0, "5@100 filled", "100:5x1 101:5x1"},
        Case{kFok, kMaker, 5, kFilled, 0, "5@100 filled", "100:5x1 101:5x1"},
        Case{kFok, kBoth, 5, kFilled, 0, "5@100 filled", "100:5x1 101:5x1"},
        Case{kLimit, kTaker, 5, kFilled, 0, "5@100 filled", "100:5x1 101:5x1"},
        Case{kLimit, kBoth, 3, kFilled, 0, "3@100 partly", "100:7x2 101:5x1"},
        Case{kPostOnly, kTaker, 12, kNotPosted, 12, "", kWhole},
        Case{kPostOnly, kMaker, 12, kNotPosted, 12, "", kWhole},
        Case{kPostOnly, kBoth, 12, kNotPosted, 12, "", kWhole}));

class EngineWithoutMakersTest
    : public EngineTest,
      public ::testing::WithParamInterface<std::pair<OrderType, Outcome::Kind>> {};

TEST_P(EngineWithoutMakersTest, MeetsNobody) {
  Sell(101, 5, 1);
  NewOrder order = Order(Side::kBuy, 100, 3, kMe);
  order.type = GetParam().first;
  const Outcome outcome = Place(order);
  EXPECT_EQ(outcome.kind, GetParam().second);
  EXPECT_EQ(outcome.remaining, Lots(3));
  EXPECT_EQ(Matches(), "");
  EXPECT_EQ(engine_.resting(), outcome.kind == Outcome::Kind::kRested ? 2u : 1u);
}

INSTANTIATE_TEST_SUITE_P(Types, EngineWithoutMakersTest,
                         ::testing::Values(std::pair(kLimit, Outcome::Kind::kRested),
                                           std::pair(kPostOnly, Outcome::Kind::kRested),
                                           std::pair(kMarket, Outcome::Kind::kCancelled),
                                           std::pair(kIoc, Outcome::Kind::kCancelled),
                                           std::pair(kFok, kKilled)));

// The cap.

class EngineCapTest : public EngineTest {
 protected:
  // Three makers of a lot each, at 100, 101 and 102.
  EngineCapTest() {
    for (std::uint64_t price = 100; price < 103; ++price) Sell(price, 1, 1);
  }
  Outcome::Kind BuyWithCap(OrderType type, std::uint64_t quantity, std::uint32_t cap,
                           SelfTrade self_trade = kTaker, std::uint64_t price = 102) {
    NewOrder order = Order(Side::kBuy, price, quantity, kMe);
    order.type = type;
    order.self_trade = self_trade;
    return Place(order, cap).kind;
  }
};

TEST_F(EngineCapTest, AnOrderThatCouldGoOnIsCappedAndDoesNotRest) {
  EXPECT_EQ(BuyWithCap(kLimit, 5, 2), Outcome::Kind::kCapped);
  EXPECT_EQ(Matches(), "1@100 filled, 1@101 filled");
  EXPECT_EQ(Depth(Side::kBuy), "");
  EXPECT_EQ(BuyWithCap(kLimit, 3, 2), Outcome::Kind::kRested);
  EXPECT_EQ(Matches(), "1@102 filled");
}

TEST_F(EngineCapTest, AnOrderFilledByItsLastMakerIsFilled) {
  EXPECT_EQ(BuyWithCap(kLimit, 3, 3), kFilled);
}

TEST_F(EngineCapTest, AnOrderWithoutMakersBeyondTheCapIsNotCapped) {
  EXPECT_EQ(BuyWithCap(kIoc, 5, 3), Outcome::Kind::kCancelled);
}

TEST_F(EngineCapTest, APriceThatAcceptsNoMoreIsNotCapped) {
  EXPECT_EQ(BuyWithCap(kLimit, 5, 2, kTaker, 101), Outcome::Kind::kRested);
}

TEST_F(EngineCapTest, FillOrKillMayNeedAllMakersOfItsCapButNoMore) {
  EXPECT_EQ(BuyWithCap(kFok, 3, 2), kKilled);
  EXPECT_EQ(Depth(Side::kSell), "100:1x1 101:1x1 102:1x1");
  EXPECT_EQ(BuyWithCap(kFok, 3, 3), kFilled);
}

TEST_F(EngineCapTest, MakersCancelledBySelfTradePreventionCount) {
  Sell(99, 1, kMe);
  EXPECT_EQ(BuyWithCap(kFok, 3, 3, kMaker), kKilled);
  EXPECT_EQ(BuyWithCap(kLimit, 3, 3, kMaker), Outcome::Kind::kCapped);
  EXPECT_EQ(Matches(), "1@99 cancelled, 1@100 filled, 1@101 filled");
}

TEST_F(EngineCapTest, TheCapComesBeforeTheOwnOrderBeyondIt) {
  Sell(101, 1, kMe);
  EXPECT_EQ(BuyWithCap(kLimit, 5, 2, kTaker), Outcome::Kind::kCapped);
  EXPECT_EQ(BuyWithCap(kLimit, 5, 2, kTaker), kStopped);
}

// The ends of the ranges.

TEST_F(EngineTest, MatchesAtTheHighestAndTheLowestPrice) {
  Sell(kMax, 5, 1);
  Buy(1, 5, 1);
  EXPECT_EQ(engine_.Best(market_, Side::kSell), PriceTicks(kMax));
  EXPECT_EQ(engine_.Best(market_, Side::kBuy), PriceTicks(1));
  Buy(kMax, 2, 2);
  EXPECT_EQ(Matches(), "2@9223372036854775807 partly");
  Sell(1, 2, 2);
  EXPECT_EQ(Matches(), "2@1 partly");
}

TEST_F(EngineTest, BidsReachTheHighestPriceAndAsksTheLowest) {
  Buy(kMax, 5, 1);
  Sell(kMax, 5, 2);
  EXPECT_EQ(Matches(), "5@9223372036854775807 filled");
  Sell(1, 5, 1);
  Buy(1, 5, 2);
  EXPECT_EQ(Matches(), "5@1 filled");
  EXPECT_EQ(engine_.resting(), 0u);
}

TEST_F(EngineTest, TheGreatestQuantitiesAreFilledExactly) {
  Sell(100, kMax, 1);
  Sell(100, kMax, 1);
  EXPECT_EQ(Depth(Side::kSell), "100:18446744073709551614x2");
  const Outcome outcome = Place(Order(Side::kBuy, 100, kMax, 2));
  EXPECT_EQ(outcome.kind, kFilled);
  EXPECT_EQ(Place(Order(Side::kBuy, 100, kMax - 1, 2)).kind, kFilled);
  EXPECT_EQ(Depth(Side::kSell), "100:1x1");
}

// Memory.

TEST_F(EngineTest, GivesOutTheSlotOfAnOrderThatHasLeft) {
  const OrderSlot slot = Buy(100, 5, 1);
  engine_.Cancel(slot);
  const std::uint32_t limit = engine_.slot_limit();
  for (int i = 0; i < 10'000; ++i) engine_.Cancel(Buy(100, 5, 1));
  EXPECT_EQ(engine_.slot_limit(), limit);
}

TEST_F(EngineTest, GivesMemoryBackWhenOrdersLeave) {
  const std::size_t before = engine_.memory_bytes();
  std::vector<OrderSlot> slots;
  for (std::uint64_t i = 0; i < 200'000; ++i) slots.push_back(Buy(1 + i * 7 % 50'000, 5, 1));
  EXPECT_GE(engine_.memory_bytes(), 200'000u * 32);
  for (const OrderSlot slot : slots) engine_.Cancel(slot);
  EXPECT_EQ(engine_.resting(), 0u);
  EXPECT_LE(engine_.memory_bytes(), before + (1 << 19));
}

TEST_F(EngineTest, EmptyMarketsCostLittle) {
  const std::size_t before = engine_.memory_bytes();
  for (int i = 0; i < 65'535; ++i) engine_.AddMarket();
  EXPECT_LE(engine_.memory_bytes() - before, 65'536u * 512);
}

TEST_F(EngineTest, KeepsItsOrdersWhenMoved) {
  const OrderSlot slot = Buy(100, 5, 1);
  Engine moved = std::move(engine_);
  EXPECT_EQ(moved.Cancel(slot), Lots(5));
}

// Misuse by the caller is a bug, and stops the process.

using EngineDeathTest = EngineTest;

TEST_F(EngineDeathTest, StopsAtASlotThatDoesNotRest) {
  const OrderSlot slot = Buy(100, 5, 1);
  EXPECT_DEATH(engine_.Cancel(kNoSlot), "CHECK");
  EXPECT_DEATH(engine_.Cancel(OrderSlot(engine_.slot_limit())), "CHECK");
  EXPECT_DEATH(engine_.Reduce(slot, Lots(0)), "CHECK");
  EXPECT_DEATH(engine_.Reduce(slot, Lots(6)), "CHECK");
  engine_.Cancel(slot);
  EXPECT_DEATH(engine_.Cancel(slot), "CHECK");
  EXPECT_DEATH(static_cast<void>(engine_.Get(slot)), "CHECK");
}

TEST_F(EngineDeathTest, StopsAtAnOrderOutOfRange) {
  EXPECT_DEATH(Buy(0, 5, 1), "CHECK");
  EXPECT_DEATH(Buy(kMax + 1, 5, 1), "CHECK");
  EXPECT_DEATH(Buy(100, 0, 1), "CHECK");
  EXPECT_DEATH(Buy(100, kMax + 1, 1), "CHECK");
  Sell(100, 5, 1);
  EXPECT_DEATH(engine_.Rest(Order(Side::kBuy, 100, 5, 2)), "CHECK");
}

}  // namespace
}  // namespace bourse::matching
