#include "common/testing/transaction_oracle.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>

#include <variant>

namespace bourse::testing {
namespace {

template <typename Value>
std::string Text(const Value& value) {
  return {reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()};
}

template <typename Message>
void SetTarget(const OrderTarget& target, Message* out) {
  if (target.by_client_id) {
    out->set_client_id(target.id);
  } else {
    out->set_order_id(target.id);
  }
}

void Set(const PlaceOrder& op, v1::Operation* out) {
  v1::PlaceOrder& place = *out->mutable_place_order();
  place.set_market(op.market.value());
  place.set_side(op.side == Side::kBuy ? v1::SIDE_BUY : v1::SIDE_SELL);
  place.set_type(static_cast<v1::OrderType>(op.type));
  place.set_self_trade(static_cast<v1::SelfTrade>(op.self_trade));
  place.set_price(op.price.value());
  place.set_quantity(op.quantity.value());
  place.set_client_id(op.client_id.value());
  place.set_expires(op.expires.value());
}
void Set(const CancelOrder& op, v1::Operation* out) {
  SetTarget(op.target, out->mutable_cancel_order());
}
void Set(const ReplaceOrder& op, v1::Operation* out) {
  v1::ReplaceOrder& replace = *out->mutable_replace_order();
  SetTarget(op.target, &replace);
  replace.set_price(op.price.value());
  replace.set_quantity(op.quantity.value());
  replace.set_post_only(op.post_only);
}
void Set(const CancelAll& op, v1::Operation* out) {
  v1::CancelAll& cancel_all = *out->mutable_cancel_all();
  cancel_all.set_market(op.market.value());
  cancel_all.set_void_in_flight(op.void_in_flight);
}
void Set(const Transfer& op, v1::Operation* out) {
  v1::Transfer& transfer = *out->mutable_transfer();
  transfer.set_to(Text(op.to));
  transfer.set_asset(Text(op.asset));
  transfer.set_amount(op.amount.value());
  transfer.set_memo(op.memo);
}
void Set(const CreateAsset& op, v1::Operation* out) {
  v1::CreateAsset& create = *out->mutable_create_asset();
  create.set_code(op.code);
  create.set_decimals(op.decimals);
  create.set_supply_cap(op.supply_cap.value());
}
void Set(const Mint& op, v1::Operation* out) {
  v1::Mint& mint = *out->mutable_mint();
  mint.set_asset(Text(op.asset));
  mint.set_to(Text(op.to));
  mint.set_amount(op.amount.value());
  mint.set_memo(op.memo);
}
void Set(const Burn& op, v1::Operation* out) {
  v1::Burn& burn = *out->mutable_burn();
  burn.set_asset(Text(op.asset));
  burn.set_amount(op.amount.value());
  burn.set_memo(op.memo);
}
void Set(const CreateMarket& op, v1::Operation* out) {
  v1::CreateMarket& create = *out->mutable_create_market();
  create.set_base(Text(op.base));
  create.set_quote(Text(op.quote));
  create.set_lot_size(op.lot_size);
  create.set_tick_size(op.tick_size);
  create.set_min_notional(op.min_notional.value());
  create.set_maker_fee_ppm(op.maker_fee_ppm);
  create.set_taker_fee_ppm(op.taker_fee_ppm);
}

// Parses, and is what protobuf writes of the fields that it knows.
template <typename Message>
bool IsCanonical(std::string_view bytes, Message* message) {
  const google::protobuf::LogSilencer silence;  // it logs texts that are no UTF-8
  if (!message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return false;
  message->DiscardUnknownFields();
  return Serialize(*message) == bytes;
}

// The target of a cancel or a replace: one id, not 0.
template <typename Message>
bool HasTarget(const Message& op) {
  return op.has_order_id() ? op.order_id() != 0 : op.has_client_id() && op.client_id() != 0;
}

bool IsGoodCode(const std::string& code) {
  return !code.empty() && code.size() <= 12 &&
         code.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == std::string::npos;
}

bool IsGood(const v1::PlaceOrder& op) {
  return op.side() >= v1::SIDE_BUY && op.side() <= v1::SIDE_SELL &&
         op.type() >= v1::ORDER_TYPE_LIMIT && op.type() <= v1::ORDER_TYPE_POST_ONLY &&
         op.self_trade() >= v1::SELF_TRADE_CANCEL_TAKER &&
         op.self_trade() <= v1::SELF_TRADE_CANCEL_BOTH;
}

bool IsGood(const v1::Operation& operation) {
  switch (operation.kind_case()) {
    case v1::Operation::kPlaceOrder:
      return IsGood(operation.place_order());
    case v1::Operation::kCancelOrder:
      return HasTarget(operation.cancel_order());
    case v1::Operation::kReplaceOrder:
      return HasTarget(operation.replace_order());
    case v1::Operation::kCancelAll:
      return true;
    case v1::Operation::kTransfer:
      return operation.transfer().to().size() == 32 && operation.transfer().asset().size() == 32 &&
             operation.transfer().memo().size() <= 256;
    case v1::Operation::kCreateAsset:
      return IsGoodCode(operation.create_asset().code());
    case v1::Operation::kMint:
      return operation.mint().to().size() == 32 && operation.mint().asset().size() == 32 &&
             operation.mint().memo().size() <= 256;
    case v1::Operation::kBurn:
      return operation.burn().asset().size() == 32 && operation.burn().memo().size() <= 256;
    case v1::Operation::kCreateMarket:
      return operation.create_market().base().size() == 32 &&
             operation.create_market().quote().size() == 32;
    case v1::Operation::KIND_NOT_SET:
      return false;
  }
  return false;
}

bool MayBeAtomic(const v1::Operation& operation) {
  return operation.has_cancel_order() ||
         (operation.has_place_order() &&
          operation.place_order().type() == v1::ORDER_TYPE_POST_ONLY) ||
         (operation.has_replace_order() && operation.replace_order().post_only());
}

}  // namespace

v1::Transaction ToProto(const Transaction& transaction) {
  v1::Transaction out;
  out.set_genesis_hash(Text(transaction.genesis_hash));
  out.set_account(Text(transaction.account));
  out.set_signer(Text(transaction.signer));
  out.set_nonce(transaction.nonce.value());
  out.set_valid_until(transaction.valid_until.value());
  out.set_atomic(transaction.atomic);
  for (const Operation& operation : transaction.operations) {
    v1::Operation* added = out.add_operations();
    std::visit([added](const auto& op) { Set(op, added); }, operation);
  }
  return out;
}

std::string Serialize(const google::protobuf::Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializePartialToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

bool IsGoodBody(std::string_view bytes) {
  v1::Transaction transaction;
  if (bytes.size() > 65'536 || !IsCanonical(bytes, &transaction)) return false;
  if (transaction.genesis_hash().size() != 32 || transaction.account().size() != 32 ||
      transaction.signer().size() != 32) {
    return false;
  }
  if (transaction.operations().empty() || transaction.operations_size() > 200) return false;
  for (const v1::Operation& operation : transaction.operations()) {
    if (!IsGood(operation) || (transaction.atomic() && !MayBeAtomic(operation))) return false;
  }
  return true;
}

bool IsGoodSignedTransaction(std::string_view bytes) {
  v1::SignedTransaction transaction;
  return bytes.size() <= 65'536 && IsCanonical(bytes, &transaction) &&
         transaction.signature().size() == 64 && IsGoodBody(transaction.body());
}

}  // namespace bourse::testing
