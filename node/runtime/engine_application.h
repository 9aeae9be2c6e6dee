// EngineApplication: the exchange as CometBFT drives it. One thread has it; workers check
// signatures.
//
//   consensus   InitChain, PrepareProposal, FinalizeBlock, Commit ─────────────► that thread, first
//               ProcessProposal ─► that thread: after which block? ─► workers: all signatures
//   mempool     CheckTx ─► workers: decode, verify ─► that thread: CheckTx
//   query       Info ──────────────────────────────────────────────────────────► that thread, first
//
// After a block that can't be run or committed, it tells the engine nothing but that.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/transaction.h"
#include "ledger/genesis.h"
#include "ledger/store.h"
#include "node/api/backend.h"
#include "node/cometbft/driver.h"
#include "node/cometbft/server.h"
#include "node/exchange/exchange.h"
#include "node/runtime/engine_queue.h"
#include "node/runtime/executed_block.h"
#include "node/runtime/signature_cache.h"
#include "node/runtime/tapped_store.h"
#include "node/runtime/worker_pool.h"

namespace bourse::runtime {

// Thread-safe, but for Open, Start and Stop.
class EngineApplication {
 public:
  using Reply = cometbft::Server::Reply;

  // Called on the exchange's thread; they must not block.
  struct Hooks {
    // On disk. In the order of the heights.
    std::function<void(std::shared_ptr<const ExecutedBlock>)> committed;
    // An engine has said hello (Info): one that has just started, or somebody by its RPC.
    std::function<void()> greeted;
    // It left the engine's queue without having run.
    std::function<void(const TxId&, const absl::Status&)> dropped;
    // Once: it can't go on.
    std::function<void(const absl::Status&)> failed;
  };

  // Loads what the store holds. All must outlive it. Errors as of exchange::Exchange::Open;
  // kFailedPrecondition: the store has no network, or blocks that another engine ordered.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<EngineApplication>> Open(
      ledger::Store* store, const ledger::Genesis* genesis, SignatureCache* seen,
      WorkerPool* workers, EngineQueue* queue);

  void Start(Hooks hooks) { hooks_ = std::move(hooks); }
  // Ends what was asked before; nothing is taken after it.
  void Stop() { thread_.Stop(); }

  // Of the last committed block. REQUIRES: it is not started.
  [[nodiscard]] exchange::AppInfo Info() const { return exchange_->Info(); }

  // A request of the engine.
  void Handle(abci::Request request, Reply reply);

  using CheckDone = std::function<void(absl::Status)>;
  // CheckTx now, of a transaction whose signature is good. False once stopped, or if `source` has
  // too many under way: `done` won't come.
  [[nodiscard]] bool Check(SignedTransaction transaction, std::uint64_t source, CheckDone done);
  // kResourceExhausted: too many are under way.
  void Simulate(SignedTransaction transaction, api::Backend::SimulateDone done);

 private:
  EngineApplication(ledger::Store* store, const ledger::Genesis* genesis, SignatureCache* seen,
                    WorkerPool* workers, EngineQueue* queue);
  [[nodiscard]] absl::Status Load();

  void CheckForEngine(abci::RequestCheckTx request, Reply reply);
  void CheckDecoded(SignedTransaction transaction, abci::RequestCheckTx request,
                    const Reply& reply);

  // On the exchange's thread.
  void Answer(abci::Request request, const Reply& reply);
  void Judge(abci::RequestProcessProposal request, const Reply& reply);
  void Commit(const Reply& reply);
  void Publish(cometbft::CommittedBlock committed);
  void Fail(const absl::Status& status, const Reply& reply);
  [[nodiscard]] TimeMicros AfterHead() const;
  // The clock, but after the last block.
  [[nodiscard]] TimeMicros CheckTime() const;
  // The same while the transaction has time. Blocks' time lags behind the clock, and as long as one
  // may still hold it, it stays.
  [[nodiscard]] TimeMicros RecheckTime(const SignedTransaction& transaction) const;

  ledger::Store* const store_;
  const ledger::Genesis* const genesis_;
  const Hash256 genesis_hash_;
  SignatureCache* const seen_;
  WorkerPool* const workers_;
  EngineQueue* const queue_;
  ledger::Batch changes_;  // of the block that is being committed
  TappedStore tapped_;
  cometbft::AppHashStore app_hashes_;
  std::unique_ptr<exchange::Exchange> exchange_;
  std::optional<cometbft::Driver> driver_;
  Hooks hooks_;
  absl::Status failure_;
  WorkerPool thread_{1};
};

}  // namespace bourse::runtime
