// The model that the engine is tested against: every rule in its plainest form,
// on the standard library's maps and lists. Slow, and meant to be read.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <list>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "common/check.h"
#include "common/units.h"
#include "matching/order.h"

namespace bourse::matching::testing {

// As matching::Engine, call by call; only the slots it gives out are its own.
class ReferenceEngine {
 public:
  MarketId AddMarket() {
    books_.emplace_back();
    return MarketId(static_cast<std::uint32_t>(books_.size() - 1));
  }
  [[nodiscard]] std::uint32_t markets() const { return static_cast<std::uint32_t>(books_.size()); }

  Outcome Place(const NewOrder& order, std::uint32_t max_makers, std::vector<Match>* matches) {
    if (order.type == OrderType::kPostOnly && Crosses(order)) {
      return {Outcome::Kind::kRejectedPostOnly, order.quantity};
    }
    if (order.type == OrderType::kFillOrKill && !CanFill(order, max_makers)) {
      return {Outcome::Kind::kRejectedFillOrKill, order.quantity};
    }
    std::uint64_t remaining = order.quantity.value();
    for (std::uint32_t met = 0; remaining > 0 && Crosses(order); ++met) {
      if (met == max_makers) return {Outcome::Kind::kCapped, Lots(remaining)};
      const std::uint32_t slot = BestLevel(order.market, Opposite(order.side))->second.front();
      if (OrderAt(slot).owner == order.owner) {
        if (order.self_trade == SelfTrade::kCancelTaker) return SelfTradeCancelled(remaining);
        SelfCancel(slot, matches);
        if (order.self_trade == SelfTrade::kCancelBoth) return SelfTradeCancelled(remaining);
      } else {
        remaining -= Fill(slot, remaining, matches);
      }
    }
    if (remaining == 0) return {Outcome::Kind::kFilled, Lots(0)};
    if (order.type != OrderType::kLimit && order.type != OrderType::kPostOnly) {
      return {Outcome::Kind::kCancelled, Lots(remaining)};
    }
    NewOrder rest = order;
    rest.quantity = Lots(remaining);
    return {Outcome::Kind::kRested, Lots(remaining), Rest(rest)};
  }

  OrderSlot Rest(const NewOrder& order) {
    const std::uint32_t slot = NewSlot();
    orders_[slot] = {order.market, order.side, order.owner, order.price, order.quantity};
    books_[order.market.value()].levels(order.side)[order.price.value()].push_back(slot);
    return OrderSlot(slot);
  }

  Lots Cancel(OrderSlot slot) {
    const Lots left = OrderAt(slot.value()).quantity;
    Remove(slot.value());
    return left;
  }

  void Reduce(OrderSlot slot, Lots quantity) {
    RestingOrder& order = OrderAt(slot.value());
    CHECK(quantity.value() >= 1 && quantity <= order.quantity);
    order.quantity = quantity;
  }

  [[nodiscard]] RestingOrder Get(OrderSlot slot) const {
    const auto it = orders_.find(slot.value());
    CHECK(it != orders_.end());
    return it->second;
  }

  [[nodiscard]] std::optional<PriceTicks> Best(MarketId market, Side side) const {
    const Levels& levels = books_.at(market.value()).levels(side);
    if (levels.empty()) return std::nullopt;
    return PriceTicks(side == Side::kBuy ? levels.rbegin()->first : levels.begin()->first);
  }

  [[nodiscard]] std::vector<Level> Depth(MarketId market, Side side, std::size_t count) const {
    std::vector<Level> depth;
    VisitLevels(market, side, [&](std::uint64_t price, const std::list<std::uint32_t>& slots) {
      if (depth.size() == count) return false;
      std::uint64_t quantity = 0;
      for (const std::uint32_t slot : slots) quantity += orders_.at(slot).quantity.value();
      depth.push_back(
          {PriceTicks(price), Lots(quantity), static_cast<std::uint32_t>(slots.size())});
      return true;
    });
    return depth;
  }

  void Walk(MarketId market, Side side,
            const std::function<bool(OrderSlot, const RestingOrder&)>& visit) const {
    VisitLevels(market, side, [&](std::uint64_t, const std::list<std::uint32_t>& slots) {
      return std::all_of(slots.begin(), slots.end(), [&](std::uint32_t slot) {
        return visit(OrderSlot(slot), orders_.at(slot));
      });
    });
  }

