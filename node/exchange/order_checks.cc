#include "node/exchange/order_checks.h"

#include "common/checked_math.h"
#include "ledger/settlement.h"

namespace bourse::exchange {

ledger::Order NewOrderOf(AccountIndex account, const PlaceOrder& op) {
  ledger::Order order;
  order.account = account;
  order.market = op.market;
  order.side = op.side;
  order.type = op.type;
  order.self_trade = op.self_trade;
  order.price = op.price;
  order.quantity = op.quantity;
  order.remaining = op.quantity;
  order.client_id = op.client_id;
  order.expires = op.expires;
  return order;
}

RejectReason CheckPriceAndQuantity(PriceTicks price, Lots quantity) {
  if (price.value() == 0 || price.value() > kMaxAtoms) return RejectReason::kInvalidPrice;
  if (quantity.value() == 0 || quantity.value() > kMaxAtoms) return RejectReason::kInvalidQuantity;
  return RejectReason::kNone;
}

RejectReason CheckExpiry(OrderType type, TimeMicros expires, TimeMicros now) {
  if (expires == TimeMicros(0)) return RejectReason::kNone;
  const bool may_rest = type == OrderType::kLimit || type == OrderType::kPostOnly;
  return may_rest && expires > now ? RejectReason::kNone : RejectReason::kInvalidExpiry;
}

RejectReason CheckSize(const ledger::Market& market, Side side, PriceTicks price, Lots quantity,
                       std::uint32_t fee_slack, Atoms* reserve) {
  const auto needed = ledger::CheckedReserve(market, side, price, quantity, fee_slack);
  if (!needed) return RejectReason::kNotionalOverflow;
  if (*ledger::Notional(market, price, quantity) < market.min_notional.value()) {
    return RejectReason::kBelowMinNotional;
  }
  *reserve = Atoms(*needed);
  return RejectReason::kNone;
}

RejectReason CheckTerms(const Core& core, const PlaceOrder& op, TimeMicros now, Atoms* reserve) {
  const ledger::Market* market = core.state.FindMarket(op.market);
  if (market == nullptr) return RejectReason::kUnknownMarket;
  RejectReason reason = CheckPriceAndQuantity(op.price, op.quantity);
  if (reason == RejectReason::kNone) reason = CheckExpiry(op.type, op.expires, now);
  if (reason == RejectReason::kNone) {
    reason = CheckSize(*market, op.side, op.price, op.quantity, 0, reserve);
  }
  return reason;
}

RejectReason CheckReplace(const Core& core, const ledger::Order& order, const ReplaceOrder& op,
                          Atoms* reserve) {
  const RejectReason reason = CheckPriceAndQuantity(op.price, op.quantity);
  if (reason != RejectReason::kNone) return reason;
  return CheckSize(core.state.market(order.market), order.side, op.price, op.quantity,
                   order.fee_slack, reserve);
}

bool CoversOrder(const Core& core, AssetIndex reserve_asset, Atoms reserve, Atoms free_reserve,
                 Atoms free_fee) {
  const std::uint64_t deposit = core.fees.order_deposit;
  if (reserve_asset != core.fee_asset)
    return reserve <= free_reserve && deposit <= free_fee.value();
  const auto both = CheckedAdd(reserve.value(), deposit);
  return both && *both <= free_fee.value();
}

bool WouldTake(const Core& core, MarketId market, Side side, PriceTicks price) {
  const auto best = core.engine.Best(market, Opposite(side));
  return best && Crosses(side, price, *best);
}

}  // namespace bourse::exchange
