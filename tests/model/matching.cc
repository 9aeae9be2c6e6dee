#include "tests/model/matching.h"

#include <algorithm>

#include "common/limits.h"
#include "tests/model/funds.h"

namespace bourse::model {
namespace {

bool Crosses(const Order& taker, const Order& maker) {
  if (maker.place != Place::kBook || maker.closing) return false;
  if (maker.market != taker.market || maker.side == taker.side) return false;
  return taker.side == Side::kBuy ? maker.price <= taker.price : maker.price >= taker.price;
}

// Whether `a` is met before `b` by a taker on `side`.
bool IsBetter(Side side, const Order& a, const Order& b) {
  if (a.price != b.price) return side == Side::kBuy ? a.price < b.price : a.price > b.price;
  return a.priority < b.priority;
}

void Settle(State& state, Order& taker, Order& maker, const TxId& txid) {
  const Market& market = state.markets.at(taker.market);
  const std::uint64_t quantity = std::min(taker.remaining, maker.remaining);
  const std::uint64_t quote = QuoteAmount(market, quantity, maker.price);
  const std::uint64_t base = BaseAmount(market, quantity);
  taker.remaining -= quantity;
  maker.remaining -= quantity;
  const std::uint64_t maker_fee = TakeFee(quote, market.maker_fee_ppm, &maker.slack);
  const std::uint64_t taker_fee = TakeFee(quote, market.taker_fee_ppm, &taker.slack);

  const AccountId& buyer = taker.side == Side::kBuy ? taker.account : maker.account;
  const AccountId& seller = taker.side == Side::kBuy ? maker.account : taker.account;
  Take(state, buyer, market.quote, quote);
  Give(state, seller, market.quote, quote);
  Take(state, seller, market.base, base);
  Give(state, buyer, market.base, base);
  Take(state, maker.account, market.quote, maker_fee);
  Take(state, taker.account, market.quote, taker_fee);
  state.assets.at(market.quote).fee_pot += maker_fee + taker_fee;

  state.events.push_back(ledger::Swap{
      .market = MarketId(taker.market),
      .taker_side = taker.side,
      .price = PriceTicks(maker.price),
      .quantity = Lots(quantity),
      .base_amount = Atoms(base),
      .quote_amount = Atoms(quote),
      .maker = maker.account,
      .taker = taker.account,
      .maker_order = OrderId(maker.id),
      .taker_order = OrderId(taker.id),
      .maker_remaining = Lots(maker.remaining),
      .maker_fee = Atoms(maker_fee),
      .taker_fee = Atoms(taker_fee),
      .taker_txid = txid,
  });
}

enum class End { kNoMoreMakers, kFilled, kTooManyMakers, kSelfTrade };

// How many makers an order may meet.
std::uint32_t MakersAllowed(const State& state, OrderType type) {
  std::uint32_t allowed = type == OrderType::kFillOrKill ? state.limits.max_fill_or_kill_makers
                                                         : state.limits.max_fills_per_operation;
  if (allowed > state.fills_left) allowed = state.fills_left;
  return allowed == 0 ? 1 : allowed;
}

void CountFill(State& state) {
  if (state.fills_left > 0) --state.fills_left;
}

End MeetMakers(State& state, Order& taker, const TxId& txid) {
  const std::uint32_t allowed = MakersAllowed(state, taker.type);
  std::uint32_t met = 0;
  for (const std::uint64_t maker_id : CrossedOrders(state, taker)) {
    if (taker.remaining == 0) return End::kFilled;
    if (met == allowed) return End::kTooManyMakers;
    ++met;
    Order& maker = state.orders.at(maker_id);
    if (maker.account != taker.account) {
      Settle(state, taker, maker, txid);
      CountFill(state);
      if (maker.remaining == 0) Leave(state, maker_id);
      continue;
    }
    if (taker.self_trade != SelfTrade::kCancelTaker) {
      TellClosed(state, maker, ledger::CloseReason::kSelfTrade);
      Leave(state, maker_id);
      CountFill(state);
    }
    if (taker.self_trade != SelfTrade::kCancelMaker) return End::kSelfTrade;
  }
  return taker.remaining == 0 ? End::kFilled : End::kNoMoreMakers;
}

bool Rests(OrderType type) { return type == OrderType::kLimit || type == OrderType::kPostOnly; }

void Rest(State& state, Order& order, bool was_carried) {
  if (was_carried) order.priority = NextSequence(state);
  order.place = Place::kBook;
  state.events.push_back(ledger::OrderOpened{
      .order = OrderId(order.id),
      .account = order.account,
      .market = MarketId(order.market),
      .side = order.side,
      .price = PriceTicks(order.price),
      .open = Lots(order.remaining),
      .client_id = ClientOrderId(order.client_id),
      .expires = TimeMicros(order.expires),
  });
}

}  // namespace

std::vector<std::uint64_t> CrossedOrders(const State& state, const Order& taker) {
  std::vector<const Order*> crossed;
  for (const auto& [id, maker] : state.orders) {
    if (Crosses(taker, maker)) crossed.push_back(&maker);
  }
  std::sort(crossed.begin(), crossed.end(),
            [&](const Order* a, const Order* b) { return IsBetter(taker.side, *a, *b); });
  std::vector<std::uint64_t> ids;
  for (const Order* maker : crossed) ids.push_back(maker->id);
  return ids;
}

bool IsFillable(const State& state, const Order& taker) {
  std::uint64_t needed = taker.remaining;
  std::uint32_t met = 0;
  for (const std::uint64_t maker_id : CrossedOrders(state, taker)) {
    if (met == MakersAllowed(state, OrderType::kFillOrKill)) return false;
    ++met;
    const Order& maker = state.orders.at(maker_id);
    if (maker.account == taker.account) {
      if (taker.self_trade != SelfTrade::kCancelMaker) return false;
      continue;
    }
    if (maker.remaining >= needed) return true;
    needed -= maker.remaining;
  }
  return false;
}

OrderStatus Match(State& state, std::uint64_t taker_id, const TxId& txid, std::uint64_t* filled,
                  std::uint64_t* remaining) {
  Order& taker = state.orders.at(taker_id);
  const bool was_carried = taker.place == Place::kCarried;
  const std::uint64_t before = taker.remaining;
  const End end = MeetMakers(state, taker, txid);
  *filled = before - taker.remaining;
  *remaining = taker.remaining;

  if (end == End::kTooManyMakers) {
    taker.place = Place::kCarried;
    return OrderStatus::kCarried;
  }
  if (end == End::kNoMoreMakers && Rests(taker.type)) {
    Rest(state, taker, was_carried);
    return OrderStatus::kOpen;
  }
  if (end == End::kSelfTrade) TellClosed(state, taker, ledger::CloseReason::kSelfTrade);
  if (end == End::kNoMoreMakers) TellClosed(state, taker, ledger::CloseReason::kUnfilled);
  Leave(state, taker_id);
  return end == End::kFilled ? OrderStatus::kFilled : OrderStatus::kCancelled;
}

void Leave(State& state, std::uint64_t order_id) {
  const Order& order = state.orders.at(order_id);
  if (order.client_id != 0) {
    state.accounts.at(order.account).client_ids[order.client_id] = {
        .order = order_id, .until = state.time + limits::kClientIdMemoryMicros};
  }
  state.orders.erase(order_id);
}

void TellClosed(State& state, const Order& order, ledger::CloseReason reason) {
  state.events.push_back(ledger::OrderClosed{
      .order = OrderId(order.id),
      .account = order.account,
      .market = MarketId(order.market),
      .side = order.side,
      .price = PriceTicks(order.price),
      .open = Lots(order.remaining),
      .reason = reason,
      .in_book = order.place == Place::kBook,
  });
}

std::uint64_t NextSequence(State& state) {
  return MakeOrderId(Height(state.height), state.sequence++).value();
}

}  // namespace bourse::model
