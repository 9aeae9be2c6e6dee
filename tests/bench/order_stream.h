// The benchmark's order flow: the same operations on every machine, drawn from
// a seed with integers alone, and what every right engine makes of them.
//
// Half of the operations add an order, 40% cancel, 5% replace, 5% take at any
// price; 4% of what is added crosses. Prices lie around the middle of the market
// with a heavy tail, and cancels are mostly of recent orders. First comes a
// prefill, which is not timed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/units.h"
#include "tests/bench/large_pages.h"

namespace bourse::bench {

struct StreamSpec {
  char name;
  std::uint32_t markets;
  std::uint64_t resting;  // orders of the first market; the k-th has a k-th of them
  std::uint64_t operations;
  std::uint64_t price_unit;  // ticks between neighbouring prices near the middle
  std::uint64_t seed;
};

// What the trades of a run come to. `hash` is over makers and quantities, in order.
struct TradeTotals {
  std::uint64_t trades = 0;
  std::uint64_t quantity = 0;
  std::uint64_t hash = 1469598103934665603u;

  void Add(std::uint64_t maker_id, std::uint64_t lots) {
    constexpr std::uint64_t kPrime = 1099511628211u;  // of FNV-1a
    ++trades;
    quantity += lots;
    hash = (hash ^ maker_id) * kPrime;
    hash = (hash ^ lots) * kPrime;
  }
  friend bool operator==(const TradeTotals&, const TradeTotals&) = default;
};

enum class StreamKind : std::uint8_t { kAdd, kCancel, kReplace, kMarket };

struct StreamOperation {
  StreamKind kind;
  Side side;
  std::uint16_t market;
  std::uint32_t quantity;
  std::uint64_t price;   // 0 for a cancel or a market order
  std::uint64_t id;      // of the order; of the one to cancel or replace
  std::uint64_t new_id;  // of what replaces it
};
static_assert(sizeof(StreamOperation) == 32);

struct OrderStream {
  StreamSpec spec;
  LargeVector<StreamOperation> operations;
  std::size_t prefill = 0;  // that many of them come first, untimed
  std::uint64_t max_id = 0;
  std::uint64_t resting = 0;  // orders at the end
  std::uint64_t levels = 0;   // prices with orders at the end
  TradeTotals totals;
};

// Streams A to D, of `operations` each.
std::vector<StreamSpec> StandardStreams(std::uint64_t operations);

OrderStream MakeStream(const StreamSpec& spec);

}  // namespace bourse::bench
