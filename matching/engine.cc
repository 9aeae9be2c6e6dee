#include "matching/engine.h"

#include "matching/taker.h"

namespace bourse::matching {

MarketId Engine::AddMarket() {
  CHECK(books_.size() < kLevelBit);
  books_.emplace_back();
  return MarketId(static_cast<std::uint32_t>(books_.size() - 1));
}

std::uint32_t Engine::markets() const { return static_cast<std::uint32_t>(books_.size()); }

Outcome Engine::PlaceCrossing(NewOrder order, std::uint32_t max_makers,
                              std::vector<Match>* matches) {
  CHECK(max_makers > 0);
  BookSide& makers = side_of(order.market, Opposite(order.side));
  if (order.type == OrderType::kPostOnly) {
    return {Outcome::Kind::kRejectedPostOnly, order.quantity};
  }
  if (order.type == OrderType::kFillOrKill && !CanFill(pools_, makers, order, max_makers)) {
    return {Outcome::Kind::kRejectedFillOrKill, order.quantity};
  }
  const Sweep sweep = SweepMakers(pools_, makers, order, max_makers, matches);
  switch (sweep.end) {
    case Sweep::End::kFilled:
      return {Outcome::Kind::kFilled, Lots(0)};
    case Sweep::End::kSelfTrade:
      return {Outcome::Kind::kSelfTradeCancelled, Lots(sweep.remaining)};
    case Sweep::End::kCapped:
      return {Outcome::Kind::kCapped, Lots(sweep.remaining)};
    case Sweep::End::kNoMaker:
      break;
  }
  return Settle(order, sweep.remaining);
}

OrderSlot Engine::Rest(const NewOrder& order) {
  CheckOrder(order);
  const PriceKey worst = -KeyOf(order.side, order.price);
  CHECK(side_of(order.market, Opposite(order.side)).best_key() < worst);
  return RestRemaining(order, order.quantity.value());
}

void Engine::Reduce(OrderSlot slot, Lots quantity) {
  CHECK(pools_.nodes.IsOrder(slot.value()));
  Node& node = pools_.nodes[slot.value()];
  CHECK(quantity.value() >= 1 && quantity.value() <= node.quantity);
  pools_.nodes[node.level].quantity -= node.quantity - quantity.value();
  node.quantity = quantity.value();
}

RestingOrder Engine::Get(OrderSlot slot) const {
  CHECK(pools_.nodes.IsOrder(slot.value()));
  const Node& node = pools_.nodes[slot.value()];
  return {MarketId(pools_.nodes.MarketOf(node.level)), SideOf(node.key), AccountIndex(node.owner),
          PriceOf(node.key), Lots(node.quantity)};
}

std::optional<PriceTicks> Engine::Best(MarketId market, Side side) const {
  CHECK(market.value() < books_.size());
  const PriceTree::Entry best = side_of(market, side).best();
  if (best.level == 0) return std::nullopt;
  return PriceOf(best.key);
}

std::vector<Level> Engine::Depth(MarketId market, Side side, std::size_t count) const {
  CHECK(market.value() < books_.size());
  const BookSide& levels = side_of(market, side);
  std::vector<Level> depth;
  for (PriceTree::Entry entry = levels.best(); entry.level != 0 && depth.size() < count;
       entry = levels.Below(pools_, entry.key)) {
    const Node& level = pools_.nodes[entry.level];
    depth.push_back({PriceOf(entry.key), Lots(level.quantity), level.owner});
  }
  return depth;
}

void Engine::Walk(MarketId market, Side side,
                  const std::function<bool(OrderSlot, const RestingOrder&)>& visit) const {
  CHECK(market.value() < books_.size());
  const BookSide& levels = side_of(market, side);
  for (PriceTree::Entry entry = levels.best(); entry.level != 0;
       entry = levels.Below(pools_, entry.key)) {
    for (std::uint32_t order = pools_.nodes[entry.level].next; order != entry.level;
         order = pools_.nodes[order].next) {
      if (!visit(OrderSlot(order), Get(OrderSlot(order)))) return;
    }
  }
}

std::size_t Engine::memory_bytes() const {
  std::size_t bytes = pools_.nodes.memory_bytes() + pools_.blocks.memory_bytes();
  bytes += books_.capacity() * sizeof(Book);
  for (const Book& book : books_) {
    for (const BookSide& side : book) bytes += side.has_window() ? sizeof(PriceWindow) : 0;
  }
  return bytes;
}

}  // namespace bourse::matching
