#include "common/transaction.h"

#include <algorithm>

#include "common/wire.h"

namespace bourse {
namespace {

constexpr std::string_view kDomain = "bourse/tx/1";

bool IsPassive(const Operation& operation) {
  if (const auto* place = std::get_if<PlaceOrder>(&operation)) {
    return place->type == OrderType::kPostOnly;
  }
  if (const auto* replace = std::get_if<ReplaceOrder>(&operation)) return replace->post_only;
  return true;
}

}  // namespace

TxId TransactionId(const Hash256& genesis_hash, Bytes body) {
  return Hasher(kDomain).Update(genesis_hash).Update(body).Finish();
}

std::string SigningBytes(const Hash256& genesis_hash, Bytes body) {
  std::string out;
  out.reserve(kDomain.size() + genesis_hash.bytes.size() + body.size());
  out.append(kDomain).append(AsText(genesis_hash.bytes)).append(AsText(body));
  return out;
}

bool VerifySignature(const SignedTransaction& decoded, Bytes encoded) {
  std::string error;
  wire::MessageReader in(AsText(encoded), &error);
  const Bytes body = AsBytes(in.Bytes(1, "body"));
  const Transaction& transaction = decoded.transaction;
  return error.empty() &&
         Verify(transaction.signer, AsBytes(SigningBytes(transaction.genesis_hash, body)),
                decoded.signature);
}

bool IsPassive(const Transaction& transaction) {
  return std::all_of(transaction.operations.begin(), transaction.operations.end(),
                     [](const Operation& operation) { return IsPassive(operation); });
}

}  // namespace bourse
