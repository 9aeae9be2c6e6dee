// What can be asked of the core: nothing here changes it.

#include <algorithm>

#include "node/consensus/simplex.h"

namespace bourse::consensus {
namespace {

std::uint64_t After(Slot slot) { return slot.value() + 1; }

}  // namespace

Simplex::Screening Simplex::Screen(const SignedVote& vote) const {
  const Slot slot = vote.vote.slot;
  if (IsLate(slot) || IsFar(slot)) {
    return IsSilent(vote.validator, slot) ? Screening::kNote : Screening::kDrop;
  }
  const auto it = slots_.find(slot);
  if (it == slots_.end()) return Screening::kUse;
  const auto statement = it->second.votes.find(vote.vote);
  const bool known =
      statement != it->second.votes.end() && statement->second.contains(vote.validator);
  return known ? Screening::kDrop : Screening::kUse;
}

Simplex::Screening Simplex::Screen(const Certificate& certificate) const {
  const Slot slot = certificate.vote.slot;
  if (IsLate(slot)) {
    const bool any =
        std::any_of(certificate.signatures.begin(), certificate.signatures.end(),
                    [&](const VoteSignature& one) { return IsSilent(one.validator, slot); });
    return any ? Screening::kNote : Screening::kDrop;
  }
  const auto it = slots_.find(slot);
  const bool known = it != slots_.end() && it->second.certificates.contains(certificate.vote);
  return known ? Screening::kDrop : Screening::kUse;
}

Simplex::Screening Simplex::Screen(const Header& header) const {
  const BlockId id = IdOf(header);
  if (IsWanted(id)) return Screening::kUse;
  if (blocks_.contains(id)) return Screening::kDrop;
  if (IsLate(id.slot) || IsFar(id.slot)) {
    return IsSilent(validators_->LeaderOf(id.slot), id.slot) ? Screening::kNote : Screening::kDrop;
  }
  return Screening::kUse;
}

std::optional<std::uint64_t> Simplex::timer_us() const {
  if (!started_) return std::nullopt;
  std::optional<std::uint64_t> next = standstill_from_us_ + options_.standstill_us;
  const auto take = [&](std::uint64_t at) { next = std::min(*next, at); };
  const auto active = slots_.find(frontier_);
  const bool voted_skip = active != slots_.end() && (active->second.skip || active->second.final);
  if (may_vote_ && !voted_skip) take(Deadline());
  if (LeadsFrontier() && (active == slots_.end() || !active->second.proposed)) {
    const std::uint64_t due = ProposalDue();
    if (due > now_.steady_us) take(due);  // else it waits for its parent, not for time
  }
  if (held_until_us_) take(*held_until_us_);
  if (!resends_.empty()) take(resend_due_us_);
  return next;
}

const SignedHeader* Simplex::FindHeader(const BlockId& id) const {
  const auto it = blocks_.find(id);
  return it == blocks_.end() ? nullptr : &it->second.header;
}

bool Simplex::HasBody(const BlockId& id) const {
  const auto it = blocks_.find(id);
  return it != blocks_.end() && it->second.has_body;
}

bool Simplex::HasSkip(Slot slot) const {
  const auto it = slots_.find(slot);
  return it != slots_.end() &&
         it->second.certificates.contains(Vote{VoteKind::kSkip, slot, Hash256{}});
}

const Vote* Simplex::NotarOf(Slot slot) const {
  const auto it = slots_.find(slot);
  if (it == slots_.end()) return nullptr;
  const auto first = it->second.certificates.lower_bound(Vote{VoteKind::kNotar, slot, Hash256{}});
  if (first == it->second.certificates.end()) return nullptr;
  return first->first.kind == VoteKind::kNotar ? &first->first : nullptr;
}

bool Simplex::IsCertified(const BlockId& id) const {
  if (id == final_id_) return true;
  const auto it = slots_.find(id.slot);
  return it != slots_.end() &&
         it->second.certificates.contains(Vote{VoteKind::kNotar, id.slot, id.hash});
}

bool Simplex::IsWanted(const BlockId& id) const {
  if (id.slot.value() < After(delivered_.slot)) return false;
  const std::vector<BlockId> missing = Missing();
  return std::binary_search(missing.begin(), missing.end(), id);
}

void Simplex::AppendMissing(BlockId id, std::set<BlockId>* missing) const {
  while (id != delivered_ && id.slot.value() >= After(delivered_.slot) && id.slot != kGenesisSlot) {
    const auto it = blocks_.find(id);
    if (it == blocks_.end() || (!it->second.has_body && !it->second.bad)) missing->insert(id);
    if (it == blocks_.end()) return;
    id = ParentOf(it->second.header.header);
  }
}

std::vector<BlockId> Simplex::Missing() const {
  std::set<BlockId> missing;
  AppendMissing(final_id_, &missing);
  for (const auto& [slot, state] : slots_) {
    for (const auto& [vote, certificate] : state.certificates) {
      if (vote.kind == VoteKind::kNotar) AppendMissing({slot, vote.hash}, &missing);
    }
  }
  return {missing.begin(), missing.end()};
}

std::vector<Record> Simplex::Durable() const {
  std::vector<Record> records;
  if (final_) records.emplace_back(*final_);
  for (const auto& [slot, state] : slots_) {
    for (const auto& [vote, certificate] : state.certificates) records.emplace_back(certificate);
    for (const SignedVote& vote : state.own) records.emplace_back(vote);
  }
  for (const auto& [id, block] : blocks_) {
    if (block.is_durable && id != delivered_) records.emplace_back(PersistBody{id});
  }
  return records;
}

}  // namespace bourse::consensus
