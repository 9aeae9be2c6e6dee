// NodeDisk: what an honest node has on its disk: the consensus log, on a disk that forgets what was
// not synced, and the ledger with its archive, each block of which is durable when it is committed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/genesis.h"
#include "ledger/memory_store.h"
#include "node/consensus/validators.h"
#include "node/consensus/vote.h"
#include "node/replica/replica.h"
#include "node/storage/block_archive.h"
#include "node/storage/consensus_log.h"
#include "node/storage/testing/power_loss_disk.h"

namespace bourse::sim {

class NodeDisk {
 public:
  // With an empty log and a ledger at height 0, as a node's first start finds it. Both must outlive
  // it.
  NodeDisk(std::uint64_t seed, const ledger::Genesis* genesis,
           const consensus::Validators* validators);

  struct Start {
    std::vector<std::string> records;
    bool log_is_whole = true;
  };
  // What a start of the node reads.
  [[nodiscard]] Start Open();

  // The log's part of a turn, durable when it returns; false if the power went. A node without a
  // log keeps nothing: it votes no more.
  [[nodiscard]] bool Persist(const replica::Effects& turn);

  // What the exchange writes to.
  [[nodiscard]] storage::ArchivingStore* store() { return archive_.get(); }

  // REQUIRES: the block is there.
  [[nodiscard]] storage::ArchivedBlock ReadHead(Height height) const;
  // The answer to a peer that wants blocks from here on, encoded.
  [[nodiscard]] std::string ReadBlocks(Height from) const;
  // Whether the ledger holds the receipt of this transaction.
  [[nodiscard]] bool HasReceipt(const TxId& txid) const;

  // The power goes with the `count`th change from now.
  void CutAfter(std::uint64_t count) { disk_.CutAfter(count); }
  // The power goes, and comes back.
  void PowerCycle();
  void LoseLog();
  void LoseAll();
  [[nodiscard]] bool was_log_lost() const { return was_log_lost_; }
  [[nodiscard]] std::uint64_t log_bytes() const { return log_ == nullptr ? 0 : log_->bytes(); }

 private:
  void MakeStore();

  const ledger::Genesis& genesis_;
  const consensus::Validators& validators_;
  storage::testing::PowerLossDisk disk_;
  std::unique_ptr<storage::ConsensusLog> log_;
  std::unique_ptr<ledger::MemoryStore> store_;
  std::unique_ptr<storage::ArchivingStore> archive_;  // of one life
  bool was_log_lost_ = false;
};

}  // namespace bourse::sim
