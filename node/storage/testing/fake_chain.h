// FakeChain: blocks as a node stores them, without an exchange that would run them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/ed25519.h"
#include "common/units.h"
#include "ledger/store.h"
#include "node/consensus/evidence.h"
#include "node/consensus/validators.h"
#include "node/consensus/vote.h"
#include "node/storage/block_archive.h"

namespace bourse::storage::testing {

// Four validators, with real keys. Each block has two transactions of 100 bytes that mean nothing.
class FakeChain {
 public:
  FakeChain();

  [[nodiscard]] const consensus::Validators& validators() const { return validators_; }

  // In slot 2·height, the child of the one before.
  [[nodiscard]] const consensus::SignedHeader& HeaderOf(Height height) const;
  [[nodiscard]] std::vector<std::string> TransactionsOf(Height height) const;
  [[nodiscard]] consensus::Certificate FinalOf(Height height) const;
  [[nodiscard]] consensus::ExecutionCertificate ExecutionOf(Height height) const;

  // That this validator voted for two blocks in a slot.
  [[nodiscard]] consensus::Evidence EvidenceOf(std::uint16_t validator, std::uint64_t slot) const;

  // What the exchange writes of a block.
  [[nodiscard]] ledger::Batch BatchOf(Height height) const;

  // Transactions of each block, and bytes of each of these.
  void SetSize(std::size_t transactions, std::size_t bytes);

  // Writes the block of this height.
  [[nodiscard]] absl::Status Write(ArchivingStore* store, Height height, bool has_final) const;

 private:
  [[nodiscard]] std::vector<consensus::VoteSignature> Quorum(const std::string& bytes) const;

  const std::vector<KeyPair> keys_;
  const consensus::Validators validators_;
  mutable std::deque<consensus::SignedHeader> headers_;  // of heights 1, 2, …
  std::size_t transactions_ = 2;
  std::size_t bytes_ = 100;
};

}  // namespace bourse::storage::testing
