// Random operations from seeds, on the engine and on its model.
//
//   BOURSE_TEST_SEED        the seed (default 1)
//   BOURSE_TEST_OPERATIONS  operations of each shape (default 60,000)
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "matching/testing/shapes.h"
#include "matching/testing/twin.h"

namespace bourse::matching {
namespace {

using testing::Random;
using testing::Shape;
using testing::Twin;

// Where the test is, for whoever reads of a failed CHECK or a crash.
struct Position {
  const char* shape = "";
  std::uint64_t seed = 0;
  std::uint64_t operation = 0;  // of the shape
  std::uint64_t done = 0;       // of all shapes
};
Position g_position;

void PrintPosition() {
  std::printf("shape '%s', operation %lu, %lu in all; BOURSE_TEST_SEED=%lu\n", g_position.shape,
              static_cast<unsigned long>(g_position.operation),
              static_cast<unsigned long>(g_position.done),
              static_cast<unsigned long>(g_position.seed));
  std::fflush(stdout);
}

void OnCrash(int signal) {
  PrintPosition();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

constexpr std::size_t kTypes = 5;
constexpr std::size_t kSelfTrades = 3;

std::uint64_t FromEnvironment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// How often each order type came with each self-trade mode, and met its owner.
struct Coverage {
  struct Counts {
    std::uint64_t placed = 0;
    std::uint64_t met_maker = 0;
    std::uint64_t met_owner = 0;
  };
  std::array<std::array<Counts, kSelfTrades>, kTypes> combinations{};
  std::array<std::uint64_t, 7> outcomes{};
};

// Draws operations of a shape, and applies them to a twin.
class Driver {
 public:
  Driver(const Shape& shape, std::uint64_t seed, Coverage* coverage)
      : shape_(shape), random_(seed), twin_(shape.markets), coverage_(coverage) {}

  Twin::Difference Step(std::uint64_t operation) {
    operation_ = operation;
    if (operation % 1'000 == 999) {
      if (Twin::Difference difference = twin_.CompareBooks(AnyMarket())) return difference;
    }
    const bool more = twin_.resting() < Goal();
    const std::uint64_t draw = random_.Below(100);
    if (twin_.resting() == 0 || draw < (more ? 70u : 40u)) return PlaceAny();
    if (draw >= 97) return RestAny();
    const std::size_t index = random_.Below(twin_.resting());
    if (draw < 90) return twin_.Cancel(index);
    const std::uint64_t left = twin_.At(index).quantity.value();
    return twin_.Reduce(index, Lots(random_.Between(1, left)));
  }

  Twin::Difference Finish() {
    for (std::uint32_t market = 0; market < shape_.markets; ++market) {
      if (auto difference = twin_.CompareBooks(MarketId(market))) return difference;
    }
    while (twin_.resting() > 0) {
      if (auto difference = twin_.Cancel(random_.Below(twin_.resting()))) return difference;
    }
    return std::nullopt;
  }

 private:
  MarketId AnyMarket() {
    return MarketId(static_cast<std::uint32_t>(random_.Below(shape_.markets)));
  }

  [[nodiscard]] std::size_t Goal() const {
    const bool emptying = shape_.empty_after != 0 && operation_ / shape_.empty_after % 2 == 1;
    return emptying ? 0 : shape_.resting_goal;
  }

  NewOrder AnyOrder() {
    NewOrder order;
    order.market = AnyMarket();
    order.side = random_.OneIn(2) ? Side::kBuy : Side::kSell;
    order.type = static_cast<OrderType>(1 + random_.Below(kTypes));
    if (random_.OneIn(2)) order.type = OrderType::kLimit;
    order.self_trade = static_cast<SelfTrade>(1 + random_.Below(kSelfTrades));
    order.owner = AccountIndex(static_cast<std::uint32_t>(random_.Below(shape_.owners)));
    order.price =
        testing::PriceAt(order.side, shape_.middle(random_, operation_), shape_.distance(random_));
    order.quantity = Lots(random_.Between(1, shape_.max_quantity));
    return order;
  }

  Twin::Difference PlaceAny() {
    NewOrder order = AnyOrder();
    const auto best = twin_.engine().Best(order.market, Opposite(order.side));
    if (best && random_.OneIn(shape_.cross_one_in)) {
      const Side opposite = Opposite(order.side);  // reaching past the best, into its side
      order.price = testing::PriceAt(opposite, best->value(), shape_.distance(random_) / 4);
      if (random_.OneIn(4)) order.quantity = Lots(order.quantity.value() * 8);
    }
    const auto cap = static_cast<std::uint32_t>(
        random_.OneIn(10) ? random_.Between(1, 4) : random_.Between(1, shape_.max_cap));
    Twin::Difference difference = twin_.Place(order, cap);
    Count(order);
    return difference;
  }

  Twin::Difference RestAny() {
    const NewOrder order = AnyOrder();
    const auto best = twin_.engine().Best(order.market, Opposite(order.side));
    const bool crosses =
        best && (order.side == Side::kBuy ? order.price >= *best : order.price <= *best);
    return crosses ? std::nullopt : twin_.Rest(order);
  }

  void Count(const NewOrder& order) {
    Coverage::Counts& counts =
        coverage_->combinations[static_cast<std::size_t>(order.type) - 1]
                               [static_cast<std::size_t>(order.self_trade) - 1];
    const std::vector<Match>& matches = twin_.matches();
    const bool met_owner = twin_.outcome().kind == Outcome::Kind::kSelfTradeCancelled ||
                           std::any_of(matches.begin(), matches.end(), [](const Match& match) {
                             return match.kind == Match::Kind::kSelfCancel;
                           });
    ++counts.placed;
    counts.met_maker += matches.empty() ? 0 : 1;
    counts.met_owner += met_owner ? 1 : 0;
    ++coverage_->outcomes[static_cast<std::size_t>(twin_.outcome().kind)];
  }

  const Shape& shape_;
  Random random_;
  Twin twin_;
  Coverage* coverage_;
  std::uint64_t operation_ = 0;
};

void Print(const Coverage& coverage, std::uint64_t operations) {
  constexpr const char* kTypeNames[] = {"limit", "market", "IOC", "FOK", "post-only"};
  constexpr const char* kSelfTradeNames[] = {"cancel taker", "cancel maker", "cancel both"};
  constexpr const char* kOutcomeNames[] = {"filled", "rested",    "cancelled",   "self-trade",
                                           "capped", "post-only", "fill or kill"};
  std::printf("%lu operations\n", static_cast<unsigned long>(operations));
  std::printf("%-10s %-13s %9s %10s %10s\n", "type", "self-trade", "placed", "met maker",
              "met owner");
  for (std::size_t type = 0; type < kTypes; ++type) {
    for (std::size_t mode = 0; mode < kSelfTrades; ++mode) {
      const Coverage::Counts& counts = coverage.combinations[type][mode];
      std::printf("%-10s %-13s %9lu %10lu %10lu\n", kTypeNames[type], kSelfTradeNames[mode],
                  static_cast<unsigned long>(counts.placed),
                  static_cast<unsigned long>(counts.met_maker),
                  static_cast<unsigned long>(counts.met_owner));
    }
  }
  for (std::size_t i = 0; i < coverage.outcomes.size(); ++i) {
    std::printf("outcome %-13s %9lu\n", kOutcomeNames[i],
                static_cast<unsigned long>(coverage.outcomes[i]));
  }
}

TEST(EnginePropertyTest, DoesWhatTheModelDoesUnderEveryShapeOfOrderFlow) {
  const std::uint64_t seed = FromEnvironment("BOURSE_TEST_SEED", 1);
  const std::uint64_t operations = FromEnvironment("BOURSE_TEST_OPERATIONS", 60'000);
  std::signal(SIGABRT, OnCrash);
  std::signal(SIGSEGV, OnCrash);
  Coverage coverage;
  for (const Shape& shape : testing::AllShapes()) {
    g_position = {shape.name, seed, 0, g_position.done};
    Driver driver(shape, seed, &coverage);
    Twin::Difference difference;
    while (!difference && g_position.operation < operations) {
      difference = driver.Step(g_position.operation);
      ++g_position.operation;
      ++g_position.done;
    }
    if (!difference) difference = driver.Finish();
    if (difference) {
      PrintPosition();
      FAIL() << *difference;
    }
  }
  Print(coverage, g_position.done);
  if (operations < 60'000) return;
  for (const auto& by_type : coverage.combinations) {
    for (const Coverage::Counts& counts : by_type) EXPECT_GE(counts.placed, 1'000u);
  }
  for (const std::uint64_t count : coverage.outcomes) EXPECT_GE(count, 1'000u);
}

}  // namespace
}  // namespace bourse::matching
