// Node: the running node. Owns the threads around the replica, and answers the services.
//
//   clients ─► Submissions ─┐            ┌─► Executor ─► Committer ─► Publisher ─► readers, answers
//                           ├► ReplicaLoop ─► log, then: send, execute, check
//   peers ───► Peers ───────┘            └─► workers
//
// The loop's thread has the replica and its log, the executor's the exchange, the committer's what
// commits to blocks and the ledger; workers check signatures and bodies. Reads see the ledger as of
// the last certified block.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/store.h"
#include "node/api/backend.h"
#include "node/consensus/validators.h"
#include "node/mempool/mempool.h"
#include "node/replica/replica.h"
#include "node/runtime/catch_up_log.h"
#include "node/runtime/executor.h"
#include "node/runtime/network.h"
#include "node/runtime/peers.h"
#include "node/runtime/publisher.h"
#include "node/runtime/replica_loop.h"
#include "node/runtime/signature_cache.h"
#include "node/runtime/submissions.h"
#include "node/runtime/worker_pool.h"
#include "node/storage/consensus_log.h"

namespace bourse::runtime {

struct NodeOptions {
  api::NodeIdentity identity;     // without the genesis hash, which the store knows
  consensus::Simplex::Sign sign;  // by the identity's key
  int workers = 1;
  std::uint64_t idle_us = 1'000'000;
  std::uint64_t block_interval_min_us = 0;
  std::uint64_t slot_timeout_us = 1'000'000;
  mempool::Options mempool;
};

// What the node remembers of what it said.
struct Memory {
  storage::ConsensusLog* log = nullptr;  // null: missing or damaged; it votes no more
  std::vector<std::string> records;
  std::string why_none;  // without a log: why, for people
};

class Node final : public api::Backend {
 public:
  // Loads what the store holds. `store`, `network` and the log must outlive the node.
  // kFailedPrecondition: the store has no network, or another one than the identity's genesis, or
  // blocks of a version that ran alone; kDataLoss: it is damaged.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Node>> Open(ledger::Store* store,
                                                                  Network* network, Memory memory,
                                                                  NodeOptions options);

  ~Node() override;

  // Takes part in the network. `on_failure` is called, once, on a thread of the node's, if it can't
  // go on; it must not call back.
  void Start(std::function<void(const absl::Status&)> on_failure);

  // Finishes the block that is being executed, answers all that wait, and takes nothing new. Reads
  // are still answered. The network must have stopped, or say nothing any more.
  void Stop();

  // From the network.
  [[nodiscard]] Peers& peer_events() { return peers_; }

  [[nodiscard]] const consensus::Validators& validators() const { return validators_; }

  // From api::Backend.
  void Submit(std::string encoded, api::SubmitOptions options, SubmitDone done) override;
  void Simulate(SignedTransaction transaction, SimulateDone done) override;
  void FindPending(const TxId& txid, PendingDone done) override;
  std::shared_ptr<const ledger::View> Latest() const override { return publisher_.Latest(); }
  const api::OrderView& orders() const override { return publisher_.orders(); }
  const api::NodeIdentity& identity() const override { return identity_; }
  api::QueueStatus queue() const override;
  TimeMicros Clock() const override;
  std::uint64_t UptimeSeconds() const override;
  api::NetworkStatus network() const override;
  std::vector<api::PeerState> peers() const override { return peers_.List(); }
  std::vector<api::EvidenceState> evidence() const override;

 private:
  Node(ledger::Store* store, Network* network, Memory memory, NodeOptions options,
       std::unique_ptr<Executor> executor, consensus::Validators validators);
  [[nodiscard]] absl::Status Load();
  [[nodiscard]] std::string WhyNotVoting() const;

  // On the executor's thread.
  void OnExecuted(const consensus::Executed& executed);
  void OnCommitted(std::shared_ptr<const ExecutedBlock> block);
  void OnChecked(std::vector<CheckedAdmission> checked);

  // On the loop's thread.
  void Perform(replica::Effects effects);
  void SendAll(const std::vector<replica::Outgoing>& messages);
  void Serve(const replica::ServeBlocks& request);
  void Tell(const consensus::Evidence& evidence);
  void OnTurn();
  void OnFailure(const absl::Status& status);

  ledger::Store* const store_;
  Network* const network_;
  Memory memory_;
  api::NodeIdentity identity_;
  const consensus::Validators validators_;
  const std::optional<consensus::ValidatorIndex> self_;
  replica::Started started_;
  replica::Replica replica_;
  std::function<void(const absl::Status&)> on_failure_;
  const std::uint64_t started_us_;
  bool running_ = false;
  CatchUpLog catch_up_log_;

  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> pending_transactions_{0};
  std::atomic<std::uint64_t> pending_bytes_{0};
  mutable std::mutex mutex_;    // one that ThreadSanitizer sees
  replica::Progress progress_;  // guarded by mutex_

  SignatureCache seen_;
  WorkerPool workers_;
  Publisher publisher_;
  std::unique_ptr<Executor> executor_;
  ReplicaLoop loop_;
  Submissions submissions_;
  Peers peers_;
};

}  // namespace bourse::runtime
