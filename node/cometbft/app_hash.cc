#include "node/cometbft/app_hash.h"

#include <algorithm>
#include <string>
#include <utility>

#include "ledger/store.h"

namespace bourse::cometbft {
namespace {

constexpr char kKey[] = "cometbft";  // in Family::kFinality

Hash256 Combine(const Hash256& state_root, const Hash256& results_root) {
  return Hasher("bourse/app/1").Update(state_root).Update(results_root).Finish();
}

}  // namespace

Hash256 GenesisAppHash(const Hash256& state_root) { return Combine(state_root, Hash256()); }

Hash256 AppHashOf(const ledger::BlockHeader& header, const Hash256& before) {
  const bool empty = header.transactions == 0 && header.events == 0;
  return empty ? before : Combine(header.state_root, header.results_root);
}

absl::Status AppHashStore::Apply(const ledger::Batch& batch) {
  if (!next_.has_value()) return ForwardingStore::Apply(batch);
  ledger::Batch with_hash = batch;
  with_hash.Put(ledger::Family::kFinality, kKey, std::string(AsText(Bytes(next_->bytes))));
  absl::Status applied = ForwardingStore::Apply(with_hash);
  if (applied.ok()) next_.reset();
  return applied;
}

absl::StatusOr<std::optional<Hash256>> ReadAppHash(const ledger::View& view) {
  const auto bytes = view.Get(ledger::Family::kFinality, kKey);
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return std::optional<Hash256>();
  Hash256 out;
  if ((*bytes)->size() != out.bytes.size()) {
    return absl::DataLossError("the app hash of the last block is damaged");
  }
  const Bytes raw = AsBytes(**bytes);
  std::copy(raw.begin(), raw.end(), out.bytes.begin());
  return std::optional(out);
}

}  // namespace bourse::cometbft
