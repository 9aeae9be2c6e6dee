// Node: the running node. Owns the threads around the Chain, and answers the services.
//
//   any thread       Submit ─► workers: decode, verify ─┐        ┌─► workers: answers
//   the loop thread                                     └► Admit │
//                                              Advance ─► blocks ┘
//
// One thread, the loop's, has the application, the queue and the engine. Reads see the ledger as of
// the last committed block, by a snapshot that is replaced after each.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/store.h"
#include "node/api/backend.h"
#include "node/consensus/solo.h"
#include "node/exchange/exchange.h"
#include "node/runtime/chain.h"
#include "node/runtime/event_loop.h"
#include "node/runtime/tapped_store.h"
#include "node/runtime/waiters.h"
#include "node/runtime/worker_pool.h"

namespace bourse::runtime {

struct NodeOptions {
  api::NodeIdentity identity;  // without the genesis hash, which the store knows
  int workers = 1;
  std::uint64_t idle_us = 1'000'000;
  std::uint64_t block_interval_min_us = 0;
  mempool::Options mempool;
};

class Node final : public api::Backend {
 public:
  // Loads what the store holds. `store` must outlive the node. kFailedPrecondition: the store has
  // no network, or another one than the identity's genesis; kDataLoss: it is damaged.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Node>> Open(ledger::Store* store,
                                                                  NodeOptions options);

  ~Node() override;

  // Starts to make blocks. `on_failure` is called, once, on the loop's thread, if the node can't
  // go on; it must not call back.
  void Start(std::function<void(const absl::Status&)> on_failure);

  // Finishes the block that is being made, answers all that wait, and takes nothing new. Reads are
  // still answered.
  void Stop();

  // From api::Backend.
  void Submit(std::string encoded, api::SubmitOptions options, SubmitDone done) override;
  void Simulate(SignedTransaction transaction, SimulateDone done) override;
  void FindPending(const TxId& txid, PendingDone done) override;
  std::shared_ptr<const ledger::View> Latest() const override;
  const api::OrderView& orders() const override { return orders_; }
  const api::NodeIdentity& identity() const override { return identity_; }
  api::QueueStatus queue() const override;
  TimeMicros Clock() const override;
  std::uint64_t UptimeSeconds() const override;

 private:
  // A submission on its way.
  struct Submission {
    std::string encoded;
    bool wait = false;
    absl::Time deadline;
    std::uint64_t source = 0;
    SubmitDone done;
    SignedTransaction transaction;
  };
  using SubmissionPtr = std::shared_ptr<Submission>;

  Node(ledger::Store* store, NodeOptions options);
  [[nodiscard]] absl::Status Load();

  // On a worker.
  void Check(const SubmissionPtr& submission);
  void AnswerFromLedger(const SubmissionPtr& submission, const TxId& txid,
                        const absl::Status& refused);
  [[nodiscard]] absl::Status DecodeAndVerify(Submission& submission) const;

  // On the loop's thread.
  std::optional<std::uint64_t> Turn();
  void Admit(const SubmissionPtr& submission);
  void Wait(const SubmissionPtr& submission, const TxId& txid);
  void AnswerRefused(const SubmissionPtr& submission, const TxId& txid, const absl::Status& status);
  void OnBlock(CommittedBlock block);
  void Publish();
  void AnswerDropped(const TxId& txid, const absl::Status& status);
  void AnswerOverdue();
  void AnswerAllOnStop();

  // On any.
  void Finish(const SubmissionPtr& submission, api::SubmitResult result);
  void FinishUnavailable(const SubmissionPtr& submission);

  ledger::Store* const store_;
  TappedStore tapped_;
  api::NodeIdentity identity_;
  const NodeOptions options_;
  api::OrderView orders_;
  std::unique_ptr<exchange::Exchange> exchange_;
  std::unique_ptr<consensus::Solo> engine_;
  std::unique_ptr<Chain> chain_;
  Waiters waiters_;
  bool failed_ = false;  // the loop's thread
  std::function<void(const absl::Status&)> on_failure_;
  const std::uint64_t started_us_;

  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> submissions_{0};  // between Submit and Admit
  std::atomic<int> simulations_{0};
  std::atomic<std::uint64_t> pending_transactions_{0};
  std::atomic<std::uint64_t> pending_bytes_{0};

  mutable std::mutex mutex_;                    // one that ThreadSanitizer sees
  std::shared_ptr<const ledger::View> latest_;  // guarded by mutex_

  EventLoop loop_;
  WorkerPool workers_;
  std::thread thread_;
};

}  // namespace bourse::runtime
