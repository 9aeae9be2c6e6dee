// FakeChain: blocks as a node stores them, without an exchange that would run them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/units.h"
#include "ledger/store.h"
#include "node/consensus/validators.h"
#include "node/consensus/vote.h"
#include "node/storage/block_archive.h"

namespace bourse::storage::testing {

// Four validators, whose signatures are made up: the storage looks at none.
class FakeChain {
 public:
  FakeChain();

  [[nodiscard]] const consensus::Validators& validators() const { return validators_; }

  // The header of a height: in slot 2·height, the child of the one before.
  [[nodiscard]] consensus::SignedHeader HeaderOf(Height height) const;
  [[nodiscard]] std::vector<std::string> TransactionsOf(Height height) const;
  [[nodiscard]] consensus::Certificate FinalOf(Height height) const;
  [[nodiscard]] consensus::ExecutionCertificate ExecutionOf(Height height) const;

  // What the exchange writes of a block.
  [[nodiscard]] ledger::Batch BatchOf(Height height) const;

  // Transactions of a block, and bytes of each; before any is asked for.
  void SetSize(std::size_t transactions, std::size_t bytes);

  // Writes the block of this height.
  [[nodiscard]] absl::Status Write(ArchivingStore* store, Height height, bool has_final) const;

 private:
  consensus::Validators validators_;
  std::size_t transactions_ = 2;
  std::size_t bytes_ = 100;
};

}  // namespace bourse::storage::testing
