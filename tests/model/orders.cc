#include "common/checked_math.h"
#include "tests/model/funds.h"
#include "tests/model/matching.h"
#include "tests/model/operations.h"

namespace bourse::model {
namespace {

using ledger::CloseReason;
using ledger::OperationResult;

bool IsValidAmount(std::uint64_t amount) { return amount >= 1 && amount <= kMaxAtoms; }

OperationResult OfOrder(std::uint64_t order_id, std::uint64_t remaining) {
  OperationResult result;
  result.order = OrderId(order_id);
  result.remaining = Lots(remaining);
  return result;
}

// Price, quantity and what they come to, without judging funds.
RejectReason CheckAmounts(const Market& market, Side side, std::uint64_t price,
                          std::uint64_t quantity) {
  const Uint128 lots_and_ticks = Uint128{quantity} * price;
  if (lots_and_ticks > kMaxAtoms) return RejectReason::kNotionalOverflow;
  const Uint128 notional = lots_and_ticks * market.tick_size;
  if (notional > kMaxAtoms) return RejectReason::kNotionalOverflow;
  if (Uint128{quantity} * market.lot_size > kMaxAtoms) return RejectReason::kNotionalOverflow;
  if (side == Side::kBuy && BuyNeed(market, static_cast<std::uint64_t>(notional), 0) > kMaxAtoms) {
    return RejectReason::kNotionalOverflow;
  }
  if (notional < market.min_notional) return RejectReason::kBelowMinNotional;
  return RejectReason::kNone;
}

// The account's order in the state with this client id, or none.
const Order* FindByClientId(const State& state, const AccountId& account, std::uint64_t client_id) {
  for (const auto& [id, order] : state.orders) {
    if (order.account == account && order.client_id == client_id && client_id != 0) return &order;
  }
  return nullptr;
}

std::uint32_t CountOrders(const State& state, const AccountId& account) {
  std::uint32_t count = 0;
  for (const auto& [id, order] : state.orders) count += order.account == account ? 1 : 0;
  return count;
}

OperationResult CheckClientId(const State& state, const AccountId& account,
                              std::uint64_t client_id) {
  if (client_id == 0) return {};
  if (const Order* order = FindByClientId(state, account, client_id)) {
    return Rejected(RejectReason::kDuplicateClientId, order->id);
  }
  const auto& known = state.accounts.at(account).client_ids;
  if (const auto it = known.find(client_id); it != known.end()) {
    if (it->second.order == 0) return Rejected(RejectReason::kClientIdBarred);
    return Rejected(RejectReason::kDuplicateClientId, it->second.order);
  }
  if (known.size() >= state.limits.max_client_ids) {
    return Rejected(RejectReason::kTooManyClientIds);
  }
  return {};
}

bool IsExpiryValid(const State& state, const PlaceOrder& op) {
  if (op.expires.value() == 0) return true;
  if (op.type != OrderType::kLimit && op.type != OrderType::kPostOnly) return false;
  return op.expires.value() > state.time;
}

OperationResult CheckPlace(const State& state, const AccountId& account, const PlaceOrder& op) {
  const auto market = state.markets.find(op.market.value());
  if (market == state.markets.end()) return Rejected(RejectReason::kUnknownMarket);
  if (!IsValidAmount(op.price.value())) return Rejected(RejectReason::kInvalidPrice);
  if (!IsValidAmount(op.quantity.value())) return Rejected(RejectReason::kInvalidQuantity);
  if (!IsExpiryValid(state, op)) return Rejected(RejectReason::kInvalidExpiry);
  const RejectReason reason =
      CheckAmounts(market->second, op.side, op.price.value(), op.quantity.value());
  if (reason != RejectReason::kNone) return Rejected(reason);
  const OperationResult client_id = CheckClientId(state, account, op.client_id.value());
  if (client_id.reason != RejectReason::kNone) return client_id;
  if (CountOrders(state, account) >= state.limits.max_open_orders) {
    return Rejected(RejectReason::kTooManyOpenOrders);
  }
  return {};
}

// What stands in the way of an order once it meets the book.
RejectReason CheckBook(const State& state, const Order& taker) {
  if (taker.type == OrderType::kPostOnly && !CrossedOrders(state, taker).empty()) {
    return RejectReason::kWouldTake;
  }
  if (taker.type == OrderType::kFillOrKill && !IsFillable(state, taker)) {
    return RejectReason::kNotFillable;
  }
  return RejectReason::kNone;
}

OperationResult MatchNow(State& state, std::uint64_t order_id, const TxId& txid) {
  std::uint64_t filled = 0;
  std::uint64_t remaining = 0;
  OperationResult result;
  result.status = Match(state, order_id, txid, &filled, &remaining);
  result.order = OrderId(order_id);
  result.filled = Lots(filled);
  result.remaining = Lots(remaining);
  return result;
}

// The order that a target names, if it can be cancelled; otherwise why it can't.
RejectReason FindTarget(const State& state, const AccountId& account, const OrderTarget& target,
                        std::uint64_t* order_id) {
  const Order* order = nullptr;
  if (target.by_client_id) {
    order = FindByClientId(state, account, target.id);
  } else if (const auto it = state.orders.find(target.id); it != state.orders.end()) {
    order = &it->second;
  }
  if (order == nullptr || order->closing) return RejectReason::kOrderNotFound;
  if (order->account != account) return RejectReason::kNotOrderOwner;
  *order_id = order->id;
  return RejectReason::kNone;
}

// A cancel came before its place: the client id is barred until the cancel's own end.
RejectReason Bar(State& state, const Caller& caller, std::uint64_t client_id) {
  if (FindByClientId(state, caller.account, client_id) != nullptr) {
    return RejectReason::kOrderNotFound;  // of a closing order
  }
  auto& known = state.accounts.at(caller.account).client_ids;
  if (const auto it = known.find(client_id); it != known.end()) {
    const bool is_bar = it->second.order == 0;
    if (is_bar && it->second.until < caller.valid_until) it->second.until = caller.valid_until;
    return RejectReason::kOrderNotFound;
  }
  if (known.size() >= state.limits.max_client_ids) return RejectReason::kTooManyClientIds;
  known[client_id] = {.order = 0, .until = caller.valid_until};
  return RejectReason::kOrderNotFound;
}

Order MakeOrder(const State& state, const AccountId& account, const PlaceOrder& op) {
  Order order;
  order.id = order.priority = MakeOrderId(Height(state.height), state.sequence).value();
  order.account = account;
  order.market = op.market.value();
  order.side = op.side;
  order.type = op.type;
  order.self_trade = op.self_trade;
  order.price = op.price.value();
  order.quantity = order.remaining = op.quantity.value();
  order.client_id = op.client_id.value();
  order.expires = op.expires.value();
  return order;
}

// An order's form after it is replaced, as it comes to the book again.
Order MakeReplacement(const Order& order, const ReplaceOrder& op) {
  Order replacement = order;
  replacement.type = op.post_only ? OrderType::kPostOnly : OrderType::kLimit;
  replacement.place = Place::kTaking;
  replacement.price = op.price.value();
  replacement.quantity = replacement.remaining = op.quantity.value();
  return replacement;
}

OperationResult Shrink(State& state, Order& order, std::uint64_t quantity) {
  if (quantity < order.remaining) {
    state.events.push_back(ledger::OrderReduced{
        .order = OrderId(order.id),
        .account = order.account,
        .market = MarketId(order.market),
        .side = order.side,
        .price = PriceTicks(order.price),
        .open_before = Lots(order.remaining),
        .open = Lots(quantity),
    });
    order.quantity = order.remaining = quantity;
  }
  OperationResult result = OfOrder(order.id, quantity);
  result.status = OrderStatus::kOpen;
  return result;
}

// Closes an account's orders in a market, 0: in all. Returns how many were not closing before. What
// had expired already is cancelled too, but only where something else is.
std::uint32_t MarkCancelled(State& state, const AccountId& account, std::uint32_t market) {
  std::vector<Order*> orders;
  std::uint32_t count = 0;
  for (auto& [id, order] : state.orders) {
    if (order.account != account || (market != 0 && order.market != market)) continue;
    orders.push_back(&order);
    if (!order.closing) ++count;
  }
  if (count == 0) return 0;
  for (Order* order : orders) order->closing = order->cancelled = true;
  return count;
}

}  // namespace

OperationResult Rejected(RejectReason reason, std::uint64_t order_id) {
  OperationResult result;
  result.reason = reason;
  result.order = OrderId(order_id);
  return result;
}

void SettleClosing(State& state) {
  std::vector<std::uint64_t> ids;
  for (const auto& [id, order] : state.orders) {
    if (order.closing) ids.push_back(id);
  }
  for (const std::uint64_t id : ids) {
    if (state.closures_left == 0) return;
    --state.closures_left;
    const Order& order = state.orders.at(id);
    TellClosed(state, order, order.cancelled ? CloseReason::kCancelled : CloseReason::kExpired);
    Leave(state, id);
  }
}

OperationResult Run(State& state, const Caller& caller, const PlaceOrder& op) {
  const OperationResult check = CheckPlace(state, caller.account, op);
  if (check.reason != RejectReason::kNone) return check;
  const Order order = MakeOrder(state, caller.account, op);
  const Market& market = state.markets.at(order.market);
  Bill bill;
  bill.Add(GivenAsset(market, order.side), OrderNeed(market, order));
  bill.Add(state.fees.asset, state.fees.order_deposit);
  if (!bill.CoveredBy(state, caller.account)) return Rejected(RejectReason::kInsufficientFunds);
  if (const RejectReason reason = CheckBook(state, order); reason != RejectReason::kNone) {
    return Rejected(reason);
  }
  NextSequence(state);  // taken by this order's id
  state.orders[order.id] = order;
  return MatchNow(state, order.id, caller.txid);
}

OperationResult Run(State& state, const Caller& caller, const CancelOrder& op) {
  std::uint64_t id = 0;
  const RejectReason reason = FindTarget(state, caller.account, op.target, &id);
  if (reason == RejectReason::kOrderNotFound && op.target.by_client_id) {
    return Rejected(Bar(state, caller, op.target.id));
  }
  if (reason != RejectReason::kNone) return Rejected(reason);
  const std::uint64_t remaining = state.orders.at(id).remaining;
  TellClosed(state, state.orders.at(id), CloseReason::kCancelled);
  Leave(state, id);
  OperationResult result = OfOrder(id, remaining);
  result.status = OrderStatus::kCancelled;
  return result;
}

OperationResult Run(State& state, const Caller& caller, const ReplaceOrder& op) {
  std::uint64_t id = 0;
  const RejectReason found = FindTarget(state, caller.account, op.target, &id);
  if (found != RejectReason::kNone) return Rejected(found);
  Order& order = state.orders.at(id);
  if (order.place == Place::kCarried) return Rejected(RejectReason::kOrderNotFound);

  if (!IsValidAmount(op.price.value())) return Rejected(RejectReason::kInvalidPrice);
  if (!IsValidAmount(op.quantity.value())) return Rejected(RejectReason::kInvalidQuantity);
  const Market& market = state.markets.at(order.market);
  const RejectReason amounts =
      CheckAmounts(market, order.side, op.price.value(), op.quantity.value());
  if (amounts != RejectReason::kNone) return Rejected(amounts);
  Order replacement = MakeReplacement(order, op);
  const AssetId& given = GivenAsset(market, order.side);
  if (OrderNeed(market, replacement) >
      Free(state, caller.account, given) + OrderNeed(market, order)) {
    return Rejected(RejectReason::kInsufficientFunds);
  }
  if (op.price.value() == order.price && op.quantity.value() <= order.remaining) {
    return Shrink(state, order, op.quantity.value());
  }
  if (const RejectReason reason = CheckBook(state, replacement); reason != RejectReason::kNone) {
    return Rejected(reason);
  }
  TellClosed(state, order, CloseReason::kReplaced);
  replacement.priority = NextSequence(state);
  order = replacement;
  return MatchNow(state, id, caller.txid);
}

OperationResult Run(State& state, const Caller& caller, const CancelAll& op) {
  if (op.market.value() != 0 && !state.markets.contains(op.market.value())) {
    return Rejected(RejectReason::kUnknownMarket);
  }
  OperationResult result;
  result.cancelled = MarkCancelled(state, caller.account, op.market.value());
  SettleClosing(state);
  Account& account = state.accounts.at(caller.account);
  if (op.void_in_flight && account.nonce_floor <= caller.nonce) {
    account.nonce_floor = caller.nonce + 1;
    // The floor is always unused.
    std::erase_if(account.nonces, [&](std::uint64_t n) { return n < account.nonce_floor; });
    while (account.nonces.erase(account.nonce_floor) != 0) ++account.nonce_floor;
  }
  return result;
}

}  // namespace bourse::model
