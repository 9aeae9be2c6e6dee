#include "node/exchange/order_operations.h"

#include <algorithm>

#include "common/check.h"
#include "ledger/settlement.h"
#include "node/exchange/order_checks.h"

namespace bourse::exchange {

using ledger::CloseReason;
using ledger::OperationResult;
using ledger::Order;
using matching::Match;
using matching::OrderSlot;
using matching::Outcome;

namespace {

OperationResult Rejected(RejectReason reason, OrderId order = OrderId(0)) {
  OperationResult result;
  result.reason = reason;
  result.order = order;
  return result;
}

matching::NewOrder ForEngine(const Order& order) {
  return {.market = order.market,
          .side = order.side,
          .type = order.type,
          .self_trade = order.self_trade,
          .owner = order.account,
          .price = order.price,
          .quantity = order.remaining};
}

}  // namespace

bool IsCutOff(const ledger::Account& account, const Order& order) {
  return std::any_of(account.cutoffs.begin(), account.cutoffs.end(), [&](const auto& cutoff) {
    return order.id < cutoff.below &&
           (cutoff.market == MarketId(0) || cutoff.market == order.market);
  });
}

OperationResult OrderOperations::Place(AccountIndex account, const PlaceOrder& op,
                                       const TxId& txid) {
  Atoms reserve;
  OrderId duplicate;
  const RejectReason reason = CheckPlace(account, op, &reserve, &duplicate);
  if (reason != RejectReason::kNone) return Rejected(reason, duplicate);

  Order order = NewOrderOf(account, op);
  Meet(order);
  if (outcome_.kind == Outcome::Kind::kRejectedPostOnly) return Rejected(RejectReason::kWouldTake);
  if (outcome_.kind == Outcome::Kind::kRejectedFillOrKill) {
    return Rejected(RejectReason::kNotFillable);
  }
  Accept(order, reserve);
  return Settle(order, txid);
}

RejectReason OrderOperations::CheckPlace(AccountIndex account, const PlaceOrder& op, Atoms* reserve,
                                         OrderId* duplicate) const {
  const RejectReason reason = CheckTerms(core_, op, run_.time, reserve);
  if (reason != RejectReason::kNone) return reason;
  const ledger::Account& owner = core_.state.account(account);
  if (op.client_id != ClientOrderId(0)) {
    if (const auto known = core_.client_ids.Find(account, op.client_id)) {
      *duplicate = known->order;
      return known->order == OrderId(0) ? RejectReason::kClientIdBarred
                                        : RejectReason::kDuplicateClientId;
    }
    if (owner.client_ids >= core_.limits.max_client_ids) return RejectReason::kTooManyClientIds;
  }
  if (owner.open_orders >= core_.limits.max_open_orders) return RejectReason::kTooManyOpenOrders;
  const AssetIndex asset = ledger::ReserveAsset(core_.state.market(op.market), op.side);
  const bool covered = CoversOrder(core_, asset, *reserve, core_.state.Free(account, asset),
                                   core_.state.Free(account, core_.fee_asset));
  return covered ? RejectReason::kNone : RejectReason::kInsufficientFunds;
}

OperationResult OrderOperations::Cancel(AccountIndex account, const CancelOrder& op,
                                        TimeMicros valid_until) {
  const Target target = FindTarget(account, op.target);
  if (target.reason != RejectReason::kNone) {
    if (!op.target.by_client_id || op.target.id == 0) return Rejected(target.reason);
    return Rejected(BarClientId(account, ClientOrderId(op.target.id), valid_until));
  }
  const bool in_book = target.location.where == OrderTable::Where::kBook;
  const Order order = Pull(target.id, target.location);
  Close(order, CloseReason::kCancelled, in_book);
  OperationResult result;
  result.order = order.id;
  result.status = OrderStatus::kCancelled;
  result.remaining = order.remaining;
  return result;
}

OrderOperations::Target OrderOperations::FindTarget(AccountIndex account,
                                                    const OrderTarget& target) const {
  OrderId id(target.id);
  if (target.by_client_id) {
    const auto known = core_.client_ids.Find(account, ClientOrderId(target.id));
    if (!known || !known->open) return {RejectReason::kOrderNotFound, {}, {}};
    id = known->order;
  }
  const auto location = core_.orders.Find(id);
  if (!location || location->where == OrderTable::Where::kClosing) {
    return {RejectReason::kOrderNotFound, {}, {}};
  }
  if (core_.orders.At(id, *location).account != account) {
    return {RejectReason::kNotOrderOwner, {}, {}};
  }
  return {RejectReason::kNone, id, *location};
}

// Bars a client id that no order has or had, and returns why its order was not found.
RejectReason OrderOperations::BarClientId(AccountIndex account, ClientOrderId id,
                                          TimeMicros until) {
  const auto known = core_.client_ids.Find(account, id);
  if (!known) {
    if (core_.state.account(account).client_ids >= core_.limits.max_client_ids) {
      return RejectReason::kTooManyClientIds;
    }
    core_.client_ids.Bar(account, id, until);
    ++core_.state.MutableAccount(account).client_ids;
  } else if (known->order == OrderId(0) && known->until < until) {
    core_.client_ids.Bar(account, id, until);
  }
  return RejectReason::kOrderNotFound;
}

OperationResult OrderOperations::Replace(AccountIndex account, const ReplaceOrder& op,
                                         const TxId& txid) {
  const Target target = FindTarget(account, op.target);
  if (target.reason != RejectReason::kNone) return Rejected(target.reason);
  if (target.location.where != OrderTable::Where::kBook) {
    return Rejected(RejectReason::kOrderNotFound);
  }
  const OrderSlot slot = target.location.slot;
  const Order& order = core_.orders.InBook(slot);
  Atoms reserve;
  const RejectReason reason = CheckReplace(core_, order, op, &reserve);
  if (reason != RejectReason::kNone) return Rejected(reason);
  const ledger::Market& market = core_.state.market(order.market);
  const std::uint64_t held = ledger::ReserveOf(market, order).value();
  const Atoms free = core_.state.Free(account, ledger::ReserveAsset(market, order.side));
  if (reserve.value() > held && reserve.value() - held > free.value()) {
    return Rejected(RejectReason::kInsufficientFunds);
  }
  if (KeepsPriority(order, op)) return Shrink(slot, op.quantity);
  if (op.post_only && WouldTake(core_, order.market, order.side, op.price)) {
    return Rejected(RejectReason::kWouldTake);
  }
  return Reprice(slot, op, reserve, txid);
}

OperationResult OrderOperations::Shrink(OrderSlot slot, Lots quantity) {
  const Lots before = core_.orders.InBook(slot).remaining;
  if (quantity < before) {
    Order& order = core_.orders.MutableInBook(slot);
    const ledger::Market& market = core_.state.market(order.market);
    const std::uint64_t held = ledger::ReserveOf(market, order).value();
    core_.engine.Reduce(slot, quantity);
    order.quantity = quantity;
    order.remaining = quantity;
    core_.state.Release(order.account, ledger::ReserveAsset(market, order.side),
                        Atoms(held - ledger::ReserveOf(market, order).value()));
    run_.events.Append(ledger::OrderReduced{order.id, IdOf(order.account), order.market, order.side,
                                            order.price, before, quantity});
  }
  OperationResult result;
  result.order = core_.orders.InBook(slot).id;
  result.status = OrderStatus::kOpen;
  result.remaining = quantity;
  return result;
}

// Takes an order out of the book, and brings it in again as a new one would come.
OperationResult OrderOperations::Reprice(OrderSlot slot, const ReplaceOrder& op, Atoms reserve,
                                         const TxId& txid) {
  Order order = Pull(core_.orders.InBook(slot).id, {OrderTable::Where::kBook, slot});
  run_.events.Append(ledger::OrderClosed{order.id, IdOf(order.account), order.market, order.side,
                                         order.price, order.remaining, CloseReason::kReplaced,
                                         true});
  const ledger::Market& market = core_.state.market(order.market);
  const AssetIndex asset = ledger::ReserveAsset(market, order.side);
  core_.state.Release(order.account, asset, ledger::ReserveOf(market, order));
  core_.state.Reserve(order.account, asset, reserve);
  order.quantity = op.quantity;
  order.remaining = op.quantity;
  order.price = op.price;
  order.type = op.post_only ? OrderType::kPostOnly : OrderType::kLimit;
  order.priority = run_.NextOrderId();
  return Run(order, txid);
}

OperationResult OrderOperations::CancelAll(AccountIndex account, const bourse::CancelAll& op) {
  if (op.market != MarketId(0) && core_.state.FindMarket(op.market) == nullptr) {
    return Rejected(RejectReason::kUnknownMarket);
  }
  const std::vector<OrderId> ids = core_.orders.OpenOf(account, op.market);
  bool all_left = true;
  for (const OrderId id : ids) {
    const OrderTable::Location location = *core_.orders.Find(id);
    const bool in_book = location.where == OrderTable::Where::kBook;
    const Order order = Pull(id, location);
    if (run_.closures_left > 0 && core_.orders.closing().empty()) {
      --run_.closures_left;
      Close(order, CloseReason::kCancelled, in_book);
    } else {
      core_.orders.AddClosing(order);
      all_left = false;
    }
  }
  if (!all_left) AddCutoff(account, op.market);
  OperationResult result;
  result.cancelled = static_cast<std::uint32_t>(ids.size());
  return result;
}

void OrderOperations::AddCutoff(AccountIndex account, MarketId market) {
  const OrderId below = MakeOrderId(run_.height, run_.next_sequence);
  auto& cutoffs = core_.state.MutableAccount(account).cutoffs;
  const auto it = std::find_if(cutoffs.begin(), cutoffs.end(),
                               [&](const auto& cutoff) { return cutoff.market == market; });
  if (it != cutoffs.end()) {
    it->below = below;
  } else {
    cutoffs.push_back({market, below});
  }
}

void OrderOperations::ForgetClientIds() {
  for (const AccountIndex account : core_.client_ids.Forget(run_.time)) {
    --core_.state.MutableAccount(account).client_ids;
  }
}

void OrderOperations::ExpireOrders() {
  while (const auto id = core_.orders.NextExpired(run_.time)) {
    core_.orders.AddClosing(Pull(*id, *core_.orders.Find(*id)));
  }
}

void OrderOperations::CloseOrders() {
  while (run_.closures_left > 0 && !core_.orders.closing().empty()) {
    --run_.closures_left;
    const Order order = core_.orders.RemoveClosing(core_.orders.closing().begin()->first);
    const bool cut_off = IsCutOff(core_.state.account(order.account), order);
    Close(order, cut_off ? CloseReason::kCancelled : CloseReason::kExpired, !order.carried);
    if (!core_.orders.HasClosing(order.account) &&
        !core_.state.account(order.account).cutoffs.empty()) {
      core_.state.MutableAccount(order.account).cutoffs.clear();
    }
  }
}

void OrderOperations::ContinueCarried() {
  std::vector<OrderId> ids;
  for (const auto& [id, order] : core_.orders.carried()) {
    if (ids.size() == core_.limits.max_carried_per_block) break;
    ids.push_back(id);
  }
  for (const OrderId id : ids) {
    Run(core_.orders.RemoveCarried(id), TxId{});
  }
}

void OrderOperations::Accept(Order& order, Atoms reserve) {
  const ledger::Market& market = core_.state.market(order.market);
  order.id = run_.NextOrderId();
  order.priority = order.id;
  core_.state.Reserve(order.account, ledger::ReserveAsset(market, order.side), reserve);
  core_.state.Reserve(order.account, core_.fee_asset, Atoms(core_.fees.order_deposit));
  ++core_.state.MutableAccount(order.account).open_orders;
  if (order.client_id != ClientOrderId(0)) {
    core_.client_ids.Open(order.account, order.client_id, order.id);
  }
}

void OrderOperations::Leave(const Order& order) {
  const ledger::Market& market = core_.state.market(order.market);
  core_.state.Release(order.account, ledger::ReserveAsset(market, order.side),
                      ledger::ReserveOf(market, order));
  core_.state.Release(order.account, core_.fee_asset, Atoms(core_.fees.order_deposit));
  ledger::Account& account = core_.state.MutableAccount(order.account);
  --account.open_orders;
  if (order.client_id != ClientOrderId(0)) {
    core_.client_ids.Remember(order.account, order.client_id,
                              TimeMicros(run_.time.value() + limits::kClientIdMemoryMicros));
    ++account.client_ids;
  }
}

void OrderOperations::Close(const Order& order, CloseReason reason, bool in_book) {
  Leave(order);
  run_.events.Append(ledger::OrderClosed{order.id, IdOf(order.account), order.market, order.side,
                                         order.price, order.remaining, reason, in_book});
}

Order OrderOperations::Pull(OrderId id, OrderTable::Location location) {
  CHECK(location.where != OrderTable::Where::kClosing);
  if (location.where == OrderTable::Where::kCarried) return core_.orders.RemoveCarried(id);
  core_.engine.Cancel(location.slot);
  return core_.orders.RemoveFromBook(location.slot);
}

// Gives an order to the engine, which may let it meet as many makers as an operation and the block
// have left. At least one: so a block that has none left goes on, slowly.
void OrderOperations::Meet(const Order& order) {
  const std::uint32_t most = order.type == OrderType::kFillOrKill
                                 ? core_.limits.max_fill_or_kill_makers
                                 : core_.limits.max_fills_per_operation;
  matches_.clear();
  outcome_ = core_.engine.Place(ForEngine(order), std::max(1u, std::min(most, run_.fills_left)),
                                &matches_);
  run_.fills_left -= std::min(run_.fills_left, static_cast<std::uint32_t>(matches_.size()));
}

OperationResult OrderOperations::Run(const Order& order, const TxId& txid) {
  Meet(order);
  return Settle(order, txid);
}

// Settles what the engine just did for `taker`, in the order in which it met its makers.
OperationResult OrderOperations::Settle(Order taker, const TxId& txid) {
  const Lots before = taker.remaining;
  for (const Match& match : matches_) {
    if (match.kind == Match::Kind::kSelfCancel) {
      Close(core_.orders.RemoveFromBook(match.maker), CloseReason::kSelfTrade, true);
    } else {
      SettleMatch(taker, match, txid);
    }
  }
  CHECK(taker.remaining == outcome_.remaining);
  OperationResult result;
  result.order = taker.id;
  result.filled = Lots(before.value() - taker.remaining.value());
  result.remaining = taker.remaining;
  result.status = Finish(taker);
  return result;
}

void OrderOperations::SettleMatch(Order& taker, const Match& match, const TxId& txid) {
  Order& maker = core_.orders.MutableInBook(match.maker);
  const ledger::Market& market = core_.state.market(taker.market);
  const ledger::Settlement settled =
      ledger::SettleFill(core_.state, market, maker, taker, match.quantity);
  run_.events.Append(ledger::Swap{.market = taker.market,
                                  .taker_side = taker.side,
                                  .price = match.price,
                                  .quantity = match.quantity,
                                  .base_amount = settled.base_amount,
                                  .quote_amount = settled.quote_amount,
                                  .maker = IdOf(maker.account),
                                  .taker = IdOf(taker.account),
                                  .maker_order = maker.id,
                                  .taker_order = taker.id,
                                  .maker_remaining = maker.remaining,
                                  .maker_fee = settled.maker_fee,
                                  .taker_fee = settled.taker_fee,
                                  .taker_txid = txid});
  CHECK((match.kind == Match::Kind::kFill) == (maker.remaining == Lots(0)));
  if (match.kind == Match::Kind::kFill) Leave(core_.orders.RemoveFromBook(match.maker));
}

OrderStatus OrderOperations::Finish(Order& order) {
  const bool was_carried = order.carried;
  order.carried = false;
  switch (outcome_.kind) {
    case Outcome::Kind::kFilled:
      Leave(order);
      return OrderStatus::kFilled;
    case Outcome::Kind::kRested:
      if (was_carried) order.priority = run_.NextOrderId();
      core_.orders.AddToBook(outcome_.slot, order);
      run_.events.Append(ledger::OrderOpened{order.id, IdOf(order.account), order.market,
                                             order.side, order.price, order.remaining,
                                             order.client_id, order.expires});
      return OrderStatus::kOpen;
    case Outcome::Kind::kCancelled:
      Close(order, CloseReason::kUnfilled, false);
      return OrderStatus::kCancelled;
    case Outcome::Kind::kSelfTradeCancelled:
      Close(order, CloseReason::kSelfTrade, false);
      return OrderStatus::kCancelled;
    case Outcome::Kind::kCapped:
      order.carried = true;
      core_.orders.AddCarried(order);
      return OrderStatus::kCarried;
    case Outcome::Kind::kRejectedPostOnly:
    case Outcome::Kind::kRejectedFillOrKill:
      break;
  }
  CHECK(false);  // rejections were dealt with before the order was accepted
  return OrderStatus::kUnspecified;
}

}  // namespace bourse::exchange
