// The whole state of the model exchange, as plain values.
//
// The model is a second, independent reading of the rules, written to be plainly right and nothing
// else: everything is looked for in all there is, and nothing that follows from something else is
// kept. So no balance is ever "reserved" or "released" here: an account owns an amount of an asset,
// and how much of that is reserved is computed from its orders and deposits whenever it is asked
// for. To go back to an earlier state, keep a copy.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/hash.h"
#include "common/order_type.h"
#include "common/transaction.h"
#include "common/units.h"
#include "ledger/event.h"
#include "ledger/genesis.h"
#include "node/exchange/options.h"

namespace bourse::model {

// A client id of an order that has left, or (order 0) barred by a cancel that came first.
struct ClientId {
  std::uint64_t order = 0;
  std::uint64_t until = 0;
  friend bool operator==(const ClientId&, const ClientId&) = default;
};

struct Account {
  PublicKey owner;
  std::uint64_t nonce_floor = 0;           // all below are used
  std::set<std::uint64_t> nonces;          // used ones above the floor
  std::map<AssetId, std::uint64_t> owned;  // free and reserved atoms; none that is zero
  std::map<std::uint64_t, ClientId> client_ids;
  std::uint32_t assets_created = 0;
  std::uint32_t markets_created = 0;
};

struct Asset {
  AccountId issuer;
  std::uint64_t supply = 0;
  std::uint64_t supply_cap = 0;
  std::uint64_t fee_pot = 0;
};

struct Market {
  AssetId base;
  AssetId quote;
  std::uint64_t lot_size = 0;
  std::uint64_t tick_size = 0;
  std::uint64_t min_notional = 0;
  std::uint32_t maker_fee_ppm = 0;
  std::uint32_t taker_fee_ppm = 0;
};

enum class Place {
  kTaking,   // matching right now, in no book
  kBook,     // can be met
  kCarried,  // met too many makers; goes on in the next block
};

struct Order {
  std::uint64_t id = 0;
  std::uint64_t priority = 0;
  AccountId account;
  std::uint32_t market = 0;
  Side side = Side::kBuy;
  OrderType type = OrderType::kLimit;
  SelfTrade self_trade = SelfTrade::kCancelTaker;
  Place place = Place::kTaking;
  std::uint64_t price = 0;
  std::uint64_t quantity = 0;
  std::uint64_t remaining = 0;
  std::uint64_t client_id = 0;
  std::uint64_t expires = 0;
  std::uint64_t slack = 0;  // fee paid ahead, in millionths of an atom
  bool closing = false;     // no longer matched: it leaves as soon as the bounds allow
  bool cancelled = false;   // closing, and (perhaps after it expired) by a cancel-all
};

// The genesis' schedule, with the asset's id.
struct Fees {
  AssetId asset;
  std::uint64_t per_transaction = 0;
  std::uint64_t per_operation = 0;
  std::uint64_t per_cancel = 0;
  std::uint64_t per_byte = 0;
  std::uint64_t account_deposit = 0;
  std::uint64_t order_deposit = 0;
  std::uint64_t asset_deposit = 0;
  std::uint64_t market_deposit = 0;
};

struct State {
  exchange::Limits limits;
  Hash256 genesis_hash;
  Fees fees;

  std::map<AccountId, Account> accounts;
  std::map<AssetId, Asset> assets;
  std::map<std::uint32_t, Market> markets;
  std::map<std::uint64_t, Order> orders;  // by id: in books, carried and closing

  // Of the block that runs.
  std::uint64_t height = 0;
  std::uint64_t time = 0;
  std::uint32_t sequence = 0;       // of the next order id or priority
  std::uint32_t fills_left = 0;     // makers that may still be met before it is one an operation
  std::uint32_t closures_left = 0;  // orders that mass work may still settle
  std::vector<ledger::Event> events;
};

}  // namespace bourse::model
