// The shapes of order flow that the engine is tested under: what prices come,
// how large books grow, how takers are capped. Each aims at a part of the engine.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <random>
#include <vector>

#include "common/checked_math.h"
#include "common/units.h"

namespace bourse::matching::testing {

// Integers from a seed, the same on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  // From 0 to n - 1. REQUIRES: n > 0.
  std::uint64_t Below(std::uint64_t n) {
    return static_cast<std::uint64_t>(Uint128{engine_()} * n >> 64);
  }
  std::uint64_t Between(std::uint64_t low, std::uint64_t high) {
    return low + Below(high - low + 1);
  }
  bool OneIn(std::uint64_t n) { return Below(n) == 0; }
  // Up to 2^bits - 1, each number of binary digits as likely as any other.
  std::uint64_t Magnitude(std::uint64_t bits) { return Below(std::uint64_t{1} << Below(bits + 1)); }

 private:
  std::mt19937_64 engine_;
};

inline constexpr std::uint64_t kMaxPrice = kMaxAtoms;

struct Shape {
  const char* name;
  std::uint32_t markets = 1;
  std::size_t resting_goal = 1'000;  // the books grow to about this
  std::uint64_t owners = 20;
  std::uint64_t max_quantity = 100;
  std::uint32_t max_cap = 1'000;   // makers a taker may meet
  std::uint64_t cross_one_in = 8;  // orders that are priced to meet makers
  std::uint64_t empty_after = 0;   // operations between goals of 0 and `resting_goal`; 0: never
  // The middle of the market at an operation, and how far from it an order is.
  std::function<std::uint64_t(Random&, std::uint64_t operation)> middle;
  std::function<std::uint64_t(Random&)> distance;
};

// Prices at `middle` ± `distance`, kept within the range of prices.
inline PriceTicks PriceAt(Side side, std::uint64_t middle, std::uint64_t distance) {
  if (side == Side::kBuy) return PriceTicks(middle > distance ? middle - distance : 1);
  return PriceTicks(distance < kMaxPrice - middle ? middle + distance : kMaxPrice);
}

inline std::vector<Shape> AllShapes() {
  const auto at = [](std::uint64_t price) {
    return [price](Random&, std::uint64_t) { return price; };
  };
  const auto within = [](std::uint64_t width) {
    return [width](Random& random) { return random.Below(width); };
  };
  // Most orders near the middle, some far out, as in a market.
  const auto heavy_tail = [](std::uint64_t unit) {
    return [unit](Random& random) {
      return 100 * unit * 1024 / random.Between(1, 1024) - 100 * unit + random.Below(unit);
    };
  };
  return {
      {.name = "dense", .middle = at(50'000), .distance = within(40)},
      {.name = "one price", .resting_goal = 300, .middle = at(7), .distance = within(1)},
      {.name = "market", .resting_goal = 4'000, .middle = at(50'000), .distance = heavy_tail(1)},
      {.name = "sparse market",
       .resting_goal = 4'000,
       .middle = at(50'000'000),
       .distance = heavy_tail(1'000)},
      {.name = "whole range",
       .resting_goal = 3'000,
       .max_quantity = std::uint64_t{1} << 50,
       .middle = at(kMaxPrice / 2),
       .distance = within(kMaxPrice / 2)},
      // So many prices that the trees get a floor more, and lose it.
      {.name = "deep trees",
       .resting_goal = 12'000,
       .cross_one_in = 1'000,
       .empty_after = 20'000,
       .middle = at(kMaxPrice / 2),
       .distance = within(kMaxPrice / 2)},
      {.name = "all magnitudes",
       .middle =
           [](Random& random, std::uint64_t) {
             return random.OneIn(20) ? random.Magnitude(63) + 1 : 1 << 20;
           },
       .distance = [](Random& random) { return random.Magnitude(63); }},
      {.name = "lowest prices", .middle = at(3), .distance = within(5'000)},
      {.name = "highest prices", .middle = at(kMaxPrice - 3), .distance = within(5'000)},
      {.name = "few makers a taker",
       .max_quantity = 1'000,
       .max_cap = 3,
       .cross_one_in = 3,
       .middle = at(1'000),
       .distance = within(30)},
      {.name = "two owners",
       .owners = 2,
       .cross_one_in = 3,
       .middle = at(900),
       .distance = within(60)},
      {.name = "fills and empties",
       .resting_goal = 6'000,
       .empty_after = 9'000,
       .middle = at(100'000),
       .distance = within(6'000)},
      {.name = "many markets",
       .markets = 60,
       .resting_goal = 2'000,
       .middle = at(20'000),
       .distance = heavy_tail(1)},
      {.name = "drifting up",
       .middle = [](Random&, std::uint64_t operation) { return 20'000 + operation * 2; },
       .distance = within(900)},
      {.name = "drifting down",
       .middle = [](Random&,
                    std::uint64_t operation) { return (std::uint64_t{1} << 40) - operation * 3; },
       .distance = within(3'000)},
      // Against the window: the best price jumps, and orders come just within
      // and just beyond where a window would end.
      {.name = "jumping best",
       .resting_goal = 2'000,
       .cross_one_in = 5,
       .middle =
           [](Random&, std::uint64_t operation) {
             return std::uint64_t{1'000'000} + operation / 150 % 5 * 4'100;
           },
       .distance = within(4'200)},
      {.name = "edges of the window",
       .resting_goal = 3'000,
       .middle =
           [](Random& random, std::uint64_t operation) {
             return std::uint64_t{1'000'000} + operation / 2'000 % 3 * 1'024 + random.Below(3);
           },
       .distance =
           [](Random& random) {
             constexpr std::uint64_t kEdges[] = {0, 64, 1'024, 3'072, 4'096};
             return kEdges[random.Below(5)] + random.Below(40);
           }},
      {.name = "thin and thick",
       .resting_goal = 80,
       .empty_after = 130,
       .middle = at(30'000),
       .distance = within(2'500)},
  };
}

}  // namespace bourse::matching::testing
