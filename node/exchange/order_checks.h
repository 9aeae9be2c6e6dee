// What is wrong with an order, before the engine sees it. Pure functions of the state.
//
// The first reason that applies is the one a trader gets; the order of the checks is part of the
// rules: market, price, quantity, expiry, size, client id, open orders, funds.
#pragma once

#include "common/order_type.h"
#include "common/result.h"
#include "common/transaction.h"
#include "common/units.h"
#include "ledger/records.h"
#include "node/exchange/core.h"

namespace bourse::exchange {

// The order that `op` asks for, without an id.
[[nodiscard]] ledger::Order NewOrderOf(AccountIndex account, const PlaceOrder& op);

// Price and quantity are within 1 to 2^63-1.
[[nodiscard]] RejectReason CheckPriceAndQuantity(PriceTicks price, Lots quantity);

// Only limit and post-only orders may expire, and later than `now`.
[[nodiscard]] RejectReason CheckExpiry(OrderType type, TimeMicros expires, TimeMicros now);

// The order's amounts fit, and reach the market's minimum. Sets what it would have reserved.
[[nodiscard]] RejectReason CheckSize(const ledger::Market& market, Side side, PriceTicks price,
                                     Lots quantity, std::uint32_t fee_slack, Atoms* reserve);

// All checks of a new order but those of client id, open orders and funds.
[[nodiscard]] RejectReason CheckTerms(const Core& core, const PlaceOrder& op, TimeMicros now,
                                      Atoms* reserve);

// Whether `free_reserve` and `free_fee` (the account's free atoms of the two assets) cover a new
// order: its reserve and its deposit, which may be of one asset.
[[nodiscard]] bool CoversOrder(const Core& core, AssetIndex reserve_asset, Atoms reserve,
                               Atoms free_reserve, Atoms free_fee);

// All checks of a replace but that of funds, on an order in the book.
[[nodiscard]] RejectReason CheckReplace(const Core& core, const ledger::Order& order,
                                        const ReplaceOrder& op, Atoms* reserve);

// A replace that only shrinks its order leaves it where it stands.
[[nodiscard]] inline bool KeepsPriority(const ledger::Order& order, const ReplaceOrder& op) {
  return op.price == order.price && op.quantity <= order.remaining;
}

// An order at `price` would meet one of the other side.
[[nodiscard]] bool WouldTake(const Core& core, MarketId market, Side side, PriceTicks price);

// True if `price` of `side` meets `opposite`, a price of the other side.
[[nodiscard]] constexpr bool Crosses(Side side, PriceTicks price, PriceTicks opposite) {
  return side == Side::kBuy ? price >= opposite : price <= opposite;
}

}  // namespace bourse::exchange
