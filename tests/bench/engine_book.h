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
#include "tests/bench/order_stream.h"

namespace bourse::bench {

class EngineBook {
 public:
  explicit EngineBook(const OrderStream& stream) : slots_(stream.max_id + 1) {
    for (std::uint32_t i = 0; i < stream.spec.markets; ++i) engine_.AddMarket();
  }

  // `next` and the `count` operations after it come soon.
  void Prefetch(const StreamOperation* next, std::size_t count) {
    constexpr std::size_t kFar = 24;
    constexpr std::size_t kMiddle = 14;
    constexpr std::size_t kNear = 6;
    if (count <= kFar) return;
    matching::Prefetch(&slots_[next[kFar].id]);
    engine_.PrefetchSlot(OrderSlot(slots_[next[kMiddle].id]));
    const StreamOperation& near = next[kNear];
    engine_.PrefetchCancel(MarketId(near.market), OrderSlot(slots_[near.id]));
    engine_.PrefetchPlace(MarketId(near.market), near.side, PriceTicks(near.price));
  }

  [[gnu::always_inline]] void Apply(const StreamOperation& operation) {
    const StreamKind kind = operation.kind;
    if (kind == StreamKind::kCancel || kind == StreamKind::kReplace) {
      engine_.Cancel(OrderSlot(slots_[operation.id]));
      if (kind == StreamKind::kCancel) return;
    }
    Place(operation);
  }

  [[nodiscard]] const TradeTotals& totals() const { return totals_; }
  [[nodiscard]] const matching::Engine& engine() const { return engine_; }
  [[nodiscard]] std::size_t resting() const { return engine_.resting(); }

 private:
  using OrderSlot = matching::OrderSlot;
  using OrderType = matching::OrderType;
  static constexpr std::uint64_t kHighest = (std::uint64_t{1} << 63) - 1;

  void Place(const StreamOperation& operation) {
    const std::uint64_t id =
        operation.kind == StreamKind::kReplace ? operation.new_id : operation.id;
    const bool any_price = operation.kind == StreamKind::kMarket;
    std::uint64_t price = operation.price;
    if (any_price) price = operation.side == Side::kBuy ? kHighest : 1;
    const matching::Outcome outcome =
        engine_.Place({.market = MarketId(operation.market),
                       .side = operation.side,
                       .type = any_price ? OrderType::kMarket : OrderType::kLimit,
                       .self_trade = matching::SelfTrade::kCancelTaker,
                       .owner = AccountIndex(static_cast<std::uint32_t>(id)),  // never the maker's
                       .price = PriceTicks(price),
                       .quantity = Lots(operation.quantity)},
                      limits::kMaxFillsPerOperation, &matches_);
    if (!matches_.empty()) RecordMatches();
    if (outcome.kind != matching::Outcome::Kind::kRested) return;
    const std::uint32_t slot = outcome.slot.value();
    if (slot >= ids_.size()) [[unlikely]]
      ids_.resize(engine_.slot_limit() + ids_.size() / 2);
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
  std::vector<std::uint32_t> slots_;  // by id
  std::vector<std::uint64_t> ids_;    // by slot
  std::vector<matching::Match> matches_;
  TradeTotals totals_;
};

}  // namespace bourse::bench
