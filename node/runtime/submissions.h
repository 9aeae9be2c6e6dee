// Submissions: the way of a client's transaction into the queue, and of its answer back.
//
//   any thread     Submit ─► worker: decode, verify ─► executor: CheckTx ─┐
//   loop's thread                                  replica: Admitted ◄────┘
//   publisher      answers those who wait
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/hash.h"
#include "node/api/backend.h"
#include "node/runtime/admission.h"
#include "node/runtime/executor.h"
#include "node/runtime/publisher.h"
#include "node/runtime/replica_loop.h"
#include "node/runtime/signature_cache.h"
#include "node/runtime/worker_pool.h"

namespace bourse::runtime {

// A client's transaction that is not yet in the queue.
struct Submission {
  bool wait = false;
  absl::Time deadline;
  std::uint64_t source = 0;
  api::Backend::SubmitDone done;
};

class Submissions {
 public:
  using Done = api::Backend::SubmitDone;

  // All must outlive it.
  Submissions(const Hash256& genesis_hash, SignatureCache* seen, WorkerPool* workers,
              Executor* executor, ReplicaLoop* loop, Publisher* publisher)
      : genesis_hash_(genesis_hash),
        seen_(seen),
        workers_(workers),
        executor_(executor),
        loop_(loop),
        publisher_(publisher) {}

  // Thread-safe. `done` comes exactly once.
  void Submit(std::string encoded, api::SubmitOptions options, Done done);
  // Takes nothing new from now on. Thread-safe.
  void Close() { closed_.store(true); }

  // On the loop's thread: one of ours that CheckTx has looked at.
  void Admit(CheckedAdmission checked);
  // On any: the loop is closed.
  void Refuse(const CheckedAdmission& checked);

 private:
  using SubmissionPtr = std::shared_ptr<Submission>;

  void Check(const SubmissionPtr& submission, std::string encoded);  // on a worker
  void OnQueued(const SubmissionPtr& submission, const TxId& txid);
  void OnRefused(const SubmissionPtr& submission, const TxId& txid, const absl::Status& status);
  void OnWaiting(const SubmissionPtr& submission, const TxId& txid, bool waits);
  // On a worker.
  void AnswerFromLedger(const SubmissionPtr& submission, const TxId& txid,
                        const absl::Status& refused);
  void Finish(const SubmissionPtr& submission, api::SubmitResult result);
  void FinishUnavailable(const SubmissionPtr& submission);

  const Hash256 genesis_hash_;
  SignatureCache* const seen_;
  WorkerPool* const workers_;
  Executor* const executor_;
  ReplicaLoop* const loop_;
  Publisher* const publisher_;
  std::atomic<std::size_t> under_way_{0};
  std::atomic<bool> closed_{false};
};

}  // namespace bourse::runtime
