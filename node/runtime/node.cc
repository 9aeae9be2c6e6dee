#include "node/runtime/node.h"

#include <algorithm>
#include <map>
#include <utility>

#include "node/api/evidence_state.h"
#include "node/api/validator_set.h"
#include "node/runtime/clock.h"
#include "node/runtime/executed_block.h"
#include "node/runtime/genesis_check.h"
#include "node/runtime/log.h"
#include "node/runtime/verification.h"
#include "node/storage/block_archive.h"
#include "node/storage/evidence_store.h"

namespace bourse::runtime {
namespace {

// Requests for blocks that wait for a worker: a peer has one, mostly.
constexpr std::size_t kMaxServesPerPeer = 4;

consensus::SimplexOptions SimplexOf(const NodeOptions& options,
                                    std::optional<consensus::ValidatorIndex> self) {
  consensus::SimplexOptions out;
  out.self = self;
  out.protocol_version = exchange::kProtocolVersion;
  out.timeout_us = options.slot_timeout_us;
  out.idle_us = options.idle_us;
  out.block_interval_min_us = options.block_interval_min_us;
  out.standstill_us = std::max(out.standstill_us, 4 * options.idle_us);
  out.timeout_us_max = std::max(8 * out.standstill_us, out.timeout_us);
  return out;
}

replica::Options ReplicaOptions(const NodeOptions& options,
                                std::optional<consensus::ValidatorIndex> self) {
  replica::Options out;
  out.simplex = SimplexOf(options, self);
  out.mempool = options.mempool;
  out.seed = ReadClock().wall.value();
  return out;
}

std::vector<TxId> TxIdsOf(const ExecutedBlock& block) {
  std::vector<TxId> txids;
  txids.reserve(block.result.receipts.size());
  for (const ledger::Receipt& receipt : block.result.receipts) txids.push_back(receipt.txid);
  return txids;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Node>> Node::Open(ledger::Store* store, Network* network,
                                                 Memory memory, NodeOptions options) {
  absl::StatusOr<std::unique_ptr<Executor>> executor = Executor::Open(store);
  if (!executor.ok()) return executor.status();
  options.identity.genesis_hash = (*executor)->Info().genesis_hash;
  if (absl::Status fits = CheckGenesis(options.identity); !fits.ok()) return fits;
  consensus::Validators validators = api::ValidatorsOf(options.identity);
  std::unique_ptr<Node> node(new Node(store, network, std::move(memory), std::move(options),
                                      *std::move(executor), std::move(validators)));
  if (absl::Status loaded = node->Load(); !loaded.ok()) return loaded;
  return node;
}

Node::Node(ledger::Store* store, Network* network, Memory memory, NodeOptions options,
           std::unique_ptr<Executor> executor, consensus::Validators validators)
    : store_(store),
      network_(network),
      memory_(std::move(memory)),
      identity_(options.identity),
      validators_(std::move(validators)),
      self_(validators_.Find(identity_.node_key)),
      replica_(&validators_, ReplicaOptions(options, self_), options.sign),
      started_us_(ReadClock().steady_us),
      workers_(options.workers),
      publisher_(&workers_),
      executor_(std::move(executor)),
      loop_(&replica_, memory_.log),
      submissions_(identity_.genesis_hash, &seen_, &workers_, executor_.get(), &loop_, &publisher_),
      peers_(&validators_, &seen_, network_, &workers_, executor_.get(), &loop_) {}

Node::~Node() { Stop(); }

absl::Status Node::Load() {
  if (absl::Status loaded = publisher_.Load(*store_); !loaded.ok()) return loaded;
  started_.log = std::move(memory_.records);
  started_.log_is_whole = memory_.log != nullptr;
  const Height height = executor_->Info().head.height;
  if (height == Height(0)) return absl::OkStatus();
  absl::StatusOr<storage::ArchivedBlock> head = storage::ReadHead(*Latest(), validators_, height);
  if (!head.ok()) return head.status();
  if (!head->header) {
    return absl::FailedPreconditionError(
        "the ledger was made by a version whose blocks no other node can check; start a new "
        "network, or get the ledger of this one from another node");
  }
  started_.height = height;
  started_.time = head->executed.time;
  started_.head = head->header;
  started_.executed = head->executed;
  return absl::OkStatus();
}

void Node::Start(std::function<void(const absl::Status&)> on_failure) {
  on_failure_ = std::move(on_failure);
  running_ = true;
  publisher_.Start();
  executor_->Start({.commit = {[this](const auto& executed) { OnExecuted(executed); },
                               [this](auto block) { OnCommitted(std::move(block)); },
                               [this](const absl::Status& status) {
                                 (void)loop_.Post([this, status] { loop_.Fail(status); });
                               }},
                    .checked = [this](auto checked) { OnChecked(std::move(checked)); }});
  loop_.Start(std::move(started_),
              {[this](auto effects) { Perform(std::move(effects)); }, [this] { OnTurn(); },
               [this](const absl::Status& status) { OnFailure(status); }});
}

void Node::Stop() {
  if (!running_ || stopping_.exchange(true)) return;
  submissions_.Close();
  executor_->Stop();
  loop_.Stop();
  publisher_.Stop();
  workers_.Stop();  // what is left there finds all closed, and answers so
}

void Node::OnExecuted(const consensus::Executed& executed) {
  (void)loop_.Post([this, executed] { loop_.Step(replica::BlockExecuted{executed}); });
}

void Node::OnCommitted(std::shared_ptr<const ExecutedBlock> block) {
  LogCommitted(*block);
  replica::BlockCommitted event{TxIdsOf(*block)};
  publisher_.Add(std::move(block));
  (void)loop_.Post([this, event = std::move(event)]() mutable { loop_.Step(std::move(event)); });
}

void Node::OnChecked(std::vector<CheckedAdmission> checked) {
  const auto shared = std::make_shared<std::vector<CheckedAdmission>>(std::move(checked));
  const bool posted = loop_.Post([this, shared] {
    for (CheckedAdmission& one : *shared) {
      one.admission.submission ? submissions_.Admit(std::move(one)) : peers_.Admit(std::move(one));
    }
  });
  if (posted) return;
  for (const CheckedAdmission& one : *shared) {
    if (one.admission.submission) submissions_.Refuse(one);
  }
}

void Node::Perform(replica::Effects effects) {
  SendAll(effects.send);
  for (replica::Execute& block : effects.execute) {
    const consensus::Header& header = block.header.header;
    Log(LogLevel::kDebug, "decided a block",
        {{"height", header.height.value()}, {"slot", header.slot.value()}});
    executor_->Execute(std::move(block));
  }
  for (replica::CheckBody& body : effects.check) {
    CheckBodyOn(&workers_, identity_.genesis_hash, &seen_, std::move(body),
                [this](const replica::BodyChecked& event) {
                  (void)loop_.Post([this, event] { loop_.Step(event); });
                });
  }
  for (consensus::ExecutionCertificate& one : effects.certified) {
    publisher_.Certify(one);
    executor_->Keep(std::move(one));
  }
  for (const replica::ServeBlocks& request : effects.serve) Serve(request);
  for (const auto& [txid, status] : effects.dropped) publisher_.Drop(txid, status);
  for (const replica::Misbehaviour& one : effects.misbehaviour) {
    Log(LogLevel::kWarning, "a peer misbehaves", {{"peer", one.peer.value()}, {"what", one.what}});
    network_->Disconnect(one.peer, one.what, /*is_proof=*/true);
  }
  for (consensus::Evidence& one : effects.evidence) {
    Tell(one);
    executor_->Keep(std::move(one));
  }
}

void Node::SendAll(const std::vector<replica::Outgoing>& messages) {
  std::map<consensus::PeerId, std::vector<const replica::Outgoing*>> by_peer;
  for (const replica::Outgoing& one : messages) {
    for (const consensus::PeerId peer : one.to) by_peer[peer].push_back(&one);
  }
  for (const auto& [peer, all] : by_peer) {
    for (const replica::Outgoing* one : all) {
      network_->Send(peer, one->priority, one->bytes, /*more_follow=*/one != all.back());
    }
  }
}

void Node::Tell(const consensus::Evidence& evidence) {
  Log(LogLevel::kWarning, "a validator signed what excludes each other",
      {{"validator", api::NameOf(identity_, evidence.validator)},
       {"index", evidence.validator.value()},
       {"what", consensus::Describe(evidence)}});
}

void Node::Serve(const replica::ServeBlocks& request) {
  auto task = [this, request] {
    const absl::StatusOr<replica::Blocks> blocks =
        storage::ReadBlocks(*store_->Snapshot(), validators_, request.from, replica::kAnswerBytes);
    if (!blocks.ok()) {
      Log(LogLevel::kError, "can't read blocks for a peer",
          {{"error", std::string(blocks.status().message())}});
      return;
    }
    const replica::Message message = *blocks;
    network_->Send(request.to, replica::PriorityOf(message),
                   std::make_shared<const std::string>(replica::Encode(message)),
                   /*more_follow=*/false);
  };
  (void)workers_.Post(std::move(task), request.to.value() | (std::uint64_t{1} << 63),
                      kMaxServesPerPeer);
}

void Node::OnTurn() {
  if (loop_.failed()) return;
  pending_transactions_.store(replica_.mempool().size());
  pending_bytes_.store(replica_.mempool().bytes());
  const replica::Progress progress = replica_.progress();
  catch_up_log_.Turned(progress, ReadClock().steady_us);
  publisher_.Allow(std::min(progress.height, progress.certified));
  const std::lock_guard lock(mutex_);
  progress_ = progress;
}

void Node::OnFailure(const absl::Status& status) {
  Log(LogLevel::kError, "the node can't go on", {{"error", std::string(status.message())}});
  on_failure_(status);
}

void Node::Submit(std::string encoded, api::SubmitOptions options, SubmitDone done) {
  submissions_.Submit(std::move(encoded), options, std::move(done));
}

void Node::Simulate(SignedTransaction transaction, SimulateDone done) {
  executor_->Simulate(std::move(transaction), std::move(done));
}

void Node::FindPending(const TxId& txid, PendingDone done) {
  const auto shared = std::make_shared<PendingDone>(std::move(done));
  const bool posted = loop_.Post([this, shared, txid] {
    const mempool::Mempool::Entry* entry = replica_.mempool().Find(txid);
    (*shared)(entry == nullptr ? publisher_.FindHeld(txid)
                               : std::optional<std::string>(entry->encoded));
  });
  if (!posted) (*shared)(std::nullopt);
}

api::QueueStatus Node::queue() const {
  return {pending_transactions_.load(), pending_bytes_.load()};
}

TimeMicros Node::Clock() const { return ReadClock().wall; }

std::uint64_t Node::UptimeSeconds() const {
  return (ReadClock().steady_us - started_us_) / 1'000'000;
}

std::string Node::WhyNotVoting() const {
  if (!self_) return "its key is not a validator's: it only follows";
  if (memory_.log == nullptr) return memory_.why_none;
  return "its log does not fit its ledger";
}

api::NetworkStatus Node::network() const {
  replica::Progress progress;
  {
    const std::lock_guard lock(mutex_);
    progress = progress_;
  }
  api::NetworkStatus out;
  out.voting = progress.voting;
  if (!progress.voting) out.not_voting_because = WhyNotVoting();
  out.decided = progress.decided;
  out.certified = progress.certified;
  out.network = progress.network;
  out.catching_up = progress.catching_up;
  return out;
}

std::vector<api::EvidenceState> Node::evidence() const {
  const absl::StatusOr<std::vector<consensus::Evidence>> all =
      storage::ReadEvidence(*store_->Snapshot(), validators_);
  std::vector<api::EvidenceState> out;
  if (!all.ok()) return out;
  for (const consensus::Evidence& one : *all) {
    out.push_back(api::EvidenceStateOf(validators_, one));
  }
  return out;
}

}  // namespace bourse::runtime
