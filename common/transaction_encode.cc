// Writes transactions; transaction_decode.cc reads them.

#include "common/transaction.h"
#include "common/wire.h"

namespace bourse {
namespace {

using wire::MessageWriter;

void WriteTarget(const OrderTarget& target, MessageWriter& out) {
  out.OneofU64(target.by_client_id ? 2 : 1, target.id);
}

// One of these for each kind of operation: the number of its field in Operation, and its fields.

constexpr std::uint32_t FieldOf(const PlaceOrder&) { return 1; }
void Write(const PlaceOrder& op, MessageWriter& out) {
  out.U64(1, op.market.value());
  out.U64(2, static_cast<std::uint64_t>(op.side) + 1);  // on the wire, 0 is "unspecified"
  out.U64(3, static_cast<std::uint64_t>(op.type));
  out.U64(4, static_cast<std::uint64_t>(op.self_trade));
  out.U64(5, op.price.value());
  out.U64(6, op.quantity.value());
  out.U64(7, op.client_id.value());
  out.U64(8, op.expires.value());
}

constexpr std::uint32_t FieldOf(const CancelOrder&) { return 2; }
void Write(const CancelOrder& op, MessageWriter& out) { WriteTarget(op.target, out); }

constexpr std::uint32_t FieldOf(const ReplaceOrder&) { return 3; }
void Write(const ReplaceOrder& op, MessageWriter& out) {
  WriteTarget(op.target, out);
  out.U64(3, op.price.value());
  out.U64(4, op.quantity.value());
  out.U64(5, op.post_only ? 1 : 0);
}

constexpr std::uint32_t FieldOf(const CancelAll&) { return 4; }
void Write(const CancelAll& op, MessageWriter& out) {
  out.U64(1, op.market.value());
  out.U64(2, op.void_in_flight ? 1 : 0);
}

constexpr std::uint32_t FieldOf(const Transfer&) { return 5; }
void Write(const Transfer& op, MessageWriter& out) {
  out.Bytes(1, op.to.bytes);
  out.Bytes(2, op.asset.bytes);
  out.U64(3, op.amount.value());
  out.Bytes(4, op.memo);
}

constexpr std::uint32_t FieldOf(const CreateAsset&) { return 6; }
void Write(const CreateAsset& op, MessageWriter& out) {
  out.Bytes(1, op.code);
  out.U64(2, op.decimals);
  out.U64(3, op.supply_cap.value());
}

constexpr std::uint32_t FieldOf(const Mint&) { return 7; }
void Write(const Mint& op, MessageWriter& out) {
  out.Bytes(1, op.asset.bytes);
  out.Bytes(2, op.to.bytes);
  out.U64(3, op.amount.value());
  out.Bytes(4, op.memo);
}

constexpr std::uint32_t FieldOf(const Burn&) { return 8; }
void Write(const Burn& op, MessageWriter& out) {
  out.Bytes(1, op.asset.bytes);
  out.U64(2, op.amount.value());
  out.Bytes(3, op.memo);
}

constexpr std::uint32_t FieldOf(const CreateMarket&) { return 9; }
void Write(const CreateMarket& op, MessageWriter& out) {
  out.Bytes(1, op.base.bytes);
  out.Bytes(2, op.quote.bytes);
  out.U64(3, op.lot_size);
  out.U64(4, op.tick_size);
  out.U64(5, op.min_notional.value());
  out.U64(6, op.maker_fee_ppm);
  out.U64(7, op.taker_fee_ppm);
}

std::string EncodeOperation(const Operation& operation) {
  MessageWriter out;
  std::visit(
      [&out](const auto& op) {
        MessageWriter fields;
        Write(op, fields);
        out.Message(FieldOf(op), fields.bytes());
      },
      operation);
  return std::move(out).Take();
}

}  // namespace

std::string EncodeTransaction(const Transaction& transaction) {
  MessageWriter out;
  out.Bytes(1, transaction.genesis_hash.bytes);
  out.Bytes(2, transaction.account.bytes);
  out.Bytes(3, transaction.signer.bytes);
  out.U64(4, transaction.nonce.value());
  out.U64(5, transaction.valid_until.value());
  out.U64(6, transaction.atomic ? 1 : 0);
  for (const Operation& operation : transaction.operations) {
    out.Message(7, EncodeOperation(operation));
  }
  return std::move(out).Take();
}

std::string EncodeSignedTransaction(std::string_view body, const Signature& signature) {
  MessageWriter out;
  out.Bytes(1, body);
  out.Bytes(2, signature.bytes);
  return std::move(out).Take();
}

}  // namespace bourse
