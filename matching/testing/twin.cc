#include "matching/testing/twin.h"

#include <sstream>
#include <string_view>
#include <utility>

namespace bourse::matching::testing {
namespace {

using Difference = Twin::Difference;

template <typename T>
Difference Differ(std::string_view what, const T& engine, const T& model) {
  if (engine == model) return std::nullopt;
  std::ostringstream text;
  text << what << ": engine " << engine << ", model " << model;
  return text.str();
}

template <typename... Differences>
Difference FirstOf(Differences... differences) {
  Difference first;
  ((first = first.has_value() ? first : std::move(differences)), ...);
  return first;
}

Difference DifferInOrder(const RestingOrder& engine, const RestingOrder& model) {
  return FirstOf(Differ("market", engine.market.value(), model.market.value()),
                 Differ("side", static_cast<int>(engine.side), static_cast<int>(model.side)),
                 Differ("owner", engine.owner.value(), model.owner.value()),
                 Differ("price", engine.price.value(), model.price.value()),
                 Differ("quantity left", engine.quantity.value(), model.quantity.value()));
}

std::uint64_t PriceOrZero(std::optional<PriceTicks> price) { return price ? price->value() : 0; }

}  // namespace

Twin::Twin(std::uint32_t markets) {
  for (std::uint32_t i = 0; i < markets; ++i) {
    engine_.AddMarket();
    model_.AddMarket();
  }
}

Difference Twin::Place(const NewOrder& order, std::uint32_t max_makers) {
  matches_.clear();
  std::vector<Match> expected;
  outcome_ = engine_.Place(order, max_makers, &matches_);
  const Outcome model = model_.Place(order, max_makers, &expected);
  const Difference difference =
      FirstOf(Differ("matches", matches_.size(), expected.size()),
              Differ("outcome", static_cast<int>(outcome_.kind), static_cast<int>(model.kind)),
              Differ("remaining", outcome_.remaining.value(), model.remaining.value()));
  if (difference) return difference;
  for (std::size_t i = 0; i < matches_.size(); ++i) {
    if (Difference match = ApplyMatch(matches_[i], expected[i])) return match;
  }
  if (outcome_.kind == Outcome::Kind::kRested) {
    if (Difference added = Add(outcome_.slot, model.slot)) return added;
  }
  return CompareTop(order.market);
}

Difference Twin::ApplyMatch(const Match& match, const Match& expected) {
  const std::uint32_t slot = match.maker.value();
  if (slot >= known_.size() || known_[slot].model_slot == 0) return "a maker that does not rest";
  if (Difference difference =
          FirstOf(Differ("maker", known_[slot].model_slot, expected.maker.value()),
                  Differ("match", static_cast<int>(match.kind), static_cast<int>(expected.kind)),
                  Differ("match price", match.price.value(), expected.price.value()),
                  Differ("match quantity", match.quantity.value(), expected.quantity.value()))) {
    return difference;
  }
  if (match.kind != Match::Kind::kPartialFill) Forget(slot);
  return std::nullopt;
}

Difference Twin::Rest(const NewOrder& order) {
  const OrderSlot slot = engine_.Rest(order);
  if (Difference added = Add(slot, model_.Rest(order))) return added;
  return CompareTop(order.market);
}

Difference Twin::Cancel(std::size_t index) {
  const std::uint32_t slot = live_[index];
  const OrderSlot model_slot(known_[slot].model_slot);
  const RestingOrder order = engine_.Get(OrderSlot(slot));
  if (Difference difference = DifferInOrder(order, model_.Get(model_slot))) return difference;
  const Lots left = engine_.Cancel(OrderSlot(slot));
  Forget(slot);
  const Lots expected = model_.Cancel(model_slot);
  return FirstOf(Differ("cancelled", left.value(), expected.value()), CompareTop(order.market));
}

Difference Twin::Reduce(std::size_t index, Lots quantity) {
  const std::uint32_t slot = live_[index];
  const OrderSlot model_slot(known_[slot].model_slot);
  engine_.Reduce(OrderSlot(slot), quantity);
  model_.Reduce(model_slot, quantity);
  return DifferInOrder(engine_.Get(OrderSlot(slot)), model_.Get(model_slot));
}

Difference Twin::CompareTop(MarketId market) const {
  const std::optional<PriceTicks> bid = engine_.Best(market, Side::kBuy);
  const std::optional<PriceTicks> ask = engine_.Best(market, Side::kSell);
  if (bid && ask && *bid >= *ask) return "a crossed book";
  return FirstOf(
      Differ("best bid", PriceOrZero(bid), PriceOrZero(model_.Best(market, Side::kBuy))),
      Differ("best ask", PriceOrZero(ask), PriceOrZero(model_.Best(market, Side::kSell))),
      Differ("resting", engine_.resting(), model_.resting()));
}

Difference Twin::CompareBooks(MarketId market) const {
  for (const Side side : {Side::kBuy, Side::kSell}) {
    const std::vector<Level> levels = engine_.Depth(market, side, ~std::size_t{0});
    const std::vector<Level> expected = model_.Depth(market, side, ~std::size_t{0});
    if (Difference count = Differ("levels", levels.size(), expected.size())) return count;
    for (std::size_t i = 0; i < levels.size(); ++i) {
      if (Difference level = FirstOf(
              Differ("level's price", levels[i].price.value(), expected[i].price.value()),
              Differ("level's quantity", levels[i].quantity.value(), expected[i].quantity.value()),
              Differ("level's orders", levels[i].orders, expected[i].orders))) {
        return level;
      }
    }
    std::vector<std::pair<std::uint32_t, RestingOrder>> walked;
    model_.Walk(market, side, [&](OrderSlot slot, const RestingOrder& order) {
      walked.emplace_back(slot.value(), order);
      return true;
    });
    std::size_t i = 0;
    Difference difference;
    engine_.Walk(market, side, [&](OrderSlot slot, const RestingOrder& order) {
      if (i == walked.size())
        difference = "orders that should not rest";
      else
        difference = FirstOf(Differ("priority", known_[slot.value()].model_slot, walked[i].first),
                             DifferInOrder(order, walked[i].second));
      ++i;
      return !difference.has_value();
    });
    if (!difference) difference = Differ("orders", i, walked.size());
    if (difference) return difference;
  }
  return std::nullopt;
}

Difference Twin::Add(OrderSlot slot, OrderSlot model_slot) {
  if (slot == kNoSlot || slot.value() >= engine_.slot_limit()) return "a slot beyond the limit";
  if (known_.size() <= slot.value()) known_.resize(engine_.slot_limit());
  if (known_[slot.value()].model_slot != 0) return "a slot that is taken";
  known_[slot.value()] = {model_slot.value(), live_.size()};
  live_.push_back(slot.value());
  return std::nullopt;
}

void Twin::Forget(std::uint32_t slot) {
  const std::size_t index = known_[slot].index;
  live_[index] = live_.back();
  known_[live_[index]].index = index;
  live_.pop_back();
  known_[slot] = {};
}

}  // namespace bourse::matching::testing
