#include "matching/taker.h"

#include "matching/prefetch.h"
#include "matching/price_key.h"

namespace bourse::matching {
namespace {

// What a taker still wants, and may do.
struct Taker {
  std::uint64_t remaining;
  std::uint32_t makers_left;
  std::uint32_t owner;
  SelfTrade self_trade;
  std::vector<Match>* matches;

  void Append(Match::Kind kind, std::uint32_t maker, const Node& node, std::uint64_t quantity) {
    matches->push_back({kind, OrderSlot(maker), PriceOf(node.key), Lots(quantity)});
    --makers_left;
  }
};

// Meets the orders of a level, until there is an end; kNoMaker: met them all.
// They leave from the level's front, one after the other, so links and sums are
// put right once, at the end.
Sweep::End SweepLevel(NodePool& nodes, std::uint32_t level, Taker& taker) {
  Sweep::End end = Sweep::End::kNoMaker;
  std::uint32_t maker = nodes[level].next;
  std::uint32_t gone = 0;
  std::uint64_t taken = 0;
  while (maker != level && end == Sweep::End::kNoMaker) {
    if (taker.makers_left == 0) {
      end = Sweep::End::kCapped;
      break;
    }
    Node& node = nodes[maker];
    const std::uint64_t quantity = node.quantity;
    if (node.owner == taker.owner) [[unlikely]] {
      if (taker.self_trade != SelfTrade::kCancelMaker) end = Sweep::End::kSelfTrade;
      if (taker.self_trade == SelfTrade::kCancelTaker) break;
      taker.Append(Match::Kind::kSelfCancel, maker, node, quantity);
    } else if (taker.remaining < quantity) {
      taken += taker.remaining;
      node.quantity -= taker.remaining;
      taker.Append(Match::Kind::kPartialFill, maker, node, taker.remaining);
      taker.remaining = 0;
      end = Sweep::End::kFilled;
      Prefetch(&nodes[node.next]);  // the next taker comes to it
      break;
    } else {
      taker.Append(Match::Kind::kFill, maker, node, quantity);
      taker.remaining -= quantity;
      if (taker.remaining == 0) end = Sweep::End::kFilled;
    }
    taken += quantity;
    ++gone;
    const std::uint32_t next = node.next;
    nodes.Free(maker);
    maker = next;
  }
  nodes.CutFront(level, maker, gone, taken);
  return end;
}

}  // namespace

Sweep SweepMakers(Pools& pools, BookSide& makers, const NewOrder& order, std::uint32_t max_makers,
                  std::vector<Match>* matches) {
  const PriceKey worst = -KeyOf(order.side, order.price);
  Taker taker = {order.quantity.value(), max_makers, order.owner.value(), order.self_trade,
                 matches};
  Sweep::End end = Sweep::End::kNoMaker;
  while (end == Sweep::End::kNoMaker && makers.best_key() >= worst) {
    const std::uint32_t level = makers.best_level();
    end = SweepLevel(pools.nodes, level, taker);
    if (pools.nodes.IsEmptyLevel(level)) makers.Remove(pools, level);
  }
  return {end, taker.remaining};
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
