// The matching engine: an order book a market, by price, then time.
//
// A function of its calls alone: the same calls give the same matches, on every
// machine. It knows nothing of accounts, assets or settlement; its caller backs
// every order with funds before placing it. Not thread-safe. Movable; what was
// moved from can only be destroyed or assigned to.
//
//   matching::Engine engine;
//   MarketId market = engine.AddMarket();
//   std::vector<matching::Match> matches;
//   auto outcome = engine.Place({.market = market, .side = Side::kBuy, …}, cap, &matches);
//
// Invariants: 1. best bid < best ask in every book; 2. a level has at least one
// order; 3. within a level orders stand in the order of their arrival.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "common/check.h"
#include "common/units.h"
#include "matching/book_side.h"
#include "matching/order.h"
#include "matching/prefetch.h"
#include "matching/price_key.h"

namespace bourse::matching {

class Engine {
 public:
  // Adds an empty book; the first has id 0.
  MarketId AddMarket();
  [[nodiscard]] std::uint32_t markets() const;

  // Matches `order`, and rests what is left of a limit or post-only order. Makers
  // met (fills and self-trade cancellations) are appended to `matches` in order, at
  // most `max_makers` (at least 1): where more could follow the outcome is kCapped,
  // nothing rests, and the caller may place the remainder again later. (So it is
  // where the next maker would be its owner's, whatever the self-trade mode.) A fill or
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

  // Shrinks a resting order to `quantity`; it keeps its place. REQUIRES: `slot`
  // rests; 1 ≤ quantity ≤ what is left.
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

  // Hints that an operation comes soon. A caller that knows a block's operations
  // ahead hides the latency of memory with them. No effect on results.
  //
  // To place: PrefetchPlace some 6 operations ahead; price 0 does nothing. To
  // cancel or reduce an order: PrefetchSlot some 14 ahead, and PrefetchCancel,
  // which reads what that has fetched, some 6 ahead; kNoSlot does nothing. So the
  // same hints can be given for every kind of operation, which is quicker than to
  // branch on it. The market must exist; the slot was given out once.
  void PrefetchPlace(MarketId market, Side side, PriceTicks price) const {
    if (NodesInCache()) return;
    const PriceKey key = KeyOf(side, price);
    side_of(market, side).PrefetchInWindow(pools_, key);
    if (!TreesInCache()) side_of(market, side).PrefetchInTree(pools_, key);
  }
  void PrefetchSlot(OrderSlot slot) const {
    if (!NodesInCache()) Prefetch(&pools_.nodes[slot.value()]);
  }
  void PrefetchCancel(MarketId market, OrderSlot slot) const {
    if (NodesInCache()) return;
    const PriceKey key = pools_.nodes.PrefetchAround(slot.value());
    if (!TreesInCache()) side_of(market, SideOf(key)).PrefetchInTree(pools_, key);
  }

  // More than any slot ever given out: the size for arrays indexed by slot.
  [[nodiscard]] std::uint32_t slot_limit() const { return pools_.nodes.limit(); }
  // Orders that rest, over all books.
  [[nodiscard]] std::size_t resting() const { return pools_.nodes.orders(); }
  // Memory held for orders, levels and prices, as far as it is in use.
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  using Book = std::array<BookSide, 2>;  // by Side

  // Whether they are so few, a quarter of a mebibyte, that they stay in the
  // processor's cache anyway: hints would only cost.
  [[nodiscard]] bool NodesInCache() const { return pools_.nodes.limit() <= 8'192; }
  [[nodiscard]] bool TreesInCache() const { return pools_.blocks.limit() <= 256; }

  [[nodiscard]] const BookSide& side_of(MarketId market, Side side) const {
    return books_[market.value()][static_cast<std::size_t>(side)];
  }
  BookSide& side_of(MarketId market, Side side) {
    return books_[market.value()][static_cast<std::size_t>(side)];
  }

  static bool Valid(std::uint64_t value) { return value - 1 < (std::uint64_t{1} << 63) - 1; }
  void CheckOrder(const NewOrder& order) const {
    CHECK(order.market.value() < books_.size());
    CHECK(Valid(order.price.value()) && Valid(order.quantity.value()));
  }

  Outcome PlaceCrossing(NewOrder order, std::uint32_t max_makers, std::vector<Match>* matches);
  // What becomes of `remaining`, which no maker will have.
  Outcome Settle(const NewOrder& order, std::uint64_t remaining);
  OrderSlot RestRemaining(const NewOrder& order, std::uint64_t remaining);

  Pools pools_;
  std::vector<Book> books_;
};

// Inlined however large the caller: most operations take less time than a call.
[[gnu::always_inline]] inline Outcome Engine::Place(const NewOrder& order, std::uint32_t max_makers,
                                                    std::vector<Match>* matches) {
  CheckOrder(order);
  const PriceKey worst = -KeyOf(order.side, order.price);
  const Book& book = books_[order.market.value()];
  if (book[1 - static_cast<std::size_t>(order.side)].best_key() >= worst) [[unlikely]] {
    // A copy made here spares all other orders the way through memory.
    return PlaceCrossing({order.market, order.side, order.type, order.self_trade, order.owner,
                          order.price, order.quantity},
                         max_makers, matches);
  }
  return Settle(order, order.quantity.value());
}

inline Outcome Engine::Settle(const NewOrder& order, std::uint64_t remaining) {
  switch (order.type) {
    case OrderType::kLimit:
    case OrderType::kPostOnly:
      return {Outcome::Kind::kRested, Lots(remaining), RestRemaining(order, remaining)};
    case OrderType::kFillOrKill:
      return {Outcome::Kind::kRejectedFillOrKill, Lots(remaining)};
    case OrderType::kMarket:
    case OrderType::kImmediateOrCancel:
      break;
  }
  return {Outcome::Kind::kCancelled, Lots(remaining)};
}

inline OrderSlot Engine::RestRemaining(const NewOrder& order, std::uint64_t remaining) {
  const std::uint32_t level =
      side_of(order.market, order.side)
          .FindOrAdd(pools_, order.market.value(), KeyOf(order.side, order.price));
  return OrderSlot(pools_.nodes.NewOrder(level, order.owner.value(), remaining));
}

[[gnu::always_inline]] inline Lots Engine::Cancel(OrderSlot slot) {
  CHECK(pools_.nodes.IsOrder(slot.value()));
  const Node& node = pools_.nodes[slot.value()];
  const std::uint64_t left = node.quantity;
  const std::uint32_t level = node.level;
  const Side side = SideOf(node.key);
  pools_.nodes.RemoveOrder(slot.value());
  if (pools_.nodes.IsEmptyLevel(level)) {
    side_of(MarketId(pools_.nodes.MarketOf(level)), side).Remove(pools_, level);
  }
  return Lots(left);
}

}  // namespace bourse::matching
