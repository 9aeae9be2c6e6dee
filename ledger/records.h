// What the ledger keeps, record by record, and its canonical bytes.
//
// A record's bytes are its value in the store and, for those of the state (accounts, assets,
// markets, orders, client ids, the head), what the state root commits to. Fixed little-endian
// layouts (common/codec.h); docs/formats.md lists them. A decoder returns false for bytes that no
// encoder writes; the key is not part of the bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/codec.h"
#include "common/hash.h"
#include "common/order_type.h"
#include "common/result.h"
#include "common/transaction.h"
#include "common/units.h"
#include "ledger/nonce_window.h"

namespace bourse::ledger {

struct Balance {
  AssetIndex asset;
  Atoms free;
  Atoms reserved;  // by open orders and deposits
  friend bool operator==(const Balance&, const Balance&) = default;
};

// All orders of an account in a market (0: in any) with a lower id are cancelled, though they may
// not have left the state yet.
struct CancelCutoff {
  MarketId market;
  OrderId below;
  friend bool operator==(const CancelCutoff&, const CancelCutoff&) = default;
};

// Key: the account's id.
struct Account {
  AccountId id;
  AccountIndex index;
  PublicKey owner;
  NonceWindow nonces;
  std::vector<Balance> balances;  // by asset; encoded without those that are zero
  std::uint32_t open_orders = 0;  // that take a deposit: in the book, carried or closing
  std::uint32_t assets_created = 0;
  std::uint32_t markets_created = 0;
  std::uint32_t client_ids = 0;  // remembered or barred
  std::vector<CancelCutoff> cutoffs;
};

// Key: the asset's index. Index 0 is never used.
struct Asset {
  AssetIndex index;
  AssetId id;
  AccountId issuer;      // may mint; zeros: nobody may
  bool genesis = false;  // named by the genesis, so its code alone is its name
  std::string code;
  std::uint32_t decimals = 0;
  Atoms supply;
  Atoms supply_cap;
  Atoms fee_pot;  // collected fees, for the validators; part of the supply
};

// In place of an account's index: nobody.
inline constexpr AccountIndex kNoAccount{0xffffffff};

// Key: the market's number. 0 is never used.
struct Market {
  MarketId id;
  AssetIndex base;
  AssetIndex quote;
  std::uint64_t lot_size = 0;
  std::uint64_t tick_size = 0;
  Atoms min_notional;
  std::uint32_t maker_fee_ppm = 0;
  std::uint32_t taker_fee_ppm = 0;
  AccountIndex creator;  // kNoAccount: the genesis
};

// Key: the order's id.
struct Order {
  OrderId id;
  OrderId priority;  // its id, until it is replaced or was carried
  AccountIndex account;
  MarketId market;
  Side side = Side::kBuy;
  OrderType type = OrderType::kLimit;
  SelfTrade self_trade = SelfTrade::kCancelTaker;
  bool carried = false;  // met as many makers as one operation may, and goes on in the next block
  PriceTicks price;
  Lots quantity;   // asked for, when it was placed or last replaced
  Lots remaining;  // of that
  ClientOrderId client_id;
  TimeMicros expires;
  std::uint32_t fee_slack = 0;  // see ledger/fees.h
};

// Key: account index and client id. Of an order that has left, or of none: a bar.
struct ClientId {
  OrderId order;     // 0: a cancel came first
  TimeMicros until;  // forgotten from then on
};

// The end of the chain, as of the state. Key: none.
struct Head {
  std::uint32_t protocol_version = 1;
  Height height;
  TimeMicros time;
  Hash256 block_hash;
  std::uint32_t accounts = 0;  // counts, of which the last index follows
  std::uint32_t assets = 0;
  std::uint32_t markets = 0;
};

// Key: height.
struct BlockHeader {
  std::uint32_t protocol_version = 1;
  Height height;
  TimeMicros time;
  Hash256 hash;
  Hash256 parent_hash;
  Hash256 transactions_root;
  Hash256 results_root;
  Hash256 state_root;
  std::uint32_t transactions = 0;
  std::uint32_t events = 0;
};

struct OperationResult {
  RejectReason reason = RejectReason::kNone;
  OrderStatus status = OrderStatus::kUnspecified;
  OrderId order;
  Lots filled;
  Lots remaining;
  MarketId market;
  AssetId asset;  // zeros: none
  std::uint32_t cancelled = 0;
  friend bool operator==(const OperationResult&, const OperationResult&) = default;
};

// Key: TXID. The first leaves of a block's results are its receipts, in the block's order.
struct Receipt {
  TxId txid;
  Height height;
  std::uint32_t index = 0;
  SkipReason skip = SkipReason::kNone;
  Atoms charged;
  std::uint32_t first_event = 0;  // its events are [first_event, first_event + events)
  std::uint32_t events = 0;
  std::vector<OperationResult> results;
};

[[nodiscard]] std::string Encode(const Account& record);
[[nodiscard]] std::string Encode(const Asset& record);
[[nodiscard]] std::string Encode(const Market& record);
[[nodiscard]] std::string Encode(const Order& record);
[[nodiscard]] std::string Encode(const ClientId& record);
[[nodiscard]] std::string Encode(const Head& record);
[[nodiscard]] std::string Encode(const BlockHeader& record);
[[nodiscard]] std::string Encode(const Receipt& record);

// The same, behind what the writer has.
void Write(const Account& record, Writer& writer);
void Write(const Asset& record, Writer& writer);
void Write(const Market& record, Writer& writer);
void Write(const Order& record, Writer& writer);
void Write(const ClientId& record, Writer& writer);
void Write(const Head& record, Writer& writer);
void Write(const BlockHeader& record, Writer& writer);
void Write(const Receipt& record, Writer& writer);

[[nodiscard]] bool Decode(std::string_view bytes, Account* record);
[[nodiscard]] bool Decode(std::string_view bytes, Asset* record);
[[nodiscard]] bool Decode(std::string_view bytes, Market* record);
[[nodiscard]] bool Decode(std::string_view bytes, Order* record);
[[nodiscard]] bool Decode(std::string_view bytes, ClientId* record);
[[nodiscard]] bool Decode(std::string_view bytes, Head* record);
[[nodiscard]] bool Decode(std::string_view bytes, BlockHeader* record);
[[nodiscard]] bool Decode(std::string_view bytes, Receipt* record);

// The id of a new asset: BLAKE2b-256 of "bourse/asset/1" ‖ issuer ‖ code.
[[nodiscard]] AssetId MakeAssetId(const AccountId& issuer, std::string_view code);

// The TXID of a swap: BLAKE2b-256 of "bourse/swap/1" ‖ genesis hash ‖ height ‖ event index.
[[nodiscard]] TxId MakeSwapId(const Hash256& genesis_hash, Height height,
                              std::uint32_t event_index);
// Those of many swaps of a block, in their order; less dear than one by one.
[[nodiscard]] std::vector<TxId> MakeSwapIds(const Hash256& genesis_hash, Height height,
                                            std::span<const std::uint32_t> event_indices);

}  // namespace bourse::ledger
