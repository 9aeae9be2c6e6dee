#include "matching/taker.h"

#include "matching/price_key.h"

namespace bourse::matching {
namespace {

void SelfCancel(Pools& pools, std::uint32_t maker, std::vector<Match>* matches) {
  const Node& node = pools.nodes[maker];
  matches->push_back(
      {Match::Kind::kSelfCancel, OrderSlot(maker), PriceOf(node.key), Lots(node.quantity)});
  pools.nodes.RemoveOrder(maker);
}

// Fills a maker with up to `wanted`; returns how much.
std::uint64_t Fill(Pools& pools, std::uint32_t maker, std::uint64_t wanted,
                   std::vector<Match>* matches) {
  Node& node = pools.nodes[maker];
  const PriceTicks price = PriceOf(node.key);
  if (wanted < node.quantity) {
    node.quantity -= wanted;
    pools.nodes[node.level].quantity -= wanted;
    matches->push_back({Match::Kind::kPartialFill, OrderSlot(maker), price, Lots(wanted)});
    return wanted;
  }
  const std::uint64_t filled = node.quantity;
  matches->push_back({Match::Kind::kFill, OrderSlot(maker), price, Lots(filled)});
  pools.nodes.RemoveOrder(maker);
  return filled;
}

}  // namespace

Sweep SweepMakers(Pools& pools, BookSide& makers, const NewOrder& order, std::uint32_t max_makers,
                  std::vector<Match>* matches) {
  const PriceKey worst = -KeyOf(order.side, order.price);
  const std::uint32_t owner = order.owner.value();
  std::uint64_t remaining = order.quantity.value();
  std::uint32_t met = 0;
  while (makers.best_key() >= worst) {
    const std::uint32_t level = makers.best_level();
    bool stopped = false;
    while (remaining > 0 && !stopped && !pools.nodes.IsEmptyLevel(level)) {
      if (met == max_makers) return {Sweep::End::kCapped, remaining};
      const std::uint32_t maker = pools.nodes[level].next;
      if (pools.nodes[maker].owner != owner) [[likely]] {
        remaining -= Fill(pools, maker, remaining, matches);
      } else {
        stopped = order.self_trade != SelfTrade::kCancelMaker;
        if (order.self_trade == SelfTrade::kCancelTaker) break;
        SelfCancel(pools, maker, matches);
      }
      ++met;
    }
    if (pools.nodes.IsEmptyLevel(level)) makers.Remove(pools, level);
    if (stopped) return {Sweep::End::kSelfTrade, remaining};
    if (remaining == 0) return {Sweep::End::kFilled, 0};
  }
  return {Sweep::End::kNoMaker, remaining};
}

bool CanFill(const Pools& pools, const BookSide& makers, const NewOrder& order,
             std::uint32_t max_makers) {
  const PriceKey worst = -KeyOf(order.side, order.price);
  std::uint64_t missing = order.quantity.value();
  std::uint32_t met = 0;
  PriceTree::Entry entry = makers.best();
  while (entry.level != 0 && entry.key >= worst) {
    for (std::uint32_t maker = pools.nodes[entry.level].next; maker != entry.level;
         maker = pools.nodes[maker].next) {
      if (met++ == max_makers) return false;
      const Node& node = pools.nodes[maker];
      if (node.owner == order.owner.value()) {
        if (order.self_trade != SelfTrade::kCancelMaker) return false;
      } else if (node.quantity >= missing) {
        return true;
      } else {
        missing -= node.quantity;
      }
    }
    entry = makers.Below(pools, entry.key);
  }
  return false;
}

}  // namespace bourse::matching
