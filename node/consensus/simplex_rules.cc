// The rules of the protocol, each a function or two; their numbers are those of README.md.

#include <algorithm>
#include <utility>

#include "common/check.h"
#include "node/consensus/simplex.h"

namespace bourse::consensus {
namespace {

// Messages of the standstill rule that one step sends, and the pause until the next.
constexpr std::size_t kResendMessages = 128;
constexpr std::uint64_t kResendPauseUs = 5'000;

std::uint64_t After(Slot slot) { return slot.value() + 1; }

}  // namespace

void Simplex::Progress() {
  while (std::exchange(changed_, false)) {
    AdvanceFrontier();
    held_until_us_.reset();
    std::vector<Slot> slots;
    for (const auto& [id, block] : blocks_) {
      if (!IsLate(id.slot) && (slots.empty() || slots.back() != id.slot)) slots.push_back(id.slot);
    }
    for (const Slot slot : slots) TryNotarize(slot);
    for (const Slot slot : slots) TryFinalize(slot);
    Deliver();
    TrySkip();
    Propose();
  }
}

// A slot is cleared once a certificate is held for Notar or Skip of it, or for Final of it or any
// slot above.
bool Simplex::IsCleared(Slot slot) const {
  return IsLate(slot) || HasSkip(slot) || NotarOf(slot) != nullptr;
}

void Simplex::AdvanceFrontier() {
  Slot next(std::max(frontier_.value(), floor_));
  while (IsCleared(next)) next = Slot(After(next));
  if (next == frontier_) return;
  frontier_ = next;
  Activate();
}

void Simplex::Activate() {
  for (std::size_t i = 0; i < silent_.size(); ++i) {
    if (options_.self != ValidatorIndex(static_cast<std::uint16_t>(i))) ++silent_[i];
  }
  active_ = {now_.steady_us, DurationOf(frontier_), IsGone(validators_->LeaderOf(frontier_)),
             false};
  changed_ = true;
}

// Rule 4: D = T0 · α^max(0, s - s* - 2 - f), s* the highest slot known to be finalized.
std::uint64_t Simplex::DurationOf(Slot slot) const {
  const std::uint64_t ahead = slot.value() - floor_ + 1;  // s - s*
  const std::uint64_t free = 2 + validators_->faults();
  std::uint64_t duration = options_.timeout_us;
  for (std::uint64_t i = free; i < ahead && duration < options_.timeout_us_max; ++i) {
    duration = duration * options_.timeout_growth_permille / 1'000;
  }
  return std::min(duration, options_.timeout_us_max);
}

// Rule 4, with the idle rule: without work a leader may wait.
std::uint64_t Simplex::Deadline() const {
  if (active_.is_leader_gone) return active_.since_us;
  std::uint64_t from = active_.since_us + options_.idle_us;
  if (work_since_us_) from = std::min(from, std::max(active_.since_us, *work_since_us_));
  return from + active_.duration_us + options_.block_interval_min_us;
}

// Rule 4: skip when the active slot's time is over, unless we voted Final in it. A vote of this
// very step may have cleared it.
void Simplex::TrySkip() {
  if (!may_vote_ || IsCleared(frontier_) || now_.steady_us < Deadline()) return;
  const SlotState& slot = slots_[frontier_];
  if (slot.skip || slot.final) return;
  if (active_.is_leader_gone) ++counters_.gone_skips;
  Cast(VoteKind::kSkip, frontier_, {});
}

bool Simplex::LeadsFrontier() const {
  return may_vote_ && options_.self == validators_->LeaderOf(frontier_);
}

std::uint64_t Simplex::ProposalDue() const {
  const std::uint64_t interval_end = active_.since_us + options_.block_interval_min_us;
  if (work_since_us_) return interval_end;
  return std::max(interval_end, active_.since_us + options_.idle_us);
}

// Rule 1.
void Simplex::Propose() {
  if (!LeadsFrontier() || IsCleared(frontier_) || active_.payload_wanted ||
      now_.steady_us < ProposalDue())
    return;
  if (slots_[frontier_].proposed) return;
  const std::optional<BlockId> parent = best_parent();
  if (!parent) return;
  active_.payload_wanted = true;
  const std::uint64_t after_parent = FindParent(*parent)->time.value() + 1;
  effects_.want_payload =
      PayloadRequest{frontier_, *parent, std::max(now_.wall, TimeMicros(after_parent))};
}

// Rule 1: all slots below the frontier are cleared, so the first from above that is notarized has
// only skipped ones above it. If none is, the finalized block is the parent.
std::optional<BlockId> Simplex::best_parent() const {
  BlockId parent = final_id_;
  for (std::uint64_t slot = frontier_.value(); slot-- > floor_;) {
    const Vote* notar = NotarOf(Slot(slot));
    if (notar != nullptr) {
      parent = {Slot(slot), notar->hash};
      break;
    }
  }
  if (!IsResolved(parent)) return std::nullopt;
  return parent;
}

// The block and its ancestors above the highest Final are here; of the finalized one its header.
bool Simplex::IsResolved(BlockId id) const {
  while (id != final_id_) {
    const auto it = blocks_.find(id);
    if (it == blocks_.end() || !it->second.has_body) return false;
    id = ParentOf(it->second.header.header);
  }
  return FindParent(id).has_value();
}

std::optional<Simplex::ParentInfo> Simplex::FindParent(const BlockId& id) const {
  if (id == delivered_) return ParentInfo{delivered_height_, delivered_time_};
  const auto it = blocks_.find(id);
  if (it == blocks_.end()) return std::nullopt;
  return ParentInfo{it->second.header.header.height, it->second.header.header.time};
}

bool Simplex::AllSkippedBetween(Slot parent, Slot slot) const {
  for (std::uint64_t between = After(parent); between < slot.value(); ++between) {
    if (!HasSkip(Slot(between))) return false;
  }
  return true;
}

// A Notar or a Final certificate is held for it.
bool Simplex::IsGoodParent(const BlockId& parent) const {
  return After(parent.slot) >= floor_ && IsCertified(parent);
}

// A leader's clock may be ahead of ours, but not by much; where it only follows its parent's, our
// clock is what is wrong, or was.
bool Simplex::IsHeldBack(const Header& header, TimeMicros parent_time) {
  const std::uint64_t time = header.time.value();
  const std::uint64_t latest = now_.wall.value() + options_.clock_skew_us;
  if (time <= latest || time <= parent_time.value() + 1) return false;
  ++counters_.held_back;
  const std::uint64_t release = now_.steady_us + (time - latest);
  if (release > now_.steady_us)
    held_until_us_ = std::min(held_until_us_.value_or(release), release);
  return true;
}

// Rule 2.
void Simplex::TryNotarize(Slot slot) {
  if (!may_vote_ || IsLate(slot) || IsFar(slot)) return;
  if (const auto state = slots_.find(slot); state != slots_.end() && state->second.notar) return;
  for (auto it = blocks_.lower_bound({slot, {}}); it != blocks_.end(); ++it) {
    auto& [id, block] = *it;
    if (id.slot != slot) return;
    const Header& header = block.header.header;
    if (!block.has_body || !IsGoodParent(ParentOf(header))) continue;
    const std::optional<ParentInfo> parent = FindParent(ParentOf(header));
    if (!parent || !AllSkippedBetween(header.parent_slot, slot)) continue;
    if (header.height.value() != parent->height.value() + 1 || header.time <= parent->time)
      continue;
    if (IsHeldBack(header, parent->time)) continue;
    MarkDurable(id, &block);
    if (slot != frontier_) ++counters_.notar_not_active;
    if (slots_[slot].skip) ++counters_.notar_after_skip;
    Cast(VoteKind::kNotar, slot, id.hash);
    return;
  }
}

// Rule 3.
void Simplex::TryFinalize(Slot slot) {
  if (!may_vote_ || IsLate(slot)) return;
  const auto it = slots_.find(slot);
  if (it == slots_.end() || !it->second.notar || it->second.skip || it->second.final) return;
  const Hash256 hash = *it->second.notar;
  if (!it->second.certificates.contains(Vote{VoteKind::kNotar, slot, hash})) return;
  Cast(VoteKind::kFinal, slot, hash);
}

void Simplex::Cast(VoteKind kind, Slot slot, const Hash256& hash) {
  CHECK(may_vote_ && !IsLate(slot));
  SlotState& state = slots_[slot];
  const Vote vote{kind, slot, hash};
  switch (kind) {
    case VoteKind::kNotar:
      CHECK(!state.notar);
      state.notar = hash;
      ++counters_.notar_votes;
      break;
    case VoteKind::kSkip:
      CHECK(!state.skip && !state.final);
      state.skip = true;
      ++counters_.skip_votes;
      break;
    case VoteKind::kFinal:
      CHECK(!state.skip && !state.final && state.notar == hash);
      state.final = true;
      ++counters_.final_votes;
      break;
  }
  const SignedVote own{vote, *options_.self, sign_(SignedBytes(*validators_, vote))};
  state.own.push_back(own);
  effects_.persist.emplace_back(own);
  effects_.send.push_back({std::nullopt, own});
  changed_ = true;
  AddVote(own);
}

void Simplex::MarkDurable(const BlockId& id, Block* block) {
  if (block->is_durable) return;
  block->is_durable = true;
  effects_.persist.emplace_back(PersistBody{id});
}

// The chain that ends at the highest finalized candidate, as far as it is not delivered, once all
// of it is here.
void Simplex::Deliver() {
  std::vector<BlockId> chain;
  BlockId id = final_id_;
  while (id != delivered_) {
    if (After(id.slot) <= After(delivered_.slot)) {
      effects_.fork = "the finalized block of slot " + std::to_string(final_id_.slot.value()) +
                      " does not descend from that of slot " +
                      std::to_string(delivered_.slot.value());
      return;
    }
    const auto it = blocks_.find(id);
    if (it == blocks_.end() || !it->second.has_body) return;
    chain.push_back(id);
    id = ParentOf(it->second.header.header);
  }
  for (auto it = chain.rbegin(); it != chain.rend(); ++it) {
    Block& block = blocks_.at(*it);
    MarkDurable(*it, &block);
    DeliverOne(*it, SignedHeader(block.header));
  }
}

// Rule 7: nothing was finalized for so long, so whatever was lost is sent again.
void Simplex::Standstill() {
  if (now_.steady_us < standstill_from_us_ + options_.standstill_us) return;
  standstill_from_us_ = now_.steady_us;
  ++counters_.standstills;
  std::erase_if(resends_, [](const Resend& resend) { return !resend.to.has_value(); });
  resends_.push_back({std::nullopt, 0});
}

// In ascending order, paced: a full queue must not lose the rest.
void Simplex::SendPaced() {
  if (resends_.empty() || now_.steady_us < resend_due_us_) return;
  resend_due_us_ = now_.steady_us + kResendPauseUs;
  for (Resend& resend : resends_) {
    const std::size_t before = effects_.send.size();
    if (resend.next == 0 && final_) effects_.send.push_back({resend.to, *final_});
    auto it = slots_.lower_bound(Slot(resend.next));
    while (it != slots_.end() && effects_.send.size() - before < kResendMessages) {
      SendSlot(resend, it->first);
      ++it;
    }
    resend.next = it == slots_.end() ? 0 : it->first.value();
  }
  std::erase_if(resends_, [](const Resend& resend) { return resend.next == 0; });
}

void Simplex::SendSlot(const Resend& resend, Slot slot) {
  const SlotState& state = slots_.at(slot);
  for (const auto& [vote, certificate] : state.certificates) {
    effects_.send.push_back({resend.to, certificate});
  }
  if (state.proposed) {
    for (auto it = blocks_.lower_bound({slot, {}}); it != blocks_.end(); ++it) {
      if (it->first.slot != slot) break;
      if (it->second.is_durable) effects_.send.push_back({resend.to, Proposal{it->second.header}});
    }
  }
  for (const SignedVote& vote : state.own) effects_.send.push_back({resend.to, vote});
}

}  // namespace bourse::consensus
