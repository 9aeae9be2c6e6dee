// The app hash: what validators of CometBFT sign of a block's state and results, in the header of
// the next one; and its place in the ledger.
//
//   genesis          H(state root ‖ zeros)
//   a block          H(state root ‖ results root), BLAKE2b-256 of "bourse/app/1" and these
//   an empty block   that of the block before
//
// Empty is a block without transactions and events: it changes nothing but height and time, which
// CometBFT's header has, and client ids whose time is over, which the next block's root shows.
// Without this exception CometBFT would make blocks without a pause, to get each new hash signed.
#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/hash.h"
#include "ledger/forwarding_store.h"
#include "ledger/records.h"

namespace bourse::cometbft {

[[nodiscard]] Hash256 GenesisAppHash(const Hash256& state_root);
// `before`: that of the block before.
[[nodiscard]] Hash256 AppHashOf(const ledger::BlockHeader& header, const Hash256& before);

// A store that writes a block's app hash with the block. As thread-safe as the store within, but
// for SetNext, which is for the thread that applies.
class AppHashStore final : public ledger::ForwardingStore {
 public:
  // `store` must outlive it.
  explicit AppHashStore(ledger::Store* store) : ForwardingStore(store) {}

  // Of the block that the next Apply is of.
  void SetNext(const Hash256& app_hash) { next_ = app_hash; }

  absl::Status Apply(const ledger::Batch& batch) override;

 private:
  std::optional<Hash256> next_;
};

// Of the last block; nothing in a ledger that CometBFT has given no block. kDataLoss if it is
// damaged; errors of the store.
[[nodiscard]] absl::StatusOr<std::optional<Hash256>> ReadAppHash(const ledger::View& view);

}  // namespace bourse::cometbft
