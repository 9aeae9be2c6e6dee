#include "node/exchange/atomic_check.h"

#include <algorithm>
#include <map>
#include <optional>
#include <variant>

#include "ledger/settlement.h"
#include "node/exchange/order_checks.h"

namespace bourse::exchange {
namespace {

// An order of the account that the transaction touches or places, as it would be.
struct Shadow {
  ledger::Order order;
  bool open = true;
  bool in_book = true;  // rather than carried
  bool stands = true;   // at its place in the real book
};

class Overlay {
 public:
  Overlay(const Core& core, const BlockRun& run, AccountIndex account)
      : core_(core),
        time_(run.time),
        account_(account),
        next_id_(MakeOrderId(run.height, run.next_sequence)),
        open_orders_(core.state.account(account).open_orders),
        client_ids_(core.state.account(account).client_ids) {}

  RejectReason Apply(const PlaceOrder& op);
  RejectReason Apply(const CancelOrder& op);
  RejectReason Apply(const ReplaceOrder& op);
  // No decoder lets another kind into an atomic transaction.
  template <typename Other>
  RejectReason Apply(const Other&) {
    return RejectReason::kAtomicAborted;
  }

  [[nodiscard]] OrderId duplicate() const { return duplicate_; }

 private:
  struct Target {
    RejectReason reason;
    Shadow* shadow;
  };

  Target Find(const OrderTarget& target);
  Target FindById(OrderId id);
  RejectReason CheckClientId(ClientOrderId id);
  [[nodiscard]] RejectReason WhyNotFound(const OrderTarget& target) const;
  [[nodiscard]] bool Takes(const Shadow* self, MarketId market, Side side, PriceTicks price) const;
  [[nodiscard]] const Shadow* FindShadow(OrderId id) const;
  // Free atoms of the account, as they would be.
  std::uint64_t& Free(AssetIndex asset);
  OrderId NextId() {
    const OrderId id = next_id_;
    next_id_ = OrderId(next_id_.value() + 1);
    return id;
  }

