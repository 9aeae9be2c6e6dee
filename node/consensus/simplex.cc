// Events, and what is kept of them. The rules are in simplex_rules.cc, questions in
// simplex_questions.cc.

#include "node/consensus/simplex.h"

#include <algorithm>
#include <utility>

#include "common/check.h"

namespace bourse::consensus {
namespace {

// The slot after one; the genesis, slot -1, is before slot 0.
std::uint64_t After(Slot slot) { return slot.value() + 1; }

}  // namespace

Simplex::Simplex(const Validators* validators, SimplexOptions options, Sign sign)
    : validators_(validators),
      options_(options),
      sign_(std::move(sign)),
      heard_(validators->size()),
      silent_(validators->size()) {
  CHECK(options_.timeout_growth_permille > 1'000 && options_.timeout_growth_permille <= 1'200);
  options_.standstill_us = std::max(options_.standstill_us, 4 * options_.idle_us);
  options_.timeout_us_max = std::max(options_.timeout_us_max, 8 * options_.standstill_us);
  if (options_.gone_after == 0) {
    options_.gone_after = static_cast<std::uint32_t>(2 * validators->size());
  }
}

Effects Simplex::Step(Event event) {
  now_ = event.now;
  effects_ = {};
  changed_ = true;
  CHECK(started_ || std::holds_alternative<Started>(event.what));
  if (auto* started = std::get_if<Started>(&event.what)) {
    OnStarted(std::move(*started));
  } else if (const auto* work = std::get_if<WorkChanged>(&event.what)) {
    work_since_us_ = work->since_us;
  } else if (const auto* payload = std::get_if<PayloadReady>(&event.what)) {
    OnPayload(*payload);
  } else if (const auto* vote = std::get_if<VoteArrived>(&event.what)) {
    OnVote(vote->vote);
  } else if (auto* certificate = std::get_if<CertificateArrived>(&event.what)) {
    OnCertificate(std::move(certificate->certificate));
  } else if (const auto* header = std::get_if<HeaderArrived>(&event.what)) {
    OnHeader(header->header);
  } else if (const auto* body = std::get_if<BodyChecked>(&event.what)) {
    OnBody(*body);
  } else if (const auto* heard = std::get_if<Heard>(&event.what)) {
    Note(heard->validator, heard->slot);
  } else if (const auto* connected = std::get_if<PeerConnected>(&event.what)) {
    resends_.push_back({connected->peer, 0});
  } else if (const auto* gone = std::get_if<PeerGone>(&event.what)) {
    std::erase_if(resends_, [&](const Resend& resend) { return resend.to == gone->peer; });
  } else if (const auto* fetched = std::get_if<FinalizedFetched>(&event.what)) {
    OnFetched(fetched->header);
  }
  Progress();
  Standstill();
  SendPaced();
  return std::exchange(effects_, {});
}

void Simplex::OnStarted(Started event) {
  CHECK(!started_);
  started_ = true;
  Recovered& recovered = event.recovered;
  may_vote_ = recovered.may_vote && options_.self.has_value();
  delivered_ = recovered.tip;
  delivered_height_ = recovered.tip_height;
  delivered_time_ = recovered.tip_time;
  final_id_ = delivered_;
  floor_ = After(delivered_.slot);
  frontier_ = Slot(floor_);
  standstill_from_us_ = now_.steady_us;

  for (const SignedHeader& header : recovered.bodies) {
    const BlockId id = IdOf(header.header);
    if (id.slot.value() < After(delivered_.slot)) continue;
    blocks_[id] = {header, true, false, true};
    if (options_.self == validators_->LeaderOf(id.slot)) slots_[id.slot].proposed = true;
  }
  for (Certificate& certificate : recovered.certificates) {
    if (certificate.vote == Vote{VoteKind::kFinal, final_id_.slot, final_id_.hash}) {
      final_ = std::move(certificate);
    } else {
      AcceptCertificate(std::move(certificate));
    }
  }
  effects_.persist.clear();  // they come from there
  effects_.send.clear();
  for (const SignedVote& vote : recovered.votes) {
    if (IsLate(vote.vote.slot)) continue;
    SlotState& slot = slots_[vote.vote.slot];
    if (vote.vote.kind == VoteKind::kNotar) slot.notar = vote.vote.hash;
    if (vote.vote.kind == VoteKind::kSkip) slot.skip = true;
    if (vote.vote.kind == VoteKind::kFinal) slot.final = true;
    slot.own.push_back(vote);
    AddVote(vote);
    ++counters_.votes_resent_at_start;  // to whoever connects
  }
  std::erase_if(slots_, [&](const auto& entry) { return IsLate(entry.first); });
  frontier_ = Slot(floor_);
  active_ = {now_.steady_us, DurationOf(frontier_), false, false};
}

void Simplex::OnPayload(const PayloadReady& event) {
  if (!LeadsFrontier() || event.slot != frontier_ || slots_[frontier_].proposed) return;
  active_.payload_wanted = false;
  if (best_parent() != event.parent) return;
  const std::optional<ParentInfo> parent = FindParent(event.parent);
  CHECK(parent.has_value());
  const std::uint64_t idle_end =
      active_.since_us + std::max(options_.idle_us, options_.block_interval_min_us);
  if (event.empty && now_.steady_us < idle_end) {
    work_since_us_.reset();  // what was waiting is gone, or can't be included now
    return;
  }
  SignedHeader proposal;
  proposal.header = {
      .genesis_hash = validators_->genesis_hash(),
      .epoch = validators_->epoch(),
      .protocol_version = options_.protocol_version,
      .slot = frontier_,
      .height = Height(parent->height.value() + 1),
      .time = event.time,
      .parent_slot = event.parent.slot,
      .parent_hash = event.parent.hash,
      .transactions_root = event.transactions_root,
  };
  proposal.signature = sign_(SignedBytes(proposal.header));
  slots_[frontier_].proposed = true;
  ++counters_.proposed;
  if (event.empty) ++counters_.empty_proposed;
  if (frontier_.value() > After(event.parent.slot)) ++counters_.parent_skipped_slots;

  const BlockId id = IdOf(proposal.header);
  Block& block = blocks_[id];
  block = {proposal, true, false, false};
  MarkDurable(id, &block);
  effects_.send.push_back({std::nullopt, Proposal{proposal}});
}

void Simplex::OnVote(const SignedVote& vote) {
  Note(vote.validator, vote.vote.slot);
  if (IsLate(vote.vote.slot)) {
    ++counters_.dropped_late;
  } else if (IsFar(vote.vote.slot)) {
    ++counters_.dropped_far;
  } else {
    AddVote(vote);
  }
}

// Counts a vote, and forms a certificate when there are enough. Keeps of each validator two Notar
// and two Final votes a slot: enough for evidence.
void Simplex::AddVote(const SignedVote& vote) {
  SlotState& slot = slots_[vote.vote.slot];
  int of_this_kind = 0;
  std::vector<SignedVote> excluded;
  for (const auto& [statement, signers] : slot.votes) {
    const auto it = signers.find(vote.validator);
    if (it == signers.end()) continue;
    if (statement == vote.vote) return;
    if (statement.kind == vote.vote.kind) ++of_this_kind;
    if (Exclude(statement, vote.vote)) {
      excluded.push_back({statement, vote.validator, it->second});
    }
  }
  if (of_this_kind >= 2) return;
  for (const SignedVote& other : excluded) {
    effects_.evidence.push_back(MakeEvidence(other, vote));
  }
  std::map<ValidatorIndex, Signature>& signers = slot.votes[vote.vote];
  signers.emplace(vote.validator, vote.signature);
  if (signers.size() < validators_->quorum() || slot.certificates.contains(vote.vote)) return;
  Certificate certificate{vote.vote, {}};
  for (const auto& [validator, signature] : signers) {
    if (certificate.signatures.size() == validators_->quorum()) break;
    certificate.signatures.push_back({validator, signature});
  }
  AcceptCertificate(std::move(certificate));
}

void Simplex::OnCertificate(Certificate certificate) {
  for (const VoteSignature& one : certificate.signatures) {
    Note(one.validator, certificate.vote.slot);
  }
  // Rule 5: one at or below the highest Final is over. Else what was forgotten would count as new.
  if (IsLate(certificate.vote.slot)) {
    ++counters_.dropped_late;
    return;
  }
  ++counters_.final_from_peer;
  AcceptCertificate(std::move(certificate));
}

// Rule 5: what is formed, or first received, goes to all. However far ahead it is: nobody can forge
// one.
void Simplex::AcceptCertificate(Certificate certificate) {
  const Vote vote = certificate.vote;
  if (IsLate(vote.slot)) return;
  CheckFork(vote);
  const auto [it, is_new] = slots_[vote.slot].certificates.emplace(vote, std::move(certificate));
  if (!is_new) return;
  changed_ = true;
  effects_.persist.emplace_back(it->second);
  effects_.send.push_back({std::nullopt, it->second});
  if (HasSkip(vote.slot) && NotarOf(vote.slot) != nullptr && vote.kind != VoteKind::kFinal) {
    ++counters_.both_certificates;
  }
  if (vote.kind == VoteKind::kFinal) AcceptFinal(Certificate(it->second));
}

// What two quorums can only say if a third or more of the validators signed both.
void Simplex::CheckFork(const Vote& vote) {
  const auto it = slots_.find(vote.slot);
  if (it == slots_.end()) return;
  for (const auto& [other, certificate] : it->second.certificates) {
    const bool two_blocks =
        other.kind != VoteKind::kSkip && vote.kind != VoteKind::kSkip && other.hash != vote.hash;
    const bool skipped_final = (other.kind == VoteKind::kSkip && vote.kind == VoteKind::kFinal) ||
                               (other.kind == VoteKind::kFinal && vote.kind == VoteKind::kSkip);
    if (two_blocks || skipped_final) {
      effects_.fork = "two certificates of slot " + std::to_string(vote.slot.value()) +
                      " exclude each other: a third of the validators or more sign both ways";
    }
  }
}

// What is below a Final certificate is over: no vote is cast there any more. Bodies stay until
// they are delivered.
void Simplex::AcceptFinal(const Certificate& certificate) {
  const Slot slot = certificate.vote.slot;
  if (slot > frontier_) ++counters_.frontier_jumps;
  final_ = certificate;
  final_id_ = {slot, certificate.vote.hash};
  floor_ = After(slot);
  slots_.erase(slots_.begin(), slots_.upper_bound(slot));
  standstill_from_us_ = now_.steady_us;
}

void Simplex::OnHeader(const SignedHeader& header) {
  const BlockId id = IdOf(header.header);
  Note(validators_->LeaderOf(id.slot), id.slot);
  if (blocks_.contains(id) || id.slot.value() < After(delivered_.slot)) return;
  const bool wanted = IsWanted(id);
  if (!wanted && IsLate(id.slot)) {
    ++counters_.dropped_late;
  } else if (!wanted && IsFar(id.slot)) {
    ++counters_.dropped_far;
  } else if (MakeRoom(id) || wanted) {
    AddBlock(header);
  }
}

bool Simplex::MakeRoom(const BlockId& id) {
  constexpr int kCandidatesMax = 2;  // a slot; enough for evidence
  int count = 0;
  std::optional<BlockId> loser;
  for (auto it = blocks_.lower_bound({id.slot, {}}); it != blocks_.end(); ++it) {
    if (it->first.slot != id.slot) break;
    ++count;
    if (!IsCertified(it->first) && !it->second.is_durable) loser = it->first;
  }
  if (count < kCandidatesMax) return true;
  if (!IsCertified(id) || !loser) return false;
  blocks_.erase(*loser);
  return true;
}

void Simplex::AddBlock(const SignedHeader& header) {
  const BlockId id = IdOf(header.header);
  const auto it = blocks_.lower_bound({id.slot, {}});
  if (it != blocks_.end() && it->first.slot == id.slot) {
    effects_.evidence.push_back(MakeEvidence(*validators_, it->second.header, header));
  }
  blocks_[id] = {header, false, false, false};
}

void Simplex::OnBody(const BodyChecked& event) {
  const auto it = blocks_.find(event.id);
  if (it == blocks_.end()) return;
  it->second.has_body = event.good;
  it->second.bad = !event.good;
}

// A finalized block whose run was checked as a whole: its certificate, the links, its bytes.
void Simplex::OnFetched(const SignedHeader& header) {
  if (ParentOf(header.header) != delivered_) return;
  if (After(header.header.slot) > After(final_id_.slot)) return;  // no certificate says so
  ++counters_.blocks_fetched;
  DeliverOne(IdOf(header.header), header);
}

void Simplex::DeliverOne(const BlockId& id, const SignedHeader& header) {
  Decided decided{id, header, std::nullopt};
  if (final_ && final_id_ == id) decided.certificate = *final_;
  effects_.deliver.push_back(std::move(decided));
  delivered_ = id;
  delivered_height_ = header.header.height;
  delivered_time_ = header.header.time;
  // The tip's own header stays: the next block is checked against it.
  std::erase_if(blocks_, [&](const auto& entry) {
    return entry.first.slot.value() < After(id.slot) && entry.first != id;
  });
  changed_ = true;
}

// Rule 4: one that signs for a slot higher than any before is there.
void Simplex::Note(ValidatorIndex validator, Slot slot) {
  std::uint64_t& heard = heard_[validator.value()];
  if (After(slot) <= heard) return;
  heard = After(slot);
  silent_[validator.value()] = 0;
}

bool Simplex::IsSilent(ValidatorIndex validator, Slot slot) const {
  // Below half of what makes it gone, its signatures are not worth the time.
  return silent_[validator.value()] > options_.gone_after / 2 &&
         After(slot) > heard_[validator.value()];
}

bool Simplex::IsGone(ValidatorIndex validator) const {
  return validators_->size() >= 4 && options_.self != validator &&
         silent_[validator.value()] >= options_.gone_after;
}

}  // namespace bourse::consensus
