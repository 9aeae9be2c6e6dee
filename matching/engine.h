// The matching engine: an order book a market, by price, then time.
//
// A function of its calls alone: the same calls give the same matches, on every
// machine. It knows nothing of accounts, assets or settlement; its caller backs
// every order with funds before placing it. Not thread-safe.
//
//   matching::Engine engine;
//   MarketId market = engine.AddMarket();
//   std::vector<matching::Match> matches;
//   auto outcome = engine.Place({.market = market, .side = Side::kBuy, …}, cap, &matches);
//
// Invariants: 1. best bid < best ask in every book; 2. a level has at least one
// order; 3. within a level orders stand in the order of their arrival.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "common/units.h"
#include "matching/order.h"

namespace bourse::matching {

class Engine {
 public:
  Engine();
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  // Adds an empty book; the first has id 0.
  MarketId AddMarket();
  [[nodiscard]] std::uint32_t markets() const;

  // Matches `order`, and rests what is left of a limit or post-only order. Makers
  // met (fills and self-trade cancellations) are appended to `matches` in order, at
  // most `max_makers` (at least 1): where more could follow the outcome is kCapped,
  // nothing rests, and the caller may place the remainder again later. A fill or
  // kill order that would need more, or must meet its owner's orders under
  // kCancelTaker or kCancelBoth, is rejected; its owner's liquidity counts for
  // nothing.
  //
  // The slot of a maker that left may be the one in which the taker rests: read
  // `matches` before writing what is known of `outcome.slot`.
  //
  // REQUIRES: the market exists; price and quantity are within 1 to 2^63-1; the
  // quantities resting on a side sum to at most 2^64-1.
  Outcome Place(const NewOrder& order, std::uint32_t max_makers, std::vector<Match>* matches);

  // Rests an order behind all others of its price, without matching: to rebuild
  // a book, orders in their priority. REQUIRES: as Place; it does not cross.
  OrderSlot Rest(const NewOrder& order);

  // Removes a resting order, and returns what was left of it. REQUIRES: `slot` rests.
  Lots Cancel(OrderSlot slot);

  // Shrinks a resting order, which keeps its place. REQUIRES: `slot` rests;
  // 1 ≤ quantity ≤ what is left.
  void Reduce(OrderSlot slot, Lots quantity);

  // REQUIRES: `slot` rests.
  [[nodiscard]] RestingOrder Get(OrderSlot slot) const;

  // Best price of a side, if it has an order.
  [[nodiscard]] std::optional<PriceTicks> Best(MarketId market, Side side) const;

  // The best `count` levels of a side, best first.
  [[nodiscard]] std::vector<Level> Depth(MarketId market, Side side, std::size_t count) const;

  // Visits the orders of a side by priority, until `visit` returns false.
  void Walk(MarketId market, Side side,
            const std::function<bool(OrderSlot, const RestingOrder&)>& visit) const;

  // Hints that an operation comes soon: callers that know a block's operations
  // ahead call these for operations a few steps ahead, and hide memory latency.
  // No effect on results.
  void PrefetchPlace(MarketId market, Side side, PriceTicks price) const;
  void PrefetchSlot(OrderSlot slot) const;

  // One more than the largest slot ever given out: the size for arrays indexed by slot.
  [[nodiscard]] std::uint32_t slot_limit() const;
  // Orders that rest, over all books.
  [[nodiscard]] std::size_t resting() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bourse::matching
