// The engine as a caller uses it: through its public interface, slots kept by
// id and ids by slot, and the operations to come announced by its hints.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/limits.h"
#include "common/units.h"
#include "matching/engine.h"
#include "matching/prefetch.h"
#include "tests/bench/large_pages.h"
#include "tests/bench/order_stream.h"

namespace bourse::bench {

class EngineBook {
 public:
  // The arrays are for as many orders and levels as there can be.
  explicit EngineBook(const OrderStream& stream)
      : slots_(stream.max_id + 1), ids_(2 * stream.max_id + 4096) {
    for (std::uint32_t i = 0; i < stream.spec.markets; ++i) engine_.AddMarket();
  }

  // How many operations after the next one Prefetch looks at.
  static constexpr std::ptrdiff_t kAhead = 24;

  // The operations from `next` on come soon.
  [[gnu::always_inline]] void Prefetch(const StreamOperation* next) {
    constexpr std::size_t kFar = kAhead;
    constexpr std::size_t kMiddle = 14;
    constexpr std::size_t kNear = 6;
    matching::Prefetch(&slots_[next[kFar].id]);
    const std::uint32_t middle = slots_[next[kMiddle].id];
    engine_.PrefetchSlot(OrderSlot(middle));
    matching::Prefetch(&ids_[middle]);
    const StreamOperation& near = next[kNear];
    engine_.PrefetchCancel(MarketId(near.market), OrderSlot(slots_[near.id]));
    engine_.PrefetchPlace(MarketId(near.market), near.side, PriceTicks(near.price));
  }

  [[gnu::always_inline]] void Apply(const StreamOperation& operation) {
    switch (operation.kind) {
      case StreamKind::kAdd:
        return Place(operation, operation.id, OrderType::kLimit, operation.price);
      case StreamKind::kCancel:
        engine_.Cancel(OrderSlot(slots_[operation.id]));
        return;
      case StreamKind::kReplace:
        engine_.Cancel(OrderSlot(slots_[operation.id]));
        return Place(operation, operation.new_id, OrderType::kLimit, operation.price);
      case StreamKind::kMarket:
        return Place(operation, operation.id, OrderType::kMarket,
                     operation.side == Side::kBuy ? kHighest : 1);
    }
  }

  [[nodiscard]] const TradeTotals& totals() const { return totals_; }
  [[nodiscard]] const matching::Engine& engine() const { return engine_; }
  [[nodiscard]] std::size_t resting() const { return engine_.resting(); }

 private:
  using OrderSlot = matching::OrderSlot;
  using OrderType = matching::OrderType;
  static constexpr std::uint64_t kHighest = (std::uint64_t{1} << 63) - 1;

  [[gnu::always_inline]] void Place(const StreamOperation& operation, std::uint64_t id,
                                    OrderType type, std::uint64_t price) {
    const matching::Outcome outcome =
        engine_.Place({.market = MarketId(operation.market),
                       .side = operation.side,
                       .type = type,
                       .self_trade = matching::SelfTrade::kCancelTaker,
                       .owner = AccountIndex(static_cast<std::uint32_t>(id)),  // never the maker's
                       .price = PriceTicks(price),
                       .quantity = Lots(operation.quantity)},
                      limits::kMaxFillsPerOperation, &matches_);
    if (!matches_.empty()) RecordMatches();
    if (outcome.kind != matching::Outcome::Kind::kRested) return;
    const std::uint32_t slot = outcome.slot.value();
    ids_[slot] = id;
    slots_[id] = slot;
  }

  [[gnu::noinline]] void RecordMatches() {
    for (const matching::Match& match : matches_) {
      totals_.Add(ids_[match.maker.value()], match.quantity.value());
    }
    matches_.clear();
  }

  matching::Engine engine_;
  LargeVector<std::uint32_t> slots_;  // by id
  LargeVector<std::uint64_t> ids_;    // by slot
  std::vector<matching::Match> matches_;
  TradeTotals totals_;
};

}  // namespace bourse::bench