  const Core& core_;
  TimeMicros time_;
  AccountIndex account_;
  OrderId next_id_;
  std::uint32_t open_orders_;
  std::uint32_t client_ids_;
  std::map<AssetIndex, std::uint64_t> free_;
  std::vector<Shadow> shadows_;
  OrderId duplicate_;
};

std::uint64_t& Overlay::Free(AssetIndex asset) {
  return free_.try_emplace(asset, core_.state.Free(account_, asset).value()).first->second;
}

RejectReason Overlay::Apply(const PlaceOrder& op) {
  Atoms reserve;
  RejectReason reason = CheckTerms(core_, op, time_, &reserve);
  if (reason == RejectReason::kNone) reason = CheckClientId(op.client_id);
  if (reason != RejectReason::kNone) return reason;
  if (open_orders_ >= core_.limits.max_open_orders) return RejectReason::kTooManyOpenOrders;
  const AssetIndex asset = ledger::ReserveAsset(core_.state.market(op.market), op.side);
  if (!CoversOrder(core_, asset, reserve, Atoms(Free(asset)), Atoms(Free(core_.fee_asset)))) {
    return RejectReason::kInsufficientFunds;
  }
  if (Takes(nullptr, op.market, op.side, op.price)) return RejectReason::kWouldTake;

  Free(asset) -= reserve.value();
  Free(core_.fee_asset) -= core_.fees.order_deposit;
  ++open_orders_;
  Shadow shadow{NewOrderOf(account_, op), true, true, false};
  shadow.order.id = NextId();
  shadows_.push_back(shadow);
  return RejectReason::kNone;
}

RejectReason Overlay::CheckClientId(ClientOrderId id) {
  if (id == ClientOrderId(0)) return RejectReason::kNone;
  for (const Shadow& shadow : shadows_) {
    if (shadow.order.client_id != id) continue;
    duplicate_ = shadow.order.id;
    return RejectReason::kDuplicateClientId;
  }
  if (const auto known = core_.client_ids.Find(account_, id)) {
    duplicate_ = known->order;
    return known->order == OrderId(0) ? RejectReason::kClientIdBarred
                                      : RejectReason::kDuplicateClientId;
  }
  return client_ids_ >= core_.limits.max_client_ids ? RejectReason::kTooManyClientIds
                                                    : RejectReason::kNone;
}

// As a cancel would say that could bar the client id.
RejectReason Overlay::WhyNotFound(const OrderTarget& target) const {
  const ClientOrderId id(target.id);
  const bool is_known = !target.by_client_id || core_.client_ids.Find(account_, id) ||
                        std::any_of(shadows_.begin(), shadows_.end(), [id](const Shadow& shadow) {
                          return shadow.order.client_id == id;
                        });
  return !is_known && client_ids_ >= core_.limits.max_client_ids ? RejectReason::kTooManyClientIds
                                                                 : RejectReason::kOrderNotFound;
}

RejectReason Overlay::Apply(const CancelOrder& op) {
  const Target target = Find(op.target);
  if (target.reason == RejectReason::kOrderNotFound) return WhyNotFound(op.target);
  if (target.reason != RejectReason::kNone) return target.reason;
  const ledger::Order& order = target.shadow->order;
  const ledger::Market& market = core_.state.market(order.market);
  Free(ledger::ReserveAsset(market, order.side)) += ledger::ReserveOf(market, order).value();
  Free(core_.fee_asset) += core_.fees.order_deposit;
  --open_orders_;
  if (order.client_id != ClientOrderId(0)) ++client_ids_;
  target.shadow->open = false;
  return RejectReason::kNone;
}

RejectReason Overlay::Apply(const ReplaceOrder& op) {
  const Target target = Find(op.target);
  if (target.reason != RejectReason::kNone) return target.reason;
  if (!target.shadow->in_book) return RejectReason::kOrderNotFound;
  ledger::Order& order = target.shadow->order;
  Atoms reserve;
  const RejectReason reason = CheckReplace(core_, order, op, &reserve);
  if (reason != RejectReason::kNone) return reason;
  const ledger::Market& market = core_.state.market(order.market);
  std::uint64_t& free = Free(ledger::ReserveAsset(market, order.side));
  const std::uint64_t held = ledger::ReserveOf(market, order).value();
  if (reserve.value() > held && reserve.value() - held > free) {
    return RejectReason::kInsufficientFunds;
  }
  if (!KeepsPriority(order, op)) {
    if (Takes(target.shadow, order.market, order.side, op.price)) return RejectReason::kWouldTake;
    target.shadow->stands = false;
    order.price = op.price;
    NextId();  // its new priority
  }
  order.remaining = op.quantity;
  free += held;
  free -= ledger::ReserveOf(market, order).value();
  return RejectReason::kNone;
}

Overlay::Target Overlay::Find(const OrderTarget& target) {
  if (!target.by_client_id) return FindById(OrderId(target.id));
  const ClientOrderId client_id(target.id);
  if (client_id != ClientOrderId(0)) {
    for (Shadow& shadow : shadows_) {
      if (shadow.order.client_id != client_id) continue;
      return FindById(shadow.order.id);
    }
  }
  const auto known = core_.client_ids.Find(account_, client_id);
  if (known && known->open) return FindById(known->order);
  return {RejectReason::kOrderNotFound, nullptr};
}

Overlay::Target Overlay::FindById(OrderId id) {
  for (Shadow& shadow : shadows_) {
    if (shadow.order.id != id) continue;
    if (!shadow.open) return {RejectReason::kOrderNotFound, nullptr};
    return {RejectReason::kNone, &shadow};
  }
  const auto location = core_.orders.Find(id);
  if (!location || location->where == OrderTable::Where::kClosing) {
    return {RejectReason::kOrderNotFound, nullptr};
  }
  const ledger::Order* order = core_.orders.Get(id);
  if (order->account != account_) return {RejectReason::kNotOrderOwner, nullptr};
  shadows_.push_back({*order, true, location->where == OrderTable::Where::kBook, true});
  return {RejectReason::kNone, &shadows_.back()};
}

const Shadow* Overlay::FindShadow(OrderId id) const {
  const auto it = std::find_if(shadows_.begin(), shadows_.end(),
                               [id](const Shadow& shadow) { return shadow.order.id == id; });
  return it != shadows_.end() ? &*it : nullptr;
}

// Whether an order at `price` would meet one: in the real book, less the account's orders that are
// gone or elsewhere by now, or one of those that this transaction moved or placed.
bool Overlay::Takes(const Shadow* self, MarketId market, Side side, PriceTicks price) const {
  for (const Shadow& shadow : shadows_) {
    const ledger::Order& order = shadow.order;
    if (&shadow != self && shadow.open && shadow.in_book && !shadow.stands &&
        order.market == market && order.side != side && Crosses(side, price, order.price)) {
      return true;
    }
  }
  bool takes = false;
  core_.engine.Walk(market, Opposite(side),
                    [&](matching::OrderSlot slot, const matching::RestingOrder& resting) {
                      if (!Crosses(side, price, resting.price)) return false;
                      if (resting.owner == account_) {
                        const Shadow* shadow = FindShadow(core_.orders.InBook(slot).id);
                        if (shadow != nullptr && !(shadow->open && shadow->stands)) return true;
                      }
                      takes = true;
                      return false;
                    });
  return takes;
}

}  // namespace

AtomicVerdict CheckAtomic(const Core& core, const BlockRun& run, AccountIndex account,
                          const std::vector<Operation>& operations) {
  Overlay overlay(core, run, account);
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const RejectReason reason =
        std::visit([&](const auto& op) { return overlay.Apply(op); }, operations[i]);
    if (reason != RejectReason::kNone) {
      const bool duplicate = reason == RejectReason::kDuplicateClientId;
      return {reason, i, duplicate ? overlay.duplicate() : OrderId(0)};
    }
  }
  return {};
}

}  // namespace bourse::exchange
