// The archive: what consensus adds to the ledger's blocks, beside them in the same store, so that
// it is there exactly if the block is. From it other nodes get the blocks that they miss.
//
//   ArchivingStore store(&rocks);                 // the exchange's store
//   store.SetNext(header, certificate);           // of the block that is executed next
//   exchange->FinalizeBlock(block); exchange->Commit();
//   auto blocks = ReadBlocks(*rocks.Snapshot(), validators, from, replica::kAnswerBytes);
//
// Family::kFinality:
//   'h' height   the block's SignedHeader
//   'c' height   its Final certificate; none if only a descendant has one
//   'x' height   its ExecutionCertificate, once there is one
//   'v' …        evidence (evidence_store.h)
// The bytes are those of node/consensus/codec.h. The block's transactions are in Family::kBlocks.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/units.h"
#include "ledger/forwarding_store.h"
#include "node/consensus/validators.h"
#include "node/consensus/vote.h"
#include "node/replica/message.h"

namespace bourse::storage {

// A store that adds to a block's changes what belongs to it. Reads are as thread-safe as those of
// the store within; all else is for the thread that applies.
class ArchivingStore final : public ledger::ForwardingStore {
 public:
  // `store` must outlive it.
  explicit ArchivingStore(ledger::Store* store) : ForwardingStore(store) {}

  // What the next Apply, which must be of this block, writes with it. REQUIRES: the certificate is
  // a Final of the header.
  void SetNext(const consensus::SignedHeader& header,
               const std::optional<consensus::Certificate>& certificate);

  // The next Apply, of whatever block, or Flush writes this, too.
  void Keep(const consensus::ExecutionCertificate& certificate);

  // Writes what is still to be kept. For the end, when no block follows soon.
  [[nodiscard]] absl::Status Flush();

  absl::Status Apply(const ledger::Batch& batch) override;

 private:
  ledger::Batch pending_;                     // of the next block, and kept
  std::optional<std::string> next_in_batch_;  // the key that the next block's batch has
};

// Blocks of heights in a row from `from` on, as a peer can verify them: up to one that has a Final
// certificate, or with the headers down to the next that has one. Of about `bytes_max` bytes, but
// one block at least; never more than a message may have. Without blocks if there are none yet.
// kDataLoss if the store is damaged; errors of the store.
[[nodiscard]] absl::StatusOr<replica::Blocks> ReadBlocks(const ledger::View& view,
                                                         const consensus::Validators& validators,
                                                         Height from, std::size_t bytes_max);

// A block of the ledger, as the replica is told of it at its start.
struct ArchivedBlock {
  std::optional<consensus::SignedHeader> header;  // none in a ledger older than the archive
  consensus::Executed executed;
};

// kNotFound if the ledger has no block of this height; else as ReadBlocks.
[[nodiscard]] absl::StatusOr<ArchivedBlock> ReadHead(const ledger::View& view,
                                                     const consensus::Validators& validators,
                                                     Height height);

// Where a height's ExecutionCertificate is.
[[nodiscard]] std::string ExecutionCertificateKey(Height height);

// Nothing if there is none; else as ReadBlocks.
[[nodiscard]] absl::StatusOr<std::optional<consensus::ExecutionCertificate>>
ReadExecutionCertificate(const ledger::View& view, const consensus::Validators& validators,
                         Height height);
[[nodiscard]] absl::StatusOr<std::optional<consensus::Certificate>> ReadFinalCertificate(
    const ledger::View& view, const consensus::Validators& validators, Height height);

}  // namespace bourse::storage
