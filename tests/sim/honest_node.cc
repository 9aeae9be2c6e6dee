#include "tests/sim/honest_node.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/check.h"
#include "tests/sim/merge_effects.h"

namespace bourse::sim {
namespace {

// Whose late signatures these are, and for which slot: of a message that Screen said to note.
replica::LateSignatures LateSignaturesOf(const consensus::Validators& validators,
                                         const replica::Message& message) {
  if (const auto* vote = std::get_if<consensus::SignedVote>(&message)) {
    return {{vote->validator}, vote->vote.slot};
  }
  if (const auto* certificate = std::get_if<consensus::Certificate>(&message)) {
    replica::LateSignatures late{{}, certificate->vote.slot};
    for (const auto& one : certificate->signatures) late.validators.push_back(one.validator);
    return late;
  }
  if (const auto* candidate = std::get_if<replica::CompactCandidate>(&message)) {
    const consensus::Slot slot = candidate->header.header.slot;
    return {{validators.LeaderOf(slot)}, slot};
  }
  return {{}, consensus::Slot(0)};
}

}  // namespace

HonestNode::HonestNode(Environment* environment, const HonestOptions& options)
    : environment_(*environment),
      options_(options),
      probe_(*options.probe),
      disk_(options.disk_seed, &environment->genesis(), &environment->validators()) {
  options_.replica.simplex.self = environment_.ValidatorOf(environment_.self());
}

HonestNode::~HonestNode() = default;

void HonestNode::Start() {
  const NodeDisk::Start start = disk_.Open();
  probe_.OnLogRead(environment_.self(), start.log_is_whole, disk_.was_log_lost());
  auto exchange = exchange::Exchange::Open(disk_.store());
  CHECK(exchange.ok());
  exchange_ = *std::move(exchange);
  height_ = exchange_->Info().head.height;

  const auto self = options_.replica.simplex.self;
  replica_ = std::make_unique<replica::Replica>(
      &environment_.validators(), options_.replica,
      [this, self](std::string_view bytes) { return environment_.Sign(*self, bytes); });
  replica::Started started;
  started.log = start.records;
  started.log_is_whole = start.log_is_whole;
  started.height = height_;
  started.time = exchange_->Info().head.time;
  if (height_ > Height(0)) {
    const storage::ArchivedBlock head = disk_.ReadHead(height_);
    started.head = head.header;
    started.executed = head.executed;
  }
  Step(std::move(started));
}

void HonestNode::Crash() {
  if (replica_ != nullptr) {
    Add(replica_->counters(), &counters_);
    Add(replica_->simplex().counters(), &counters_);
  }
  dying_ = false;
  crash_at_.reset();
  replica_ = nullptr;
  exchange_ = nullptr;
  peers_.clear();
  nodes_.clear();
  waiting_ = {};
  has_waiting_ = in_turn_ = executing_ = false;
  executions_.clear();
  armed_at_us_.reset();
  disk_.PowerCycle();
}

void HonestNode::CrashAt(CrashPoint point, std::function<void()> on_crash) {
  if (!is_up()) return;
  on_crash_ = std::move(on_crash);
  crash_at_ = point;
  if (point == CrashPoint::kAtOnce) Die();
}

void HonestNode::CancelCrash() {
  if (!dying_) crash_at_.reset();
}

bool HonestNode::DiesAt(CrashPoint point) {
  if (crash_at_ != point) return false;
  Die();
  return true;
}

void HonestNode::Die() {
  ++counters_[std::string(kCrashPointNames[static_cast<std::size_t>(*crash_at_)])];
  dying_ = true;
  on_crash_();
}

void HonestNode::LoseLog() { disk_.LoseLog(); }

void HonestNode::LoseDisk() {
  disk_.LoseAll();
  height_ = Height(0);
}

void HonestNode::Step(What what) {
  if (!is_up()) return;
  replica::Effects effects = replica_->Step({environment_.now(), std::move(what)});
  probe_.OnStep(environment_.self(), *replica_);
  if (!effects.fatal.empty()) {
    probe_.OnFatal(environment_.self(), effects.fatal);
    return;
  }
  MergeEffects(std::move(effects), &waiting_);
  has_waiting_ = true;
  ArmTimer();
  if (!in_turn_) BeginTurn();
}

void HonestNode::ArmTimer() {
  const std::optional<std::uint64_t> at_us = replica_->timer_us();
  if (!at_us || armed_at_us_ == at_us) return;
  armed_at_us_ = at_us;
  const std::uint64_t now_us = environment_.now().steady_us;
  const std::uint64_t delay_us = *at_us > now_us ? *at_us - now_us : 0;
  environment_.After(delay_us, [this, at_us] {
    if (armed_at_us_ != at_us) return;
    armed_at_us_.reset();
    Step(replica::TimerFired{});
  });
}

void HonestNode::BeginTurn() {
  in_turn_ = true;
  while (has_waiting_ && is_up()) {
    has_waiting_ = false;
    replica::Effects turn = std::exchange(waiting_, {});
    if (!turn.persist.empty() || turn.rewrite_log) return Persist(std::move(turn));
    FinishTurn(std::move(turn));
  }
  in_turn_ = false;
}

void HonestNode::Persist(replica::Effects turn) {
  if (DiesAt(CrashPoint::kBeforePersist)) return;
  environment_.After(Upto(speeds_.sync_us), [this, turn = std::move(turn)]() mutable {
    if (!is_up()) return;
    if (crash_at_ == CrashPoint::kWithinAppend) disk_.CutAfter(1);
    if (crash_at_ == CrashPoint::kBeforeSync) disk_.CutAfter(2);
    if (!disk_.Persist(turn)) return Die();
    if (DiesAt(CrashPoint::kBeforeSend)) return;
    FinishTurn(std::move(turn));
    BeginTurn();
  });
}

void HonestNode::FinishTurn(replica::Effects turn) {
  if (!SendAll(turn)) return;
  if (!turn.execute.empty() && DiesAt(CrashPoint::kBeforeExecution)) return;
  PerformRest(std::move(turn));
}

bool HonestNode::SendAll(const replica::Effects& turn) {
  const std::size_t half = turn.send.size() / 2;
  for (std::size_t i = 0; i < turn.send.size(); ++i) {
    if (i == half && turn.send.size() > 1 && DiesAt(CrashPoint::kWithinSends)) return false;
    std::vector<NodeIndex> to;
    for (const consensus::PeerId peer : turn.send[i].to) {
      const auto node = nodes_.find(peer);
      CHECK(node != nodes_.end());
      to.push_back(node->second);
    }
    environment_.Send(to, turn.send[i].bytes);
  }
  return true;
}

void HonestNode::PerformRest(replica::Effects turn) {
  const NodeIndex self = environment_.self();
  for (const consensus::Evidence& evidence : turn.evidence) probe_.OnEvidence(self, evidence);
  for (const replica::Misbehaviour& one : turn.misbehaviour) {
    ++counters_["node: misbehaviour"];
    probe_.OnMisbehaviour(self, nodes_.at(one.peer), one.what);
  }
  for (const consensus::ExecutionCertificate& one : turn.certified) {
    disk_.store()->Keep(one);
    probe_.OnCertified(self, one);
  }
  counters_["node: left the queue without having run"] += turn.dropped.size();
  for (replica::CheckBody& check : turn.check) {
    environment_.After(Upto(speeds_.check_us),
                       [this, check = std::move(check)] { CheckBody(check); });
  }
  for (replica::Incoming& incoming : turn.incoming) {
    environment_.After(Upto(speeds_.verify_us),
                       [this, incoming = std::move(incoming)] { TakeIncoming(incoming); });
  }
  for (const replica::ServeBlocks& serve : turn.serve) Serve(serve);
  std::move(turn.execute.begin(), turn.execute.end(), std::back_inserter(executions_));
  ExecuteNext();
}

void HonestNode::OnPeerUp(NodeIndex node) {
  if (!is_up()) return;
  const consensus::PeerId peer(next_peer_++);
  peers_[node] = peer;
  nodes_[peer] = node;
  Step(replica::PeerUp{peer, environment_.ValidatorOf(node)});
}

void HonestNode::OnPeerDown(NodeIndex node) {
  const auto peer = peers_.find(node);
  if (!is_up() || peer == peers_.end()) return;
  const consensus::PeerId id = peer->second;
  peers_.erase(peer);
  Step(replica::PeerDown{id});
}

void HonestNode::OnMessage(NodeIndex from, const PacketPtr& packet) {
  if (!is_up()) return;
  if (!packet->message) {
    ++counters_["node: garbage"];
    return;
  }
  const Screening screening = replica_->Screen(*packet->message);
  if (screening == Screening::kDrop) return;
  if (speeds_.verify_us == 0) return Use(from, packet, screening);
  environment_.After(Upto(speeds_.verify_us),
                     [this, from, packet, screening] { Use(from, packet, screening); });
}

void HonestNode::Use(NodeIndex from, const PacketPtr& packet, Screening screening) {
  const auto peer = peers_.find(from);
  if (!is_up() || peer == peers_.end()) return;
  if (!packet->claims_good) {
    ++counters_["node: bad signatures"];
    return;
  }
  if (screening == Screening::kUse) {
    return Step(replica::MessageArrived{peer->second, *packet->message});
  }
  replica::LateSignatures late = LateSignaturesOf(environment_.validators(), *packet->message);
  const bool is_far = late.slot > replica_->simplex().frontier();
  ++counters_[is_far ? "node: signatures noted, too far" : "node: signatures noted, too late"];
  Step(std::move(late));
}

void HonestNode::OnSubmit(const std::string& encoded) { Admit(encoded, std::nullopt); }

void HonestNode::TakeIncoming(const replica::Incoming& incoming) {
  for (const std::string& encoded : incoming.encoded) Admit(encoded, incoming.from);
}

void HonestNode::Admit(const std::string& encoded, std::optional<consensus::PeerId> from) {
  if (!is_up()) return;
  auto decoded = DecodeSignedTransaction(AsBytes(encoded));
  if (!decoded.ok() || !options_.keyring->Verify(*decoded, encoded)) {
    ++counters_["node: bad transactions"];
    return;
  }
  if (!exchange_->CheckTx(*decoded, CheckTime()).ok()) {
    ++counters_["node: transactions not admitted"];
    return;
  }
  Step(replica::Admitted{*std::move(decoded), encoded, from,
                         [this](const absl::StatusOr<std::vector<TxId>>& added) {
                           ++counters_[added.ok() ? "node: transactions admitted"
                                                  : "node: transactions known or in the way"];
                         }});
}

TimeMicros HonestNode::CheckTime() const {
  const TimeMicros head = exchange_->Info().head.time;
  return std::max(environment_.now().wall, TimeMicros(head.value() + 1));
}

void HonestNode::CheckBody(const replica::CheckBody& check) {
  if (!is_up()) return;
  Step(replica::BodyChecked{consensus::IdOf(check.header.header), IsGood(check)});
}

bool HonestNode::IsGood(const replica::CheckBody& check) const {
  const std::vector<std::string>& transactions = *check.transactions;
  for (std::size_t i = 0; i < transactions.size(); ++i) {
    if (i < check.verified.size() && check.verified[i]) continue;
    const auto decoded = DecodeSignedTransaction(AsBytes(transactions[i]));
    if (!decoded.ok() || !options_.keyring->Verify(*decoded, transactions[i])) return false;
  }
  const absl::Status status = exchange_->ProcessProposal(
      BlockOf(check.header.header, transactions), check.parent_height, check.parent_time, true);
  return status.ok();
}

void HonestNode::Serve(const replica::ServeBlocks& serve) {
  const auto node = nodes_.find(serve.to);
  if (node == nodes_.end() || peers_.find(node->second) == peers_.end()) return;
  ++counters_["node: blocks served"];
  environment_.Send({node->second},
                    std::make_shared<const std::string>(disk_.ReadBlocks(serve.from)));
}

void HonestNode::ExecuteNext() {
  if (executing_ || executions_.empty()) return;
  executing_ = true;
  environment_.After(Upto(speeds_.execute_us), [this] {
    const replica::Execute execute = std::move(executions_.front());
    executions_.pop_front();
    Execute(execute);
  });
}

void HonestNode::Execute(const replica::Execute& execute) {
  if (!is_up()) return;
  const consensus::Header& header = execute.header.header;
  auto result = exchange_->FinalizeBlock(BlockOf(header, *execute.transactions));
  if (!result.ok()) {
    return probe_.OnFatal(environment_.self(), std::string(result.status().message()));
  }
  replica::BlockExecuted executed;
  executed.executed = {header.height, result->header.hash, header.time, result->header.results_root,
                       result->header.state_root};
  Step(std::move(executed));
  // Certificates may come, and power may go, while the ledger is written.
  environment_.After(Upto(speeds_.execute_us / 2), [this, execute, result = *std::move(result)] {
    Commit(execute, result);
    executing_ = false;
    if (is_up()) ExecuteNext();
  });
}

void HonestNode::Commit(const replica::Execute& execute, const exchange::BlockResult& result) {
  if (!is_up() || DiesAt(CrashPoint::kBeforeCommit)) return;
  disk_.store()->SetNext(execute.header, execute.certificate);
  CHECK(exchange_->Commit().ok());
  height_ = result.header.height;
  probe_.OnExecuted(environment_.self(), {execute.header, result, *exchange_});
  if (DiesAt(CrashPoint::kAfterCommit)) return;
  replica::BlockCommitted committed;
  for (const ledger::Receipt& receipt : result.receipts) {
    committed.transactions.push_back(receipt.txid);
  }
  Step(std::move(committed));
}

std::uint64_t HonestNode::Upto(std::uint64_t most_us) {
  return most_us == 0 ? 0 : environment_.random().Below(most_us + 1);
}

Counters HonestNode::CollectCounters() const {
  Counters counters = counters_;
  if (replica_ != nullptr) {
    Add(replica_->counters(), &counters);
    Add(replica_->simplex().counters(), &counters);
  }
  return counters;
}

}  // namespace bourse::sim
