#include "node/peer/hub.h"

#include "absl/strings/str_cat.h"
#include "node/gate/loop.h"
#include "node/peer/meeting.h"

namespace bourse::peer {
namespace {

// Of one key at once: one that is up, one that waits, and two that greet.
constexpr int kAcceptedMax = 4;
// An honest node's back-off is below this.
constexpr gate::Rate kArrivals{.per_second = 1, .burst = 10};

constexpr std::string_view kAnotherIsKept = "another stream with this peer is kept";
constexpr std::string_view kStopped = "this node stops";

std::uint64_t Random() {
  std::random_device device;
  return static_cast<std::uint64_t>(device()) << 32 | device();
}

std::string AddressText(const PeerAddress& address) {
  const bool is_v6 = address.host.find(':') != std::string::npos;
  return is_v6 ? absl::StrCat("[", address.host, "]:", address.port)
               : absl::StrCat(address.host, ":", address.port);
}

}  // namespace

Hub::Peer::Peer(PeerAddress address_in, const Times& times)
    : address(std::move(address_in)),
      backoff(times.redial_us_min, times.redial_us_max),
      refusal(times.refuse_us_min, times.refuse_us_max),
      arrivals(kArrivals) {}

Hub::Hub(const Options& options, Handler* handler)
    : self_(options.node_key.public_key()),
      times_(options.times),
      session_options_{.genesis_hash = options.genesis_hash,
                       .software = options.software,
                       .run = Random(),
                       .limits = options.limits,
                       .times = options.times},
      handler_(handler),
      random_(Random()) {
  const std::int64_t now_us = gate::Loop::NowUs();
  for (const PeerAddress& address : options.peers) {
    if (address.key == self_) continue;
    const auto [it, is_new] = peers_.try_emplace(address.key, address, options.times);
    Peer& peer = it->second;
    if (!is_new && address.port != 0) peer.address = address;
    peer.dial_us = now_us + (Yields(peer) ? times_.yield_us : 0);
  }
}

// --- Coming in.

bool Hub::Admits(const PublicKey& key) const {
  const std::lock_guard lock(mutex_);
  const auto it = peers_.find(key);
  return !stopped_ && it != peers_.end() && !it->second.refusal.IsRefused(gate::Loop::NowUs());
}

absl::StatusOr<Hub::SessionPtr> Hub::Accept(const PublicKey& key, std::string address) {
  if (!Admits(key)) return absl::PermissionDeniedError("not admitted");
  const std::lock_guard lock(mutex_);
  Peer& peer = peers_.at(key);
  if (stopped_) return absl::PermissionDeniedError(std::string(kStopped));
  if (peer.accepted >= kAcceptedMax || !peer.arrivals.Take(1, gate::Loop::NowUs())) {
    return absl::ResourceExhaustedError("too many streams");
  }
  ++peer.accepted;
  return Make(key, /*dialled=*/false, std::move(address));
}

Hub::SessionPtr Hub::Make(const PublicKey& key, bool dialled, std::string address) {
  const PeerId id(++last_id_);
  Session::Identity identity{
      .id = id, .key = key, .dialled = dialled, .address = std::move(address)};
  auto session = std::make_shared<Session>(std::move(identity), &session_options_, this, handler_);
  sessions_.emplace(id.value(), session);
  return session;
}

// --- Dialling.

bool Hub::Yields(const Peer& peer) const { return peer.address.key < self_; }

std::vector<PeerAddress> Hub::DialsDue(std::int64_t now_us) {
  std::vector<PeerAddress> due;
  const std::lock_guard lock(mutex_);
  if (stopped_) return due;
  for (auto& [key, peer] : peers_) {
    if (peer.address.port == 0 || peer.dialling || peer.current != nullptr) continue;
    if (now_us < peer.dial_us || peer.refusal.IsRefused(now_us)) continue;
    peer.dialling = true;
    due.push_back(peer.address);
  }
  return due;
}

Hub::SessionPtr Hub::Dialled(const PublicKey& key) {
  const std::lock_guard lock(mutex_);
  Peer& peer = peers_.at(key);
  const bool is_needed = !stopped_ && peer.current == nullptr;
  if (is_needed) return Make(key, /*dialled=*/true, AddressText(peer.address));
  peer.dialling = false;
  return nullptr;
}

void Hub::DialFailed(const PublicKey& key, const absl::Status& status) {
  const std::lock_guard lock(mutex_);
  Peer& peer = peers_.at(key);
  peer.dialling = false;
  peer.last_error = std::string(status.message());
  DialLater(&peer, gate::Loop::NowUs());
}

void Hub::DialLater(Peer* peer, std::int64_t now_us) {
  peer->dial_us = now_us + peer->backoff.Next(random_()) + (Yields(*peer) ? times_.yield_us : 0);
}

// --- Sessions.

bool Hub::Wins(const Session& newcomer, const Session& old) const {
  if (old.closed()) return true;
  const std::int64_t up_us = old.up_us();
  const StreamFacts old_facts{.dialled = old.identity().dialled,
                              .run = old.peer_run(),
                              .age_us = up_us == 0 ? 0 : gate::Loop::NowUs() - up_us};
  const StreamFacts new_facts{.dialled = newcomer.identity().dialled, .run = newcomer.peer_run()};
  return NewcomerWins(old_facts, new_facts, self_ < newcomer.identity().key, times_.settled_us);
}

void Hub::OnHello(Session& session) {
  std::vector<SessionPtr> losers;
  SessionPtr goes_up;
  {
    const std::lock_guard lock(mutex_);
    Peer& peer = peers_.at(session.identity().key);
    const SessionPtr newcomer = sessions_.at(session.identity().id.value());
    const SessionPtr rival = peer.next != nullptr ? peer.next : peer.current;
    if (rival == nullptr) {
      peer.current = goes_up = newcomer;
    } else if (Wins(*newcomer, *rival)) {
      losers.push_back(rival);
      peer.next = newcomer;
    } else {
      losers.push_back(newcomer);
    }
  }
  for (const SessionPtr& loser : losers) loser->Close(kAnotherIsKept);
  if (goes_up != nullptr) goes_up->GoUp();
}

void Hub::OnOver(Session& session) {
  SessionPtr goes_up;
  {
    const std::lock_guard lock(mutex_);
    Peer& peer = peers_.at(session.identity().key);
    const SessionPtr over = std::move(sessions_.at(session.identity().id.value()));
    sessions_.erase(session.identity().id.value());
    if (peer.next == over) peer.next = nullptr;
    if (peer.current == over) peer.current = goes_up = std::exchange(peer.next, nullptr);
  }
  if (goes_up != nullptr) goes_up->GoUp();
}

// What is left of a session: when to dial again, and whether to let its key in.
void Hub::OnEnd(Session& session) {
  const std::int64_t now_us = gate::Loop::NowUs();
  const std::lock_guard lock(mutex_);
  Peer& peer = peers_.at(session.identity().key);
  const std::int64_t up_us = session.up_us();
  if (session.is_proof()) peer.refusal.Offend(now_us);
  if (const std::string reason = session.reason(); reason != kAnotherIsKept) {
    peer.last_error = reason;
  }
  if (up_us != 0 && now_us - up_us > times_.settled_us) peer.backoff.Reset();
  if (session.identity().dialled) {
    peer.dialling = false;
  } else {
    --peer.accepted;
  }
  if (session.identity().dialled || up_us != 0) DialLater(&peer, now_us);
}

void Hub::Tick(std::int64_t now_us) {
  std::vector<SessionPtr> refused;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [key, peer] : peers_) {
      if (!peer.refusal.IsRefused(now_us)) continue;
      if (peer.current != nullptr) refused.push_back(peer.current);
      if (peer.next != nullptr) refused.push_back(peer.next);
    }
  }
  for (const SessionPtr& session : refused) session->Close("its key is refused for now");
  for (const SessionPtr& session : All()) session->Tick(now_us);
}

