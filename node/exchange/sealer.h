// Sealer: what commits to a block that was run, and the way of both into the store.
//
//   exchange runs a block ──► StateChanges, receipts, events ──► Seal ──► roots, batch ──► Commit
//
// It shares nothing with the state that blocks change, so it may work beside the run of the next
// block, on a thread of its own. Not thread-safe.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "common/hash.h"
#include "ledger/event.h"
#include "ledger/genesis.h"
#include "ledger/records.h"
#include "ledger/state_tree.h"
#include "ledger/store.h"
#include "node/exchange/application.h"
#include "node/exchange/persistence.h"

namespace bourse::exchange {

// A block that was run.
struct RanBlock {
  std::vector<ledger::Receipt> receipts;  // in the block's order
  ledger::EventLog events;
  StateChanges changes;
};

class Sealer {
 public:
  // `store` must outlive it.
  explicit Sealer(ledger::Store* store) : store_(store) {}

  // As the store is.
  void Resume(const AppInfo& committed, ledger::StateTree tree);

  // The state that a network starts with.
  void SealGenesis(const ledger::Genesis& genesis, StateChanges changes);
  // REQUIRES: what was sealed before is committed; likewise of SealGenesis.
  [[nodiscard]] BlockResult Seal(const Block& block, RanBlock ran);

  // Makes what was sealed durable. Errors as of Application::Commit.
  [[nodiscard]] absl::Status Commit();

  [[nodiscard]] bool pending() const { return pending_.has_value(); }
  [[nodiscard]] const AppInfo& committed() const { return committed_; }

 private:
  // Into the tree and the pending batch; returns the new root.
  Hash256 Take(const Hash256& genesis_hash, StateChanges changes);

  ledger::Store* store_;
  ledger::StateTree tree_;
  AppInfo committed_;
  AppInfo sealed_;
  std::optional<ledger::Batch> pending_;  // what is sealed and not committed
};

}  // namespace bourse::exchange