  [[nodiscard]] std::uint32_t slot_limit() const { return slot_limit_; }
  [[nodiscard]] std::size_t resting() const { return orders_.size(); }

 private:
  // Price to the slots of its orders, oldest first.
  using Levels = std::map<std::uint64_t, std::list<std::uint32_t>>;
  struct Book {
    Levels bids;
    Levels asks;
    Levels& levels(Side side) { return side == Side::kBuy ? bids : asks; }
    [[nodiscard]] const Levels& levels(Side side) const { return side == Side::kBuy ? bids : asks; }
  };

  RestingOrder& OrderAt(std::uint32_t slot) {
    const auto it = orders_.find(slot);
    CHECK(it != orders_.end());
    return it->second;
  }

  Levels::iterator BestLevel(MarketId market, Side side) {
    Levels& levels = books_[market.value()].levels(side);
    return side == Side::kBuy ? std::prev(levels.end()) : levels.begin();
  }

  static bool Accepts(const NewOrder& order, PriceTicks maker_price) {
    return order.side == Side::kBuy ? maker_price <= order.price : maker_price >= order.price;
  }

  [[nodiscard]] bool Crosses(const NewOrder& order) const {
    const std::optional<PriceTicks> best = Best(order.market, Opposite(order.side));
    return best.has_value() && Accepts(order, *best);
  }

  // Whether a fill or kill order is filled by the first `max_makers` makers.
  [[nodiscard]] bool CanFill(const NewOrder& order, std::uint32_t max_makers) const {
    std::uint64_t missing = order.quantity.value();
    std::uint32_t met = 0;
    bool barred = false;
    Walk(order.market, Opposite(order.side), [&](OrderSlot, const RestingOrder& maker) {
      if (missing == 0 || met == max_makers || !Accepts(order, maker.price)) return false;
      ++met;
      if (maker.owner != order.owner) {
        missing -= std::min(missing, maker.quantity.value());
      } else if (order.self_trade != SelfTrade::kCancelMaker) {
        barred = true;
      }
      return !barred;
    });
    return missing == 0;
  }

  static Outcome SelfTradeCancelled(std::uint64_t remaining) {
    return {Outcome::Kind::kSelfTradeCancelled, Lots(remaining)};
  }

  void SelfCancel(std::uint32_t slot, std::vector<Match>* matches) {
    const RestingOrder& maker = OrderAt(slot);
    matches->push_back({Match::Kind::kSelfCancel, OrderSlot(slot), maker.price, maker.quantity});
    Remove(slot);
  }

  std::uint64_t Fill(std::uint32_t slot, std::uint64_t wanted, std::vector<Match>* matches) {
    RestingOrder& maker = OrderAt(slot);
    const std::uint64_t left = maker.quantity.value();
    const std::uint64_t filled = std::min(wanted, left);
    const auto kind = filled == left ? Match::Kind::kFill : Match::Kind::kPartialFill;
    matches->push_back({kind, OrderSlot(slot), maker.price, Lots(filled)});
    maker.quantity = Lots(left - filled);
    if (filled == left) Remove(slot);
    return filled;
  }

  std::uint32_t NewSlot() {
    if (free_slots_.empty()) return slot_limit_++;
    const std::uint32_t slot = free_slots_.back();
    free_slots_.pop_back();
    return slot;
  }

  void Remove(std::uint32_t slot) {
    const RestingOrder order = OrderAt(slot);
    Levels& levels = books_[order.market.value()].levels(order.side);
    const auto level = levels.find(order.price.value());
    level->second.remove(slot);
    if (level->second.empty()) levels.erase(level);
    orders_.erase(slot);
    free_slots_.push_back(slot);
  }

  // Best first, until `visit(price, slots)` returns false.
  template <typename Visit>
  void VisitLevels(MarketId market, Side side, Visit visit) const {
    const Levels& levels = books_.at(market.value()).levels(side);
    if (side == Side::kBuy) {
      for (auto it = levels.rbegin(); it != levels.rend(); ++it) {
        if (!visit(it->first, it->second)) return;
      }
    } else {
      for (const auto& [price, slots] : levels) {
        if (!visit(price, slots)) return;
      }
    }
  }

  std::vector<Book> books_;
  std::map<std::uint32_t, RestingOrder> orders_;  // by slot
  std::vector<std::uint32_t> free_slots_;
  std::uint32_t slot_limit_ = 1;  // 0 is kNoSlot
};

}  // namespace bourse::matching::testing
