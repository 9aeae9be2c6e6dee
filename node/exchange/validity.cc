#include "node/exchange/validity.h"

#include "absl/container/flat_hash_set.h"
#include "common/limits.h"
#include "common/transaction.h"
#include "node/exchange/application.h"

namespace bourse::exchange {
namespace {

absl::StatusOr<TxId> CheckTransaction(const std::string& encoded, const Hash256& genesis_hash,
                                      TimeMicros time, bool verified) {
  const absl::StatusOr<SignedTransaction> decoded = DecodeSignedTransaction(AsBytes(encoded));
  if (!decoded.ok()) return decoded.status();
  if (decoded->transaction.genesis_hash != genesis_hash) {
    return absl::InvalidArgumentError(
        "the transaction is of another network: its genesis_hash is not ours");
  }
  absl::Status lifetime = CheckLifetime(decoded->transaction.valid_until, time);
  if (!lifetime.ok()) return lifetime;
  if (!verified && !VerifySignature(*decoded, AsBytes(encoded))) {
    return absl::InvalidArgumentError("a signature is wrong");
  }
  return decoded->txid;
}

}  // namespace

absl::Status CheckLifetime(TimeMicros valid_until, TimeMicros time) {
  if (valid_until <= time) {
    return absl::DeadlineExceededError("the transaction has expired: its valid_until is over");
  }
  if (valid_until.value() - time.value() > limits::kMaxLifetimeMicros) {
    return absl::FailedPreconditionError(
        "valid_until is more than 10 minutes ahead: sign it with an earlier one");
  }
  return absl::OkStatus();
}

absl::Status CheckFrame(const ProposedBlock& block) {
  if (block.protocol_version != kProtocolVersion) {
    return absl::InvalidArgumentError("unknown protocol version");
  }
  if (block.height.value() != block.parent_height.value() + 1 || block.time <= block.parent_time) {
    return absl::InvalidArgumentError("height or time do not follow the parent's");
  }
  if (block.transactions->size() > limits::kMaxBlockTransactions) {
    return absl::InvalidArgumentError("too many transactions");
  }
  std::size_t bytes = 0;
  for (const std::string& transaction : *block.transactions) bytes += transaction.size();
  if (bytes > limits::kMaxBlockBytes) return absl::InvalidArgumentError("too many bytes");
  return absl::OkStatus();
}

absl::StatusOr<std::vector<TxId>> CheckTransactions(const ProposedBlock& block,
                                                    const Hash256& genesis_hash,
                                                    const std::vector<bool>& verified,
                                                    const Places& places) {
  std::vector<TxId> txids;
  txids.reserve(places.count);
  for (std::size_t i = places.first; i < places.first + places.count; ++i) {
    const bool is_verified = i < verified.size() && verified[i];
    absl::StatusOr<TxId> txid =
        CheckTransaction((*block.transactions)[i], genesis_hash, block.time, is_verified);
    if (!txid.ok()) return txid.status();
    txids.push_back(*txid);
  }
  return txids;
}

absl::Status CheckDifferent(const std::vector<TxId>& txids) {
  absl::flat_hash_set<TxId> seen;
  seen.reserve(txids.size());
  for (const TxId& txid : txids) {
    if (!seen.insert(txid).second) {
      return absl::InvalidArgumentError("a transaction is there twice");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckBlock(const ProposedBlock& block, const Hash256& genesis_hash,
                        const std::vector<bool>& verified) {
  if (absl::Status frame = CheckFrame(block); !frame.ok()) return frame;
  const absl::StatusOr<std::vector<TxId>> txids =
      CheckTransactions(block, genesis_hash, verified, {0, block.transactions->size()});
  return txids.ok() ? CheckDifferent(*txids) : txids.status();
}

}  // namespace bourse::exchange
