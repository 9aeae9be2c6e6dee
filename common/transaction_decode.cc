// Reads transactions, as transaction_encode.cc writes them and in no other form.

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "common/transaction.h"
#include "common/wire.h"

namespace bourse {
namespace {

using wire::MessageReader;

OrderTarget ReadTarget(MessageReader& in) {
  OrderTarget target;
  target.by_client_id = in.next_field() == 2;
  if (!target.by_client_id && in.next_field() != 1) {
    in.Fail({}, "neither order_id nor client_id is set");
    return target;
  }
  const char* name = target.by_client_id ? "client_id" : "order_id";
  target.id = in.OneofU64(target.by_client_id ? 2 : 1, name);
  if (target.id == 0) in.Fail(name, "0 is no id");
  if (in.next_field() == 2) in.Fail({}, "one of order_id and client_id, not both");
  return target;
}

std::string ReadMemo(MessageReader& in, std::uint32_t field) {
  const std::string_view memo = in.Bytes(field, "memo");
  if (memo.size() > limits::kMaxMemoBytes) {
    in.Fail("memo",
            absl::StrCat(memo.size(), " bytes, at most ", limits::kMaxMemoBytes, " are allowed"));
  }
  return std::string(memo);
}

bool IsCodeCharacter(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

std::string ReadCode(MessageReader& in) {
  const std::string_view code = in.Bytes(1, "code");
  if (code.empty() || code.size() > limits::kMaxAssetCodeBytes ||
      !std::all_of(code.begin(), code.end(), IsCodeCharacter)) {
    in.Fail("code",
            absl::StrCat("must be 1 to ", limits::kMaxAssetCodeBytes, " characters of A-Z, 0-9"));
  }
  return std::string(code);
}

PlaceOrder ReadPlaceOrder(MessageReader& in) {
  PlaceOrder op;
  op.market = MarketId(in.U32(1, "market"));
  op.side = in.Enum(2, "side", 2) == 2 ? Side::kSell : Side::kBuy;
  op.type = static_cast<OrderType>(in.Enum(3, "type", 5));
  op.self_trade = static_cast<SelfTrade>(in.Enum(4, "self_trade", 3));
  op.price = PriceTicks(in.U64(5, "price"));
  op.quantity = Lots(in.U64(6, "quantity"));
  op.client_id = ClientOrderId(in.U64(7, "client_id"));
  op.expires = TimeMicros(in.U64(8, "expires"));
  return op;
}

CancelOrder ReadCancelOrder(MessageReader& in) { return CancelOrder{ReadTarget(in)}; }

ReplaceOrder ReadReplaceOrder(MessageReader& in) {
  ReplaceOrder op;
  op.target = ReadTarget(in);
  op.price = PriceTicks(in.U64(3, "price"));
  op.quantity = Lots(in.U64(4, "quantity"));
  op.post_only = in.Bool(5, "post_only");
  return op;
}

CancelAll ReadCancelAll(MessageReader& in) {
  CancelAll op;
  op.market = MarketId(in.U32(1, "market"));
  op.void_in_flight = in.Bool(2, "void_in_flight");
  return op;
}

Transfer ReadTransfer(MessageReader& in) {
  Transfer op;
  in.Exactly(1, "to", op.to.bytes);
  in.Exactly(2, "asset", op.asset.bytes);
  op.amount = Atoms(in.U64(3, "amount"));
  op.memo = ReadMemo(in, 4);
  return op;
}

CreateAsset ReadCreateAsset(MessageReader& in) {
  CreateAsset op;
  op.code = ReadCode(in);
  op.decimals = in.U32(2, "decimals");
  op.supply_cap = Atoms(in.U64(3, "supply_cap"));
  return op;
}

Mint ReadMint(MessageReader& in) {
  Mint op;
  in.Exactly(1, "asset", op.asset.bytes);
  in.Exactly(2, "to", op.to.bytes);
  op.amount = Atoms(in.U64(3, "amount"));
  op.memo = ReadMemo(in, 4);
  return op;
}

Burn ReadBurn(MessageReader& in) {
  Burn op;
  in.Exactly(1, "asset", op.asset.bytes);
  op.amount = Atoms(in.U64(2, "amount"));
  op.memo = ReadMemo(in, 3);
  return op;
}

CreateMarket ReadCreateMarket(MessageReader& in) {
  CreateMarket op;
  in.Exactly(1, "base", op.base.bytes);
  in.Exactly(2, "quote", op.quote.bytes);
  op.lot_size = in.U64(3, "lot_size");
  op.tick_size = in.U64(4, "tick_size");
  op.min_notional = Atoms(in.U64(5, "min_notional"));
  op.maker_fee_ppm = in.U32(6, "maker_fee_ppm");
  op.taker_fee_ppm = in.U32(7, "taker_fee_ppm");
  return op;
}

// Reads the message of one kind of operation, to its end.
template <typename Read>
Operation ReadKind(MessageReader& in, std::uint32_t field, std::string_view name, Read read) {
  MessageReader fields(&in, field, name);
  Operation operation = read(fields);
  fields.Finish();
  return operation;
}

constexpr std::uint32_t kKinds = 9;

Operation ReadOperation(MessageReader& in) {
  switch (in.next_field()) {
    case 1:
      return ReadKind(in, 1, "place_order", ReadPlaceOrder);
    case 2:
      return ReadKind(in, 2, "cancel_order", ReadCancelOrder);
    case 3:
      return ReadKind(in, 3, "replace_order", ReadReplaceOrder);
    case 4:
      return ReadKind(in, 4, "cancel_all", ReadCancelAll);
    case 5:
      return ReadKind(in, 5, "transfer", ReadTransfer);
    case 6:
      return ReadKind(in, 6, "create_asset", ReadCreateAsset);
    case 7:
      return ReadKind(in, 7, "mint", ReadMint);
    case 8:
      return ReadKind(in, 8, "burn", ReadBurn);
    case kKinds:
      return ReadKind(in, kKinds, "create_market", ReadCreateMarket);
    case 0:
      in.Fail({}, "no kind of operation is set");
      break;
    default:
      in.Finish();  // an unknown field
  }
  return {};
}

bool IsAllowedInAtomic(const Operation& operation) {
  if (const auto* place = std::get_if<PlaceOrder>(&operation)) {
    return place->type == OrderType::kPostOnly;
  }
  if (const auto* replace = std::get_if<ReplaceOrder>(&operation)) return replace->post_only;
  return std::holds_alternative<CancelOrder>(operation);
}

void ReadOperations(MessageReader& in, Transaction& transaction) {
  if (in.next_field() == 7) transaction.operations.reserve(in.Repeated(limits::kMaxOperations));
  for (int i = 0; in.next_field() == 7; ++i) {
    if (transaction.operations.size() == limits::kMaxOperations) {
      in.Fail("operations", absl::StrCat("more than ", limits::kMaxOperations));
      return;
    }
    MessageReader operation(&in, 7, "operations", i);
    transaction.operations.push_back(ReadOperation(operation));
    if (operation.next_field() != 0 && operation.next_field() <= kKinds) {
      operation.Fail({}, "more than one kind of operation is set");
    }
    operation.Finish();
    if (transaction.atomic && operation.ok() && !IsAllowedInAtomic(transaction.operations.back())) {
      operation.Fail({},
                     "an atomic transaction may hold only cancel_order, replace_order with "
                     "post_only, and place_order of type POST_ONLY");
    }
  }
  if (transaction.operations.empty()) in.Fail("operations", "missing");
}

absl::Status CheckSize(Bytes bytes) {
  if (bytes.size() <= limits::kMaxTransactionBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("transaction of ", bytes.size(),
                                                 " bytes, at most ", limits::kMaxTransactionBytes,
                                                 " are allowed"));
}

}  // namespace

absl::StatusOr<Transaction> DecodeTransaction(Bytes body) {
  if (absl::Status status = CheckSize(body); !status.ok()) return status;
  std::string error;
  MessageReader in(AsText(body), &error);
  Transaction transaction;
  in.Exactly(1, "genesis_hash", transaction.genesis_hash.bytes);
  in.Exactly(2, "account", transaction.account.bytes);
  in.Exactly(3, "signer", transaction.signer.bytes);
  transaction.nonce = Nonce(in.U64(4, "nonce"));
  transaction.valid_until = TimeMicros(in.U64(5, "valid_until"));
  transaction.atomic = in.Bool(6, "atomic");
  ReadOperations(in, transaction);
  in.Finish();
  if (!error.empty()) return absl::InvalidArgumentError(error);
  return transaction;
}

absl::StatusOr<SignedTransaction> DecodeSignedTransaction(Bytes bytes) {
  if (absl::Status status = CheckSize(bytes); !status.ok()) return status;
  std::string error;
  MessageReader in(AsText(bytes), &error);
  SignedTransaction out;
  const Bytes body = AsBytes(in.Bytes(1, "body"));
  if (body.empty()) in.Fail("body", "missing");
  in.Exactly(2, "signature", out.signature.bytes);
  in.Finish();
  if (!error.empty()) return absl::InvalidArgumentError(error);

  absl::StatusOr<Transaction> transaction = DecodeTransaction(body);
  if (!transaction.ok()) return transaction.status();
  out.transaction = *std::move(transaction);
  out.txid = TransactionId(out.transaction.genesis_hash, body);
  out.size_bytes = static_cast<std::uint32_t>(bytes.size());
  return out;
}

}  // namespace bourse
