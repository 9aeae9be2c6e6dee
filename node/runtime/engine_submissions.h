// EngineSubmissions: the way of a client's transaction to the engine, and of its answer back.
//
//   any thread   Submit ─► worker: decode, verify ─► exchange's thread: CheckTx ─► caller's thread:
//   the engine's RPC ─► the ledger has it: answered; else the publisher answers when it runs
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/hash.h"
#include "node/api/backend.h"
#include "node/cometbft/rpc.h"
#include "node/runtime/engine_application.h"
#include "node/runtime/engine_queue.h"
#include "node/runtime/publisher.h"
#include "node/runtime/signature_cache.h"
#include "node/runtime/worker_pool.h"

namespace bourse::runtime {

class EngineSubmissions {
 public:
  using Done = api::Backend::SubmitDone;

  // Threads that wait for the engine: it answers after up to 20 ms, as it gathers its questions to
  // the node for so long.
  static constexpr int kCallers = 48;

  // All must outlive it. `callers` has kCallers threads.
  EngineSubmissions(const Hash256& genesis_hash, SignatureCache* seen, WorkerPool* workers,
                    EngineApplication* application, WorkerPool* callers, cometbft::Rpc* rpc,
                    const EngineQueue* queue, Publisher* publisher)
      : genesis_hash_(genesis_hash),
        seen_(seen),
        workers_(workers),
        application_(application),
        callers_(callers),
        rpc_(rpc),
        queue_(queue),
        publisher_(publisher) {}

  // Thread-safe. `done` comes exactly once.
  void Submit(std::string encoded, api::SubmitOptions options, Done done);
  // An engine has started: what the one before had in its queue, it is given again. Thread-safe.
  void HandOverAgain();
  // Takes nothing new from now on. Thread-safe.
  void Close() { closed_.store(true); }

 private:
  struct Submission;
  using SubmissionPtr = std::shared_ptr<Submission>;

  void Check(const SubmissionPtr& submission);  // on a worker
  void OnChecked(const SubmissionPtr& submission, const absl::Status& status);
  void HandOver(const SubmissionPtr& submission);  // on a caller
  // What the engine, or CheckTx, said of it. It may have run already, or be in the queue by another
  // way. On a caller or a worker.
  void Settle(const SubmissionPtr& submission, const absl::Status& status);
  // Whether the ledger has its receipt, which then is the answer.
  [[nodiscard]] bool AnswerFromLedger(const SubmissionPtr& submission);
  // It went nowhere: the node stops, or too much is under way.
  void TurnAway(const SubmissionPtr& submission);
  void Finish(const SubmissionPtr& submission, api::SubmitResult result);
  void Leave(const SubmissionPtr& submission);

  const Hash256 genesis_hash_;
  SignatureCache* const seen_;
  WorkerPool* const workers_;
  EngineApplication* const application_;
  WorkerPool* const callers_;
  cometbft::Rpc* const rpc_;
  const EngineQueue* const queue_;
  Publisher* const publisher_;
  std::atomic<std::size_t> under_way_{0};
  std::atomic<bool> closed_{false};
};

}  // namespace bourse::runtime
