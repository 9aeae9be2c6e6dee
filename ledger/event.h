// Events: what happened in a block, in order. The same on every node, and enough to follow books,
// orders and balances. An event's place in its block is its index; the results root commits to
// each.
//
// An operation's events come in this order: AccountCreated before the Transferred or Minted that
// caused it; a replaced order's OrderClosed or OrderReduced; then, in the order in which makers
// were met, a Swap or the maker's OrderClosed (kSelfTrade); last what became of the arriving order:
// OrderOpened if it rests, OrderClosed (kUnfilled or kSelfTrade, not in_book) if what was left was
// cancelled, nothing if it was filled or carried. Orders closed together (cancel-all, expiry) come
// by id. Rejected operations and skipped transactions have no events.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/codec.h"
#include "common/hash.h"
#include "common/transaction.h"
#include "common/units.h"

namespace bourse::ledger {

// One fill, settled.
struct Swap {
  MarketId market;
  Side taker_side = Side::kBuy;
  PriceTicks price;
  Lots quantity;
  Atoms base_amount;
  Atoms quote_amount;
  AccountId maker;
  AccountId taker;
  OrderId maker_order;
  OrderId taker_order;
  Lots maker_remaining;  // 0: it has left the book
  Atoms maker_fee;
  Atoms taker_fee;
  TxId taker_txid;  // zeros: by an order carried over from an earlier block
  friend bool operator==(const Swap&, const Swap&) = default;
};

// An order has entered the book, with this much open.
struct OrderOpened {
  OrderId order;
  AccountId account;
  MarketId market;
  Side side = Side::kBuy;
  PriceTicks price;
  Lots open;
  ClientOrderId client_id;
  TimeMicros expires;
  friend bool operator==(const OrderOpened&, const OrderOpened&) = default;
};

enum class CloseReason : std::uint8_t {
  kCancelled = 1,  // by its owner
  kReplaced = 2,   // its place in the book is given up; it may open again under the same id
  kExpired = 3,
  kSelfTrade = 4,  // by self-trade prevention
  kUnfilled = 5,   // what was left of an immediate-or-cancel or market order
};

// An order has left the book unfilled, in part or whole. `open` is what it had left.
struct OrderClosed {
  OrderId order;
  AccountId account;
  MarketId market;
  Side side = Side::kBuy;
  PriceTicks price;
  Lots open;
  CloseReason reason = CloseReason::kCancelled;
  bool in_book = true;  // false: it was arriving or carried, so no book had it
  friend bool operator==(const OrderClosed&, const OrderClosed&) = default;
};

// A replace has shrunk an order, which keeps its priority.
struct OrderReduced {
  OrderId order;
  AccountId account;
  MarketId market;
  Side side = Side::kBuy;
  PriceTicks price;
  Lots open_before;
  Lots open;
  friend bool operator==(const OrderReduced&, const OrderReduced&) = default;
};

struct Transferred {
  AccountId from;
  AccountId to;
  AssetId asset;
  Atoms amount;
  std::string memo;
  friend bool operator==(const Transferred&, const Transferred&) = default;
};

struct Minted {
  AccountId to;
  AssetId asset;
  Atoms amount;
  std::string memo;
  friend bool operator==(const Minted&, const Minted&) = default;
};

struct Burned {
  AccountId from;
  AssetId asset;
  Atoms amount;
  std::string memo;
  friend bool operator==(const Burned&, const Burned&) = default;
};

struct AccountCreated {
  AccountId account;
  friend bool operator==(const AccountCreated&, const AccountCreated&) = default;
};

struct AssetCreated {
  AssetId asset;
  friend bool operator==(const AssetCreated&, const AssetCreated&) = default;
};

struct MarketCreated {
  MarketId market;
  friend bool operator==(const MarketCreated&, const MarketCreated&) = default;
};

using Event = std::variant<Swap, OrderOpened, OrderClosed, OrderReduced, Transferred, Minted,
                           Burned, AccountCreated, AssetCreated, MarketCreated>;

// Canonical bytes: the kind (1 to 10, as in Event), then the fields in order.
[[nodiscard]] std::string Encode(const Event& event);
[[nodiscard]] bool Decode(std::string_view bytes, Event* event);

// The events of one block, flat: written once, handed on as they are.
class EventLog {
 public:
  void Append(const Event& event);

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(ends_.size()); }
  [[nodiscard]] std::string_view At(std::uint32_t index) const;
  void Clear();

  // All events as one value for the store, and back.
  [[nodiscard]] std::string Pack() const;
  [[nodiscard]] static bool Unpack(std::string_view packed, EventLog* log);

 private:
  Writer bytes_;  // one event behind the other
  std::vector<std::uint32_t> ends_;
};

}  // namespace bourse::ledger
