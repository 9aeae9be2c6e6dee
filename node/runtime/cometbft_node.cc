#include "node/runtime/cometbft_node.h"

#include <utility>

#include "ledger/genesis.h"
#include "node/runtime/clock.h"
#include "node/runtime/executed_block.h"
#include "node/runtime/genesis_check.h"
#include "node/runtime/log.h"

namespace bourse::runtime {

absl::StatusOr<std::unique_ptr<CometBftNode>> CometBftNode::Open(ledger::Store* store,
                                                                 CometBftNodeOptions options) {
  std::unique_ptr<CometBftNode> node(new CometBftNode(store, std::move(options)));
  if (absl::Status loaded = node->Load(); !loaded.ok()) return loaded;
  return node;
}

CometBftNode::CometBftNode(ledger::Store* store, CometBftNodeOptions options)
    : store_(store),
      identity_(std::move(options.identity)),
      app_(std::move(options.app)),
      started_us_(ReadClock().steady_us),
      workers_(options.workers),
      rpc_(std::move(options.rpc)),
      publisher_(&workers_),
      watch_(&rpc_) {}

absl::Status CometBftNode::Load() {
  auto application =
      EngineApplication::Open(store_, &identity_.genesis, &seen_, &workers_, &queue_);
  if (!application.ok()) return application.status();
  application_ = *std::move(application);
  identity_.genesis_hash = application_->Info().genesis_hash;
  if (absl::Status fits = CheckGenesis(identity_); !fits.ok()) return fits;
  submissions_ = std::make_unique<EngineSubmissions>(identity_.genesis_hash, &seen_, &workers_,
                                                     application_.get(), &callers_, &rpc_, &queue_,
                                                     &publisher_);
  return publisher_.Load(*store_);
}

absl::Status CometBftNode::Start(std::function<void(const absl::Status&)> on_failure) {
  running_ = true;
  publisher_.Start();
  application_->Start(
      {[this](auto block) { OnCommitted(std::move(block)); }, [this] { watch_.HasStarted(); },
       [this](const TxId& txid, const absl::Status& status) { publisher_.Drop(txid, status); },
       [on_failure = std::move(on_failure)](const absl::Status& status) {
         Log(LogLevel::kError, "the node can't go on", {{"error", std::string(status.message())}});
         on_failure(status);
       }});
  auto server =
      cometbft::Server::Start(app_, {[this](auto request, auto reply) {
                                       application_->Handle(std::move(request), std::move(reply));
                                     },
                                     [](const absl::Status& status) {
                                       if (status.ok()) return;
                                       Log(LogLevel::kError, "lost a connection of the engine",
                                           {{"error", std::string(status.message())}});
                                     }});
  if (!server.ok()) return server.status();
  server_ = *std::move(server);
  watch_.Start([this] { submissions_->HandOverAgain(); });
  return absl::OkStatus();
}

void CometBftNode::Stop() {
  if (!std::exchange(running_, false)) return;
  submissions_->Close();
  rpc_.Stop();
  watch_.Stop();
  if (server_ != nullptr) server_->Stop();
  callers_.Stop();
  application_->Stop();
  publisher_.Stop();
  workers_.Stop();  // what is left there finds all closed, and answers so
}

void CometBftNode::OnCommitted(std::shared_ptr<const ExecutedBlock> block) {
  LogCommitted(*block);
  const Height height = block->executed.height;
  publisher_.Add(std::move(block));
  publisher_.Allow(height);
}

void CometBftNode::Submit(std::string encoded, api::SubmitOptions options, SubmitDone done) {
  submissions_->Submit(std::move(encoded), options, std::move(done));
}

void CometBftNode::Simulate(SignedTransaction transaction, SimulateDone done) {
  application_->Simulate(std::move(transaction), std::move(done));
}

void CometBftNode::FindPending(const TxId& txid, PendingDone done) {
  std::optional<std::string> found = queue_.Find(txid);
  done(found.has_value() ? std::move(found) : publisher_.FindHeld(txid));
}

TimeMicros CometBftNode::Clock() const { return ReadClock().wall; }

std::uint64_t CometBftNode::UptimeSeconds() const {
  return (ReadClock().steady_us - started_us_) / 1'000'000;
}

}  // namespace bourse::runtime
