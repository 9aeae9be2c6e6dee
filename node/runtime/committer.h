// Committer: the thread that seals the blocks which the executor ran, and writes them, in order.
//
//   executor ──► Add ──► Seal ──► hooks.executed ──► Commit ──► hooks.committed
//
// So the exchange runs the next block while this one is hashed and synced to the disk. After a
// block that can't be run or written it commits nothing any more: memory and disk may differ.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/store.h"
#include "node/consensus/evidence.h"
#include "node/consensus/vote.h"
#include "node/exchange/exchange.h"
#include "node/replica/replica.h"
#include "node/runtime/executed_block.h"
#include "node/runtime/tapped_store.h"
#include "node/storage/block_archive.h"

namespace bourse::runtime {

// Called on the committer's thread; they must not block.
struct CommitHooks {
  // In memory. What the block did may be signed, as it follows from blocks that are final and will
  // be the same again; but no client may be told.
  std::function<void(const consensus::Executed&)> executed;
  // On disk.
  std::function<void(std::shared_ptr<const ExecutedBlock>)> committed;
  // Once; nothing is committed after it.
  std::function<void(const absl::Status&)> failed;
};

// Thread-safe, but for Start, Stop, Add and After, which are for one thread.
class Committer {
 public:
  // Blocks that may wait: as many as keep both threads at work.
  static constexpr std::size_t kMaxWaiting = 2;

  // `store` must outlive it.
  explicit Committer(ledger::Store* store);
  ~Committer();

  // The exchange's store.
  [[nodiscard]] ledger::Store* store() { return &archive_; }

  // `exchange` must live until Stop; from here on its Seal and Commit are the committer's.
  void Start(exchange::Exchange* exchange, CommitHooks hooks);
  // Commits what was added, and ends.
  void Stop();

  struct Ran {
    replica::Execute decided;
    exchange::Block block;
    absl::StatusOr<exchange::RanBlock> result;
  };
  // Waits while kMaxWaiting others wait.
  void Add(Ran block);
  // Once all is committed that was added before: if it is, at once on this thread; else on the
  // committer's.
  void After(std::function<void()> then);

  // Into the archive: with the next block, or at the end.
  void Keep(consensus::ExecutionCertificate certificate);
  void Keep(consensus::Evidence evidence);

  [[nodiscard]] bool failed() const { return failed_.load(); }

 private:
  // What is done one after the other: a block, or a call.
  struct Step {
    std::optional<Ran> block;
    std::function<void()> then;
  };
  // What is done between two looks at the queues.
  struct Round {
    std::optional<Step> step;
    std::vector<consensus::ExecutionCertificate> certificates;
    std::vector<consensus::Evidence> evidence;
    bool stop = false;
  };

  void Run();
  [[nodiscard]] Round Take();
  void Finish(Ran ran);
  [[nodiscard]] absl::Status SealAndCommit(Ran ran);
  void KeepEvidence(const std::vector<consensus::Evidence>& all);

  ledger::Store* const store_;
  ledger::Batch changes_;  // of the block that is being committed
  TappedStore tapped_;
  storage::ArchivingStore archive_;
  exchange::Exchange* exchange_ = nullptr;
  CommitHooks hooks_;
  std::atomic<bool> failed_ = false;

  std::mutex mutex_;  // one that ThreadSanitizer sees; guards the six below
  std::condition_variable changed_;
  std::deque<Step> steps_;
  bool busy_ = false;  // with a step
  std::vector<consensus::ExecutionCertificate> certificates_;
  std::vector<consensus::Evidence> evidence_;
  bool stopped_ = false;

  std::thread thread_;
};

}  // namespace bourse::runtime
