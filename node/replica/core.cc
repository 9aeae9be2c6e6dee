// The consensus core is stepped, and its effects become the replica's.

#include "common/check.h"
#include "node/replica/impl.h"

namespace bourse::replica {
namespace {

// A block whose transactions take no more bytes travels whole, so that tiny ones never need a
// round trip.
constexpr std::size_t kWholeBytes = 4'096;
// Transactions that peers can't have yet, or may not, travel whole as long as they take no more.
constexpr std::size_t kFreshBytes = 65'536;
// So long after they were admitted here, transactions have reached others.
constexpr std::uint64_t kGossipedUs = 20'000;

}  // namespace

void Replica::Impl::StepCore(CoreEvent what) {
  core_stepped_ = true;
  consensus::Effects effects = simplex_.Step({now_, std::move(what)});
  for (const consensus::Message& message : effects.send) {
    if (const auto* proposal = std::get_if<consensus::Proposal>(&message.what)) {
      AdoptProposal(proposal->header);
    }
  }
  Persist(effects.persist);
  for (const consensus::Message& message : effects.send) Forward(message);
  for (consensus::Evidence& one : effects.evidence) effects_.evidence.push_back(std::move(one));
  if (!effects.fork.empty()) effects_.fatal = std::move(effects.fork);
  for (consensus::Decided& decided : effects.deliver) Deliver(std::move(decided));
  if (effects.want_payload) AnswerPayload(*effects.want_payload);
}

void Replica::Impl::Persist(const std::vector<consensus::Record>& records) {
  for (const consensus::Record& record : records) {
    effects_.persist.push_back(EncodeRecord(record));
    log_bytes_ += effects_.persist.back().size();
    const auto* certificate = std::get_if<consensus::Certificate>(&record);
    if (certificate != nullptr && certificate->vote.kind == consensus::VoteKind::kFinal) {
      final_persisted_ = true;
    }
  }
}

// The core signed a header over the payload that it was given last.
void Replica::Impl::AdoptProposal(const consensus::SignedHeader& header) {
  if (bodies_.HasWhole(IdOf(header.header))) return;
  CHECK(chosen_ && chosen_->root == header.header.transactions_root);
  bodies_.AddGood(header, chosen_->transactions, /*is_fetched=*/false);
}

void Replica::Impl::Forward(const consensus::Message& message) {
  std::vector<PeerId> to = message.to ? std::vector<PeerId>{*message.to} : peers_.All();
  if (to.empty()) return;
  if (const auto* vote = std::get_if<consensus::SignedVote>(&message.what)) {
    Send(std::move(to), *vote);
  } else if (const auto* certificate = std::get_if<consensus::Certificate>(&message.what)) {
    // All who hear the votes form it by themselves, and a Final certificate would mostly have a
    // frame of its own.
    message.to ? Send(std::move(to), *certificate) : SendSoon(std::move(to), *certificate);
  } else {
    Send(std::move(to), Compact(std::get<consensus::Proposal>(message.what).header));
  }
}

CompactCandidate Replica::Impl::Compact(const consensus::SignedHeader& header) const {
  const Bodies::Body* body = bodies_.Find(IdOf(header.header));
  CHECK(body != nullptr && body->is_whole());
  const bool is_small = body->bytes <= kWholeBytes;
  CompactCandidate out{header, {}};
  out.transactions.reserve(body->keys.size());
  std::size_t fresh_bytes = 0;
  for (std::size_t i = 0; i < body->keys.size(); ++i) {
    const std::string& encoded = (*body->transactions)[i];
    CompactTransaction& one = out.transactions.emplace_back();
    const mempool::Mempool::Entry* entry = mempool_.FindKey(body->keys[i]);
    const bool is_fresh = entry == nullptr || now_.steady_us < entry->admitted_us + kGossipedUs;
    if (is_small || (is_fresh && fresh_bytes + encoded.size() <= kFreshBytes)) {
      one.bytes = encoded;
      fresh_bytes += encoded.size();
    } else {
      one.key = body->keys[i];
    }
  }
  return out;
}

void Replica::Impl::Deliver(consensus::Decided decided) {
  const Bodies::Body* body = bodies_.Find(decided.id);
  CHECK(body != nullptr && body->is_whole());
  executing_.push_back(decided.id);
  delivered_.insert(decided.id);
  bodies_changed_ = true;
  effects_.execute.push_back({decided.header, std::move(decided.certificate), body->transactions});
}

}  // namespace bourse::replica
