// What goes into the matching engine, and what comes out.
#pragma once

#include <cstdint>

#include "common/order_type.h"
#include "common/strong_int.h"
#include "common/units.h"

namespace bourse::matching {

// Handle of a resting order: a small index, given out again after the order has
// left. Callers keep what they know of an order in arrays indexed by it. It never
// reaches state, events or a user: OrderId does.
using OrderSlot = StrongInt<struct OrderSlotTag, std::uint32_t>;
inline constexpr OrderSlot kNoSlot{0};

using bourse::OrderType;
using bourse::SelfTrade;

struct NewOrder {
  MarketId market;
  Side side = Side::kBuy;
  OrderType type = OrderType::kLimit;
  SelfTrade self_trade = SelfTrade::kCancelTaker;
  AccountIndex owner;  // compared for self-trade prevention, nothing else
  PriceTicks price;    // 1 to 2^63-1: the limit, or the worst price
  Lots quantity;       // 1 to 2^63-1
};

// A maker met by a taker.
struct Match {
  enum class Kind : std::uint8_t {
    kPartialFill,  // the maker rests on with what is left
    kFill,         // the maker is filled and has left
    kSelfCancel,   // the maker has left by self-trade prevention, nothing was exchanged
  };
  Kind kind;
  OrderSlot maker;
  PriceTicks price;  // the maker's
  Lots quantity;     // filled, or, for kSelfCancel, what the maker had left
};

// What became of a taker.
struct Outcome {
  enum class Kind : std::uint8_t {
    kFilled,              // nothing is left
    kRested,              // `remaining` rests in `slot`
    kCancelled,           // `remaining` of an IOC or market order found no maker
    kSelfTradeCancelled,  // `remaining` cancelled by self-trade prevention
    kCapped,              // met as many makers as one operation may; `remaining` could go on
    kRejectedPostOnly,    // would have met an order; nothing changed
    kRejectedFillOrKill,  // not fillable in full; nothing changed
  };
  Kind kind;
  Lots remaining;
  OrderSlot slot = kNoSlot;
};

// A resting order, as the engine knows it.
struct RestingOrder {
  MarketId market;
  Side side;
  AccountIndex owner;
  PriceTicks price;
  Lots quantity;  // what is left
};

// All orders of one side at one price.
struct Level {
  PriceTicks price;
  Lots quantity;
  std::uint32_t orders;
};

}  // namespace bourse::matching
