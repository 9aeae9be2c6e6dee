// Executor: the thread that has the exchange. Runs decided blocks, in order, beside consensus and
// never in its way; between them, checks what the queue shall take, and makes dry runs.
//
//   loop ──► Execute ──► Run ──► committer
//   workers ──► Check ──► CheckTx ──► hooks.checked, in batches
//
// After a block that can't be run or committed it runs nothing any more: memory and disk may
// differ.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/transaction.h"
#include "ledger/store.h"
#include "node/api/full_receipt.h"
#include "node/consensus/evidence.h"
#include "node/consensus/vote.h"
#include "node/exchange/exchange.h"
#include "node/replica/replica.h"
#include "node/runtime/admission.h"
#include "node/runtime/committer.h"

namespace bourse::runtime {

struct ExecutorHooks {
  CommitHooks commit;
  // In the order in which they came, and after `committed` of the blocks that they were checked
  // after. On the executor's or the committer's thread; it must not block.
  std::function<void(std::vector<CheckedAdmission>)> checked;
};

// Thread-safe, but for Open, Start and Stop.
class Executor {
 public:
  using SimulateDone = std::function<void(absl::StatusOr<api::FullReceipt>)>;

  // Loads what the store holds. `store` must outlive it. Errors as of exchange::Exchange::Open;
  // kFailedPrecondition: the store has no network.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Executor>> Open(ledger::Store* store);

  ~Executor();

  void Start(ExecutorHooks hooks);
  // Ends the block that is being run; what else waits is answered, unchecked. Nothing is taken
  // after it.
  void Stop();

  // Of the last committed block. REQUIRES: it is not started.
  [[nodiscard]] exchange::AppInfo Info() const { return exchange_->Info(); }

  void Execute(replica::Execute block);
  // As the committer's.
  void Keep(consensus::ExecutionCertificate one) { committer_.Keep(std::move(one)); }
  void Keep(consensus::Evidence one) { committer_.Keep(std::move(one)); }
  // Once stopped, the answer (hooks.checked) comes at once, on this thread.
  void Check(std::vector<Admission> admissions);
  // kResourceExhausted: too many are under way.
  void Simulate(SignedTransaction transaction, SimulateDone done);

 private:
  struct DryRun {
    SignedTransaction transaction;
    SimulateDone done;
  };
  // What is done between two looks at the queues.
  struct Round {
    std::optional<replica::Execute> block;
    std::vector<Admission> admissions;
    std::optional<DryRun> dry_run;
    bool stop = false;
  };

  explicit Executor(ledger::Store* store);

  void Run();
  [[nodiscard]] Round Take();
  void RunBlock(replica::Execute decided);
  void CheckAll(std::vector<Admission> admissions);
  void RunDry(DryRun dry_run);
  void RefuseRest();
  // What a transaction that is checked now is checked against: the clock, but later than the last
  // block.
  [[nodiscard]] TimeMicros CheckTime() const;

  Committer committer_;
  std::unique_ptr<exchange::Exchange> exchange_;  // its store is the committer's
  std::function<void(std::vector<CheckedAdmission>)> checked_;

  std::mutex mutex_;  // one that ThreadSanitizer sees; guards the four below
  std::condition_variable changed_;
  std::deque<replica::Execute> blocks_;
  std::deque<Admission> admissions_;
  std::deque<DryRun> dry_runs_;
  bool stopped_ = false;

  std::thread thread_;
};

}  // namespace bourse::runtime
