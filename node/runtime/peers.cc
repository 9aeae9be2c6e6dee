#include "node/runtime/peers.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "node/runtime/log.h"
#include "node/runtime/verification.h"

namespace bourse::runtime {
namespace {

// Tasks of one peer that wait for a worker; votes, certificates and candidates are not counted.
constexpr std::size_t kMaxTasksPerPeer = 256;
constexpr std::size_t kTransactionsPerTask = 64;

// Other than any client's, who are numbered from 0 (api::SubmitOptions::source).
std::uint64_t SourceOf(consensus::PeerId peer) { return peer.value() | (std::uint64_t{1} << 63); }

bool IsSigned(const replica::Message& message) {
  return std::holds_alternative<consensus::SignedVote>(message) ||
         std::holds_alternative<consensus::Certificate>(message) ||
         std::holds_alternative<replica::CompactCandidate>(message) ||
         std::holds_alternative<consensus::SignedExecuted>(message) ||
         std::holds_alternative<consensus::ExecutionCertificate>(message) ||
         std::holds_alternative<replica::Candidates>(message) ||
         std::holds_alternative<replica::Blocks>(message);
}

// Who signed a message that comes too late to be used.
replica::LateSignatures SignersOf(const consensus::Validators& validators,
                                  const replica::Message& message) {
  replica::LateSignatures out;
  if (const auto* vote = std::get_if<consensus::SignedVote>(&message)) {
    out.slot = vote->vote.slot;
    out.validators.push_back(vote->validator);
  } else if (const auto* certificate = std::get_if<consensus::Certificate>(&message)) {
    out.slot = certificate->vote.slot;
    for (const auto& signature : certificate->signatures) {
      out.validators.push_back(signature.validator);
    }
  } else if (const auto* candidate = std::get_if<replica::CompactCandidate>(&message)) {
    out.slot = candidate->header.header.slot;
    out.validators.push_back(validators.LeaderOf(out.slot));
  }
  return out;
}

}  // namespace

void Peers::OnUp(PeerId peer, const PublicKey& key) {
  {
    const std::lock_guard lock(mutex_);
    known_[peer].key = key;
  }
  Log(LogLevel::kInfo, "a peer is there",
      {{"peer", peer.value()}, {"key", ToHex(Bytes(key.bytes))}});
  (void)loop_->Post([this, peer, validator = validators_->Find(key)] {
    loop_->Step(replica::PeerUp{peer, validator});
  });
}

void Peers::OnDown(PeerId peer, const std::string& reason) {
  {
    const std::lock_guard lock(mutex_);
    known_.erase(peer);
  }
  Log(LogLevel::kInfo, "a peer is gone", {{"peer", peer.value()}, {"why", reason}});
  (void)loop_->Post([this, peer] {
    noting_.erase(peer);
    loop_->Step(replica::PeerDown{peer});
  });
}

void Peers::OnMessage(PeerId peer, const std::string& bytes) {
  auto arrived = std::make_shared<Arrived>();
  arrived->unread = std::make_shared<const Unread>(network_, peer, bytes.size());
  if (!replica::Decode(*validators_, bytes, &arrived->message)) {
    return network_->Disconnect(peer, "it sent what is no message", /*is_proof=*/true);
  }
  (void)loop_->Post([this, arrived = std::move(arrived)] { Screen(arrived); });
}

void Peers::Screen(const ArrivedPtr& arrived) {
  if (loop_->failed()) return;
  switch (loop_->replica().Screen(arrived->message)) {
    case consensus::Simplex::Screening::kDrop:
      return;
    case consensus::Simplex::Screening::kNote:
      // All that it can tell is that its signers live: one at a time is enough, or who sends many
      // keeps the workers busy.
      if (noting_.insert(arrived->unread->peer()).second) Verify(arrived, /*late=*/true);
      return;
    case consensus::Simplex::Screening::kUse:
      return IsSigned(arrived->message) ? Verify(arrived, /*late=*/false) : Step(arrived);
  }
}

void Peers::Verify(const ArrivedPtr& arrived, bool late) {
  auto task = [this, arrived, late] {
    if (!VerifyClaims(replica::ClaimsOf(*validators_, arrived->message), &claims_seen_)) {
      return network_->Disconnect(arrived->unread->peer(), "a signature of its message is wrong",
                                  /*is_proof=*/true);
    }
    (void)loop_->Post([this, arrived, late] { late ? Note(arrived) : Step(arrived); });
  };
  if (replica::PriorityOf(arrived->message) == replica::Priority::kConsensus) {
    (void)workers_->PostUrgent(std::move(task), SourceOf(arrived->unread->peer()));
  } else {
    (void)workers_->Post(std::move(task), SourceOf(arrived->unread->peer()), kMaxTasksPerPeer);
  }
}

void Peers::Note(const ArrivedPtr& arrived) {
  noting_.erase(arrived->unread->peer());
  loop_->Step(SignersOf(*validators_, arrived->message));
}

void Peers::Step(const ArrivedPtr& arrived) {
  const PeerId peer = arrived->unread->peer();
  if (const auto* status = std::get_if<replica::Status>(&arrived->message)) {
    NoteHeight(peer, status->height);
  }
  loop_->Step(replica::MessageArrived{peer, std::move(arrived->message)});
  std::vector<replica::Incoming> incoming = std::exchange(loop_->pending().incoming, {});
  if (!incoming.empty()) VerifyIncoming(std::move(incoming), arrived->unread);
}

void Peers::VerifyIncoming(std::vector<replica::Incoming> all,
                           const std::shared_ptr<const Unread>& unread) {
  for (replica::Incoming& incoming : all) {
    std::vector<std::string>& encoded = incoming.encoded;
    for (std::size_t first = 0; first < encoded.size(); first += kTransactionsPerTask) {
      const std::size_t count = std::min(kTransactionsPerTask, encoded.size() - first);
      const auto begin = encoded.begin() + static_cast<std::ptrdiff_t>(first);
      std::vector<std::string> part(
          std::make_move_iterator(begin),
          std::make_move_iterator(begin + static_cast<std::ptrdiff_t>(count)));
      auto task = [this, from = incoming.from, part = std::move(part), unread]() mutable {
        CheckIncoming(from, std::move(part), unread);
      };
      (void)workers_->Post(std::move(task), SourceOf(incoming.from), kMaxTasksPerPeer);
    }
  }
}

void Peers::CheckIncoming(PeerId from, std::vector<std::string> encoded,
                          const std::shared_ptr<const Unread>& unread) {
  std::vector<Admission> admissions;
  admissions.reserve(encoded.size());
  for (std::string& one : encoded) {
    absl::StatusOr<SignedTransaction> verified =
        DecodeAndVerify(one, validators_->genesis_hash(), seen_);
    if (!verified.ok()) {
      network_->Disconnect(from, "it sent a transaction that is malformed, or wrongly signed",
                           /*is_proof=*/true);
      break;
    }
    admissions.push_back({*std::move(verified), std::move(one), nullptr, unread, from});
  }
  if (!admissions.empty()) executor_->Check(std::move(admissions));
}

void Peers::Admit(CheckedAdmission checked) {
  if (!checked.status.ok()) return;
  Admission& admission = checked.admission;
  loop_->Step(replica::Admitted{std::move(admission.transaction), std::move(admission.encoded),
                                admission.from, [](const auto&) {}});
}

void Peers::NoteHeight(PeerId peer, Height height) {
  const std::lock_guard lock(mutex_);
  const auto it = known_.find(peer);
  if (it != known_.end()) it->second.height = height;
}

std::vector<api::PeerState> Peers::List() const {
  std::vector<api::PeerState> out = network_->List();
  const std::lock_guard lock(mutex_);
  for (api::PeerState& state : out) {
    for (const auto& [peer, known] : known_) {
      if (state.connected && known.key == state.key) state.height = known.height;
    }
  }
  return out;
}

}  // namespace bourse::runtime