void Hub::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  for (const SessionPtr& session : All()) session->Close(kStopped);
}

Hub::SessionPtr Hub::Find(PeerId id) const {
  const std::lock_guard lock(mutex_);
  const auto it = sessions_.find(id.value());
  return it == sessions_.end() ? nullptr : it->second;
}

std::vector<Hub::SessionPtr> Hub::All() const {
  std::vector<SessionPtr> all;
  const std::lock_guard lock(mutex_);
  all.reserve(sessions_.size());
  for (const auto& [id, session] : sessions_) all.push_back(session);
  return all;
}

// --- For those above.

bool Hub::Send(PeerId id, Priority priority, std::shared_ptr<const std::string> bytes,
               bool more_follow) {
  const SessionPtr session = Find(id);
  return session != nullptr && session->Send(priority, std::move(bytes), more_follow);
}

void Hub::Consumed(PeerId id, std::size_t bytes) {
  if (const SessionPtr session = Find(id); session != nullptr) session->Consumed(bytes);
}

void Hub::Disconnect(PeerId id, std::string_view reason, bool is_proof) {
  if (const SessionPtr session = Find(id); session != nullptr) session->Close(reason, is_proof);
}

std::vector<PeerStatus> Hub::List() const {
  std::vector<PeerStatus> list;
  std::vector<SessionPtr> sessions;
  {
    const std::int64_t now_us = gate::Loop::NowUs();
    const std::lock_guard lock(mutex_);
    for (const auto& [key, peer] : peers_) {
      PeerStatus& status = list.emplace_back();
      status.key = key;
      status.host = peer.address.host;
      status.port = peer.address.port;
      status.last_error = peer.last_error;
      if (peer.dialling) status.state = PeerStatus::State::kDialling;
      if (peer.refusal.IsRefused(now_us)) status.state = PeerStatus::State::kRefused;
      sessions.push_back(peer.current);
    }
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (sessions[i] == nullptr || !sessions[i]->Describe(&list[i])) continue;
    list[i].state = PeerStatus::State::kUp;
  }
  return list;
}

}  // namespace bourse::peer
