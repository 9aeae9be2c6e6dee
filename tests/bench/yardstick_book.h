// The book a textbook gives: maps, lists and a hash table of the standard
// library. What the engine is compared with, run beside it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <list>
#include <map>
#include <unordered_map>
#include <vector>

#include "common/units.h"
#include "tests/bench/order_stream.h"

namespace bourse::bench {

class YardstickBook {
 public:
  explicit YardstickBook(const OrderStream& stream) : books_(stream.spec.markets) {}

  static constexpr std::ptrdiff_t kAhead = 0;
  void Prefetch(const StreamOperation*) {}

  void Apply(const StreamOperation& operation) {
    switch (operation.kind) {
      case StreamKind::kAdd:
        return Add(operation, operation.id);
      case StreamKind::kCancel:
        return Cancel(operation.market, operation.id);
      case StreamKind::kReplace:
        Cancel(operation.market, operation.id);
        return Add(operation, operation.new_id);
      case StreamKind::kMarket:
        Take(operation, operation.side == Side::kBuy ? kHighest : 0);
        return;
    }
  }

  [[nodiscard]] const TradeTotals& totals() const { return totals_; }
  [[nodiscard]] std::size_t resting() const { return orders_.size(); }

 private:
  static constexpr std::uint64_t kHighest = std::numeric_limits<std::uint64_t>::max();
  struct Order {
    std::uint64_t id;
    std::uint64_t price;
    std::uint32_t quantity;
    Side side;
  };
  using Levels = std::map<std::uint64_t, std::list<Order>>;
  struct Book {
    Levels sides[2];
    Levels& side(Side side) { return sides[static_cast<std::size_t>(side)]; }
  };

  void Add(const StreamOperation& operation, std::uint64_t id) {
    const std::uint32_t left = Take(operation, operation.price);
    if (left == 0) return;
    std::list<Order>& level = books_[operation.market].side(operation.side)[operation.price];
    level.push_back({id, operation.price, left, operation.side});
    orders_.emplace(id, std::prev(level.end()));
  }

  std::uint32_t Take(const StreamOperation& operation, std::uint64_t worst) {
    std::uint32_t left = operation.quantity;
    const bool buys = operation.side == Side::kBuy;
    Levels& levels = books_[operation.market].side(Opposite(operation.side));
    while (left > 0 && !levels.empty()) {
      const auto level = buys ? levels.begin() : std::prev(levels.end());
      if (buys ? level->first > worst : level->first < worst) break;
      while (left > 0 && !level->second.empty()) {
        Order& maker = level->second.front();
        const std::uint32_t filled = std::min(left, maker.quantity);
        totals_.Add(maker.id, filled);
        left -= filled;
        maker.quantity -= filled;
        if (maker.quantity > 0) continue;
        orders_.erase(maker.id);
        level->second.pop_front();
      }
      if (level->second.empty()) levels.erase(level);
    }
    return left;
  }

  void Cancel(std::uint16_t market, std::uint64_t id) {
    const auto it = orders_.find(id);
    const auto order = it->second;
    Levels& levels = books_[market].side(order->side);
    const auto level = levels.find(order->price);
    level->second.erase(order);
    if (level->second.empty()) levels.erase(level);
    orders_.erase(it);
  }

  std::vector<Book> books_;
  std::unordered_map<std::uint64_t, std::list<Order>::iterator> orders_;
  TradeTotals totals_;
};

}  // namespace bourse::bench
