// CometBftNode: the running node whose blocks CometBFT orders. The same API as of a Node.
//
//   clients ──► EngineSubmissions ──► CometBFT's RPC
//                                        │
//   readers ◄── Publisher ◄── EngineApplication ◄── Server ◄── CometBFT, by ABCI
//
// Readers see the ledger as of the last block: what CometBFT commits is final.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/store.h"
#include "node/api/backend.h"
#include "node/cometbft/rpc.h"
#include "node/cometbft/server.h"
#include "node/runtime/engine_application.h"
#include "node/runtime/engine_queue.h"
#include "node/runtime/engine_submissions.h"
#include "node/runtime/engine_watch.h"
#include "node/runtime/publisher.h"
#include "node/runtime/signature_cache.h"
#include "node/runtime/worker_pool.h"

namespace bourse::runtime {

struct CometBftNodeOptions {
  api::NodeIdentity identity;  // without the genesis hash, which the store knows
  int workers = 1;
  cometbft::ServerOptions app;  // where the engine finds the node
  cometbft::RpcOptions rpc;     // where the node finds the engine
};

class CometBftNode final : public api::Backend {
 public:
  // Loads what the store holds, which must outlive the node. Errors as of EngineApplication::Open;
  // kFailedPrecondition: the store has another network than the identity's genesis.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<CometBftNode>> Open(
      ledger::Store* store, CometBftNodeOptions options);
  ~CometBftNode() override { Stop(); }

  // Lets the engine connect. `on_failure` is called, once, on a thread of the node's, if it can't
  // go on; it must not call back.
  [[nodiscard]] absl::Status Start(std::function<void(const absl::Status&)> on_failure);
  // Answers all that wait, and takes nothing new; CometBFT ends when its application goes. Reads
  // are still answered.
  void Stop();

  // What the engine's proxy_app is. REQUIRES: it is started.
  [[nodiscard]] const std::string& app_address() const { return server_->address(); }

  // From api::Backend.
  void Submit(std::string encoded, api::SubmitOptions options, SubmitDone done) override;
  void Simulate(SignedTransaction transaction, SimulateDone done) override;
  void FindPending(const TxId& txid, PendingDone done) override;
  std::shared_ptr<const ledger::View> Latest() const override { return publisher_.Latest(); }
  const api::OrderView& orders() const override { return publisher_.orders(); }
  const api::NodeIdentity& identity() const override { return identity_; }
  api::QueueStatus queue() const override { return queue_.status(); }
  TimeMicros Clock() const override;
  std::uint64_t UptimeSeconds() const override;
  api::NetworkStatus network() const override { return watch_.status(); }

 private:
  CometBftNode(ledger::Store* store, CometBftNodeOptions options);
  [[nodiscard]] absl::Status Load();
  void OnCommitted(std::shared_ptr<const ExecutedBlock> block);

  ledger::Store* const store_;
  api::NodeIdentity identity_;
  const cometbft::ServerOptions app_;
  const std::uint64_t started_us_;
  bool running_ = false;

  SignatureCache seen_;
  EngineQueue queue_;
  WorkerPool workers_;
  WorkerPool callers_{EngineSubmissions::kCallers};
  cometbft::Rpc rpc_;
  Publisher publisher_;
  EngineWatch watch_;
  std::unique_ptr<EngineApplication> application_;
  std::unique_ptr<EngineSubmissions> submissions_;
  std::unique_ptr<cometbft::Server> server_;
};

}  // namespace bourse::runtime
