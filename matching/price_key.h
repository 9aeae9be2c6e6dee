// A price as a number that grows with its quality, so that both sides of a book
// run through the same code: a bid's key is its price, an ask's is minus its
// price. The sign tells the side; 0 and -2^63 are no keys.
//
// A taker of key k meets a maker of key m where m ≥ -k.
#pragma once

#include <cstdint>
#include <limits>

#include "common/units.h"

namespace bourse::matching {

using PriceKey = std::int64_t;

// Worse than every price: the best key of an empty side.
inline constexpr PriceKey kNoKey = std::numeric_limits<PriceKey>::min();

// REQUIRES: price is from 1 to 2^63-1. Without a branch, which a processor could
// not predict: sides come as they like.
constexpr PriceKey KeyOf(Side side, PriceTicks price) {
  const PriceKey ask = -static_cast<PriceKey>(side);  // all bits of an ask, none of a bid
  return (static_cast<PriceKey>(price.value()) ^ ask) - ask;
}

constexpr PriceTicks PriceOf(PriceKey key) {
  return PriceTicks(static_cast<std::uint64_t>(key < 0 ? -key : key));
}

constexpr Side SideOf(PriceKey key) { return key < 0 ? Side::kSell : Side::kBuy; }

// How far `key` is above `base`, wrapping around: one comparison with a width
// tells whether it is within [base, base + width).
constexpr std::uint64_t OffsetOf(PriceKey key, PriceKey base) {
  return static_cast<std::uint64_t>(key) - static_cast<std::uint64_t>(base);
}

}  // namespace bourse::matching
