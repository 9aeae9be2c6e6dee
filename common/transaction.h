// Transactions as the pure parts know them: plain structs, and their canonical bytes.
//
// The fields are those of proto/bourse/v1/transaction.proto, which documents them.
// The codec here reads and writes the same wire format without the protobuf library,
// as the validity of a block must not depend on a library's version: it accepts exactly
// one encoding of each transaction.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/ed25519.h"
#include "common/hash.h"
#include "common/order_type.h"
#include "common/units.h"

namespace bourse {

// An account's id: its first public key.
using AccountId = PublicKey;
using AssetId = Hash256;

struct PlaceOrder {
  MarketId market;
  Side side = Side::kBuy;
  OrderType type = OrderType::kLimit;
  SelfTrade self_trade = SelfTrade::kCancelTaker;
  PriceTicks price;
  Lots quantity;
  ClientOrderId client_id;
  TimeMicros expires;  // 0: until cancelled

  friend bool operator==(const PlaceOrder&, const PlaceOrder&) = default;
};

// An open order, by its own id or its account's.
struct OrderTarget {
  bool by_client_id = false;
  std::uint64_t id = 0;

  friend bool operator==(const OrderTarget&, const OrderTarget&) = default;
};

struct CancelOrder {
  OrderTarget target;
  friend bool operator==(const CancelOrder&, const CancelOrder&) = default;
};

struct ReplaceOrder {
  OrderTarget target;
  PriceTicks price;
  Lots quantity;
  bool post_only = false;
  friend bool operator==(const ReplaceOrder&, const ReplaceOrder&) = default;
};

struct CancelAll {
  MarketId market;  // 0: all
  bool void_in_flight = false;
  friend bool operator==(const CancelAll&, const CancelAll&) = default;
};

struct Transfer {
  AccountId to;
  AssetId asset;
  Atoms amount;
  std::string memo;
  friend bool operator==(const Transfer&, const Transfer&) = default;
};

struct CreateAsset {
  std::string code;
  std::uint32_t decimals = 0;
  Atoms supply_cap;
  friend bool operator==(const CreateAsset&, const CreateAsset&) = default;
};

struct Mint {
  AssetId asset;
  AccountId to;
  Atoms amount;
  std::string memo;
  friend bool operator==(const Mint&, const Mint&) = default;
};

struct Burn {
  AssetId asset;
  Atoms amount;
  std::string memo;
  friend bool operator==(const Burn&, const Burn&) = default;
};

struct CreateMarket {
  AssetId base;
  AssetId quote;
  std::uint64_t lot_size = 0;
  std::uint64_t tick_size = 0;
  Atoms min_notional;
  std::uint32_t maker_fee_ppm = 0;
  std::uint32_t taker_fee_ppm = 0;
  friend bool operator==(const CreateMarket&, const CreateMarket&) = default;
};

using Operation = std::variant<PlaceOrder, CancelOrder, ReplaceOrder, CancelAll, Transfer,
                               CreateAsset, Mint, Burn, CreateMarket>;

struct Transaction {
  Hash256 genesis_hash;
  AccountId account;
  PublicKey signer;
  Nonce nonce;
  TimeMicros valid_until;
  bool atomic = false;
  std::vector<Operation> operations;

  friend bool operator==(const Transaction&, const Transaction&) = default;
};

// A transaction as it travels, taken apart.
struct SignedTransaction {
  Transaction transaction;
  TxId txid;
  Signature signature;
  std::uint32_t size_bytes = 0;  // of the encoded SignedTransaction
};

// The TXID: BLAKE2b-256 of SigningBytes(genesis_hash, body).
[[nodiscard]] TxId TransactionId(const Hash256& genesis_hash, Bytes body);

// What is signed: "bourse/tx/1" ‖ genesis_hash ‖ body.
[[nodiscard]] std::string SigningBytes(const Hash256& genesis_hash, Bytes body);

// Canonical bytes of a transaction: the body. Does not check ranges.
[[nodiscard]] std::string EncodeTransaction(const Transaction& transaction);
[[nodiscard]] std::string EncodeSignedTransaction(std::string_view body,
                                                  const Signature& signature);

// Reads a body. kInvalidArgument, with a text for the trader, where the bytes are not
// canonical, a field has no meaning (enums, lengths, asset codes, an operation of no kind),
// a count is over limits.h, or an atomic transaction holds what it may not. Prices, quantities and
// amounts are not judged here: those are rejections, with a receipt.
[[nodiscard]] absl::StatusOr<Transaction> DecodeTransaction(Bytes body);

// Reads an encoded SignedTransaction, of at most limits::kMaxTransactionBytes, as
// DecodeTransaction does. Does not verify the signature.
[[nodiscard]] absl::StatusOr<SignedTransaction> DecodeSignedTransaction(Bytes bytes);

// Verifies the signature over `encoded`'s body (as in DecodeSignedTransaction).
// `encoded` must be the bytes that `decoded` came from. Costs one Ed25519 verification.
[[nodiscard]] bool VerifySignature(const SignedTransaction& decoded, Bytes encoded);

// True if the transaction holds only what cannot take: cancels, cancel-alls, post-only orders,
// replaces with post_only, and all that is no order. Such transactions run first in a block.
[[nodiscard]] bool IsPassive(const Transaction& transaction);

}  // namespace bourse
