// Redoer: does again, alone, what each block's batch made the state tree do, and the batch itself.
// So what they take of a block is known apart, though the exchange does all of it at once.
#pragma once

#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "common/hash.h"
#include "ledger/batch.h"
#include "ledger/state_tree.h"
#include "ledger/store.h"
#include "tests/bench/null_store.h"

namespace bourse::bench {

class Redoer : public NullStore {
 public:
  Redoer() = default;
  // Of an exchange whose state has this tree.
  explicit Redoer(ledger::StateTree tree) : tree_(std::move(tree)) {}

  absl::Status Apply(const ledger::Batch& batch) override;

  // Forgets the seconds and leaves of what came so far: the genesis.
  void Begin() { leaves_ = 0, tree_s_ = 0, batch_s_ = 0; }

  [[nodiscard]] Hash256 root() const { return tree_.root(); }
  [[nodiscard]] std::size_t size() const { return tree_.size(); }
  [[nodiscard]] std::size_t leaves() const { return leaves_; }  // changed, over all blocks
  [[nodiscard]] double tree_s() const { return tree_s_; }
  [[nodiscard]] double batch_s() const { return batch_s_; }

 private:
  ledger::StateTree tree_;
  std::size_t leaves_ = 0;
  double tree_s_ = 0, batch_s_ = 0;
};

// The tree of all records of the state that a store has.
[[nodiscard]] ledger::StateTree TreeOf(const ledger::View& view);

}  // namespace bourse::bench
