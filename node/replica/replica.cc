#include "node/replica/replica.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include "node/replica/impl.h"

namespace bourse::replica {

using consensus::Simplex;
using Screening = Simplex::Screening;

namespace {

// As long as what validators send next, what a final block did, mostly takes.
constexpr std::uint64_t kWaitUs = 5'000;

Outgoing MakeOutgoing(std::vector<PeerId> to, const Message& message) {
  return {std::move(to), PriorityOf(message), std::make_shared<const std::string>(Encode(message))};
}

}  // namespace

Replica::Replica(const consensus::Validators* validators, Options options, Simplex::Sign sign)
    : impl_(std::make_unique<Impl>(validators, options, std::move(sign))) {}
Replica::~Replica() = default;

Effects Replica::Step(Event event) { return impl_->Step(std::move(event)); }
std::optional<std::uint64_t> Replica::timer_us() const { return impl_->timer_us(); }
Screening Replica::Screen(const Message& message) const { return impl_->Screen(message); }
const mempool::Mempool& Replica::mempool() const { return impl_->mempool(); }
const Simplex& Replica::simplex() const { return impl_->simplex(); }
const Counters& Replica::counters() const { return impl_->counters(); }
Progress Replica::progress() const { return impl_->progress(); }

Replica::Impl::Impl(const consensus::Validators* validators, Options options, Simplex::Sign sign)
    : validators_(validators),
      options_(options),
      sign_(sign),
      simplex_(validators, options.simplex, std::move(sign)),
      mempool_(options.mempool),
      random_(options.seed),
      branch_(&mempool_),
      catch_up_(&peers_, &random_),
      executions_(validators),
      gossip_(&peers_) {}

Effects Replica::Impl::Step(Event event) {
  now_ = event.now;
  effects_ = {};
  core_stepped_ = false;
  final_persisted_ = false;
  std::visit([this](auto& what) { On(std::move(what)); }, event.what);
  Settle();
  return std::exchange(effects_, {});
}

void Replica::Impl::Settle() {
  CheckBodies();
  UpdateWork();
  if (core_stepped_) {
    DropBodies();
    UpdateFetches();
  }
  SendFetches();
  UpdateCatchUp();
  FetchCertificates();
  Remind();
  for (Gossip::Batch& batch : gossip_.Take(now_.steady_us)) {
    Send(std::move(batch.to), std::move(batch.transactions));
  }
  SendWaiting();
  MaybeRewriteLog();
}

std::optional<std::uint64_t> Replica::Impl::timer_us() const {
  if (!started_) return std::nullopt;
  std::optional<std::uint64_t> next = remind_at_us_;
  const auto take = [&next](std::optional<std::uint64_t> at) {
    if (at) next = std::min(*next, *at);
  };
  take(simplex_.timer_us());
  take(gossip_.timer_us());
  if (!waiting_.empty()) take(waiting_due_us_);
  if (!HasBacklog()) take(catch_up_.timer_us());
  if (!peers_.empty()) {
    take(certificates_.at_us);
    for (const auto& [id, fetch] : fetches_) take(fetch.due_us);
  }
  return next;
}

void Replica::Impl::On(const TimerFired& /*event*/) { StepCore(consensus::TimerFired{}); }

void Replica::Impl::On(const PeerUp& event) {
  peers_.Connect(event.peer, event.validator);
  StepCore(consensus::PeerConnected{event.peer});
  Send({event.peer}, Status{committed_});
  constexpr std::size_t kExecutedOfOurs = 16;
  for (const consensus::SignedExecuted& own : executions_.Unconfirmed(kExecutedOfOurs)) {
    Send({event.peer}, own);
  }
  if (executions_.highest()) Send({event.peer}, *executions_.highest());
  SendOwnTransactions({event.peer}, now_.steady_us);
}

void Replica::Impl::On(const PeerDown& event) {
  peers_.Disconnect(event.peer);
  catch_up_.Gone(event.peer);
  for (auto& [id, fetch] : fetches_) {
    if (fetch.last == event.peer) fetch.due_us = now_.steady_us;
  }
  StepCore(consensus::PeerGone{event.peer});
}

void Replica::Impl::On(const LateSignatures& event) {
  for (const consensus::ValidatorIndex validator : event.validators) {
    StepCore(consensus::Heard{validator, event.slot});
  }
}

void Replica::Impl::On(MessageArrived event) {
  if (!peers_.Has(event.from)) return;  // it left meanwhile
  std::visit([&](auto& message) { Receive(event.from, std::move(message)); }, event.message);
}

void Replica::Impl::Receive(PeerId /*from*/, consensus::SignedVote message) {
  StepCore(consensus::VoteArrived{message});
}

void Replica::Impl::Receive(PeerId from, consensus::Certificate message) {
  StepCore(consensus::CertificateArrived{std::move(message), from});
}

void Replica::Impl::Receive(PeerId from, const Status& message) {
  NoteHeight(from, message.height);
}

void Replica::Impl::Send(std::vector<PeerId> to, const Message& message) {
  if (!to.empty()) effects_.send.push_back(MakeOutgoing(std::move(to), message));
}

void Replica::Impl::SendSoon(std::vector<PeerId> to, const Message& message) {
  if (waiting_.empty()) waiting_due_us_ = now_.steady_us + kWaitUs;
  waiting_.push_back(MakeOutgoing(std::move(to), message));
}

void Replica::Impl::SendWaiting() {
  if (effects_.send.empty() && now_.steady_us < waiting_due_us_) return;
  std::move(waiting_.begin(), waiting_.end(), std::back_inserter(effects_.send));
  waiting_.clear();
}

void Replica::Impl::Blame(PeerId peer, std::string what) {
  effects_.misbehaviour.push_back({peer, std::move(what)});
}

void Replica::Impl::NoteHeight(PeerId peer, Height height) {
  const std::optional<consensus::ValidatorIndex> validator = peers_.ValidatorOf(peer);
  if (!validator) return;
  Height& known = heights_[*validator];
  known = std::max(known, height);
}

// One of f + 1 validators is honest, so the lowest of their heights was reached.
Height Replica::Impl::ClaimedHeight() const {
  std::vector<Height> heights;
  for (const auto& [validator, height] : heights_) heights.push_back(height);
  if (heights.size() <= validators_->faults()) return Height(0);
  std::sort(heights.begin(), heights.end(), std::greater<>());
  return heights[validators_->faults()];
}

Screening Replica::Impl::Screen(const Message& message) const {
  const auto use_if = [](bool use) { return use ? Screening::kUse : Screening::kDrop; };
  if (const auto* vote = std::get_if<consensus::SignedVote>(&message)) {
    return simplex_.Screen(*vote);
  }
  if (const auto* certificate = std::get_if<consensus::Certificate>(&message)) {
    return simplex_.Screen(*certificate);
  }
  if (const auto* candidate = std::get_if<CompactCandidate>(&message)) {
    const Bodies::Body* body = bodies_.Find(IdOf(candidate->header.header));
    if (body != nullptr) return use_if(body->state == Bodies::State::kHeader);
    return simplex_.Screen(candidate->header.header);
  }
  if (const auto* executed = std::get_if<consensus::SignedExecuted>(&message)) {
    return use_if(executions_.Wants(executed->executed.height));
  }
  if (const auto* certificate = std::get_if<consensus::ExecutionCertificate>(&message)) {
    return use_if(executions_.Wants(certificate->executed.height));
  }
  if (const auto* candidates = std::get_if<Candidates>(&message)) {
    return use_if(fetches_.contains(IdOf(candidates->candidates.front().header.header)));
  }
  if (std::holds_alternative<Blocks>(message)) {
    return use_if(catch_up_.wanted() || !fetches_.empty() || certificates_.at_us.has_value());
  }
  return Screening::kUse;
}

Progress Replica::Impl::progress() const {
  Progress out;
  out.height = committed_;
  out.decided = simplex_.delivered_height();
  out.certified = executions_.certified();
  out.network = std::max({out.decided, executions_.known(), ClaimedHeight()});
  out.voting = simplex_.voting();
  constexpr std::uint64_t kFarBelow = 2;
  out.catching_up = out.network.value() > out.decided.value() + kFarBelow;
  return out;
}

}  // namespace bourse::replica
