// The state tree's leaves in the store: a block writes those it changed, a restart reads them all.
#pragma once

#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/state_tree.h"
#include "ledger/store.h"

namespace bourse::ledger {

// Adds a block's changes of the tree to the block's batch: Family::kStateTree, place -> leaf hash.
void AppendTreeChanges(std::span<const StateTree::Change> changes, Batch* batch);

// The tree of all leaves in the view, which takes about 1 us a leaf and 100 bytes of memory. The
// caller compares its root with the head's: that they differ means that the store is damaged.
// DATA_LOSS for a pair that is no place and leaf hash; other errors as the view gives them.
[[nodiscard]] absl::StatusOr<StateTree> LoadStateTree(const View& view);

}  // namespace bourse::ledger
