// From memory to the store and back: what a block changed as one batch, and the whole state at
// start.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/records.h"
#include "ledger/state_tree.h"
#include "ledger/store.h"
#include "node/exchange/application.h"
#include "node/exchange/core.h"

namespace bourse::exchange {

// What changed in the state: records as they are stored, and views of them for the state tree.
struct StateChanges {
  ledger::Head head;
  ledger::Batch batch;
  std::vector<ledger::StateTree::Record> records;  // views into `batch`
};

// The records that changed since the last call; forgets that they changed.
[[nodiscard]] StateChanges CollectState(Core& core);

// Appends a block's history: header, bytes, receipts, swaps, events, leaves of its results.
void CollectBlock(const Hash256& genesis_hash, const Block& block, const BlockResult& result,
                  std::span<const std::string_view> encoded_receipts,
                  std::span<const Hash256> result_leaves, ledger::Batch* batch);

// Fills an empty core from a store that has a head, and makes the tree of the records as they are
// stored: if its root is not that of the last block, some record is damaged. kDataLoss where the
// store holds what no node writes.
[[nodiscard]] absl::Status Load(const ledger::View& view, Core* core, ledger::StateTree* tree);

// Fills an empty core with a genesis. REQUIRES: it is valid.
void Start(const ledger::Genesis& genesis, Core* core);

}  // namespace bourse::exchange
