// Requests for candidates that are wanted and not here: sent to one peer after another, with
// growing pauses, for as long as they are wanted.

#include <algorithm>

#include "node/replica/impl.h"

namespace bourse::replica {
namespace {

constexpr std::uint64_t kPlacesDelayUs = 50'000;  // a few transactions
constexpr std::uint64_t kWholeDelayUs = 200'000;  // a candidate, or a run of them
constexpr std::uint64_t kDelayMaxUs = 2'000'000;
// Asked by place so often; then whole, as the list may be wrong.
constexpr std::uint32_t kPlacesAttempts = 2;
// A certificate often overtakes the candidate that it is for.
constexpr std::uint64_t kGraceUs = 20'000;
constexpr std::size_t kInFlightMax = 16;
// With more wanted than this, the highest is asked for alone first, as its run brings others.
constexpr std::size_t kFewFetches = 4;
// So far below a Final certificate, ancestors are fetched as finalized blocks, from the lowest on;
// but not while that is fruitless for so long.
constexpr std::uint64_t kDeepSlots = 64;
constexpr std::uint64_t kFruitlessUs = 5'000'000;
constexpr std::uint64_t kCatchUpDelayUs = 500'000;  // when it is not so far
// Blocks that wait to be executed; no more are fetched meanwhile.
constexpr std::size_t kBacklogMax = 512;

}  // namespace

bool Replica::Impl::IsDeep() const {
  return RankOf(simplex_.final_id().slot) > RankOf(simplex_.delivered().slot) + kDeepSlots;
}

void Replica::Impl::UpdateFetches() {
  std::set<BlockId> wanted = bodies_.incomplete();
  const bool leave_to_catch_up = IsDeep() && catch_up_.FruitlessUs(now_.steady_us) < kFruitlessUs;
  for (const BlockId& id : simplex_.Missing()) {
    if (bodies_.HasWhole(id)) continue;
    if (leave_to_catch_up && id.slot <= simplex_.final_id().slot) continue;
    wanted.insert(id);
  }
  // What is below a certificate whose own block is not here yet is out of sight, and will be wanted
  // again: its pauses go on growing.
  std::erase_if(fetches_, [&](const auto& entry) {
    const auto& [id, fetch] = entry;
    const bool is_here =
        bodies_.HasWhole(id) || RankOf(id.slot) <= RankOf(simplex_.delivered().slot);
    return !wanted.contains(id) && (is_here || fetch.due_us <= now_.steady_us);
  });
  for (const BlockId& id : wanted) {
    const auto [it, is_new] = fetches_.try_emplace(id);
    if (is_new) it->second.due_us = now_.steady_us + kGraceUs;
  }
}

void Replica::Impl::SendFetches() {
  if (peers_.empty()) return;
  std::size_t in_flight = 0;
  bool run_is_coming = false;
  for (auto it = fetches_.rbegin(); it != fetches_.rend(); ++it) {
    auto& [id, fetch] = *it;
    if (fetch.due_us > now_.steady_us) {
      if (fetch.attempts > 0) ++in_flight;
      run_is_coming = run_is_coming || fetch.attempts == 1;
      continue;
    }
    const bool may_come = run_is_coming && fetch.attempts == 0 && fetches_.size() > kFewFetches;
    if (may_come || in_flight >= kInFlightMax) {
      fetch.due_us = now_.steady_us + kPlacesDelayUs;
      continue;
    }
    SendFetch(id, &fetch);
    ++in_flight;
    run_is_coming = true;
  }
}

void Replica::Impl::SendFetch(const BlockId& id, Fetch* fetch) {
  const Bodies::Body* body = bodies_.Find(id);
  const bool by_place = body != nullptr && body->state == Bodies::State::kPartial &&
                        fetch->attempts < kPlacesAttempts;
  // Who named the transactions has them, and is asked first.
  const bool is_first = fetch->attempts == 0 && fetch->last && peers_.Has(*fetch->last);
  const std::optional<PeerId> peer = is_first ? fetch->last : peers_.Pick(&random_, fetch->last);
  const std::uint64_t least_us = by_place ? kPlacesDelayUs : kWholeDelayUs;
  fetch->delay_us = std::clamp(2 * fetch->delay_us, least_us, kDelayMaxUs);
  fetch->due_us = now_.steady_us + random_.Around(fetch->delay_us);
  if (!peer) return;
  ++fetch->attempts;
  fetch->last = peer;
  peers_.Asked(*peer);
  FetchCandidate request{id, RunFloor(id), {}};
  if (by_place) request.places = body->MissingPlaces();
  Send({*peer}, std::move(request));
}

// Ancestors are of use down to one that is here; below the finalized block they come otherwise.
consensus::Slot Replica::Impl::RunFloor(const BlockId& id) const {
  consensus::Slot floor = simplex_.delivered().slot;
  const consensus::Slot final_slot = simplex_.final_id().slot;
  if (RankOf(id.slot) > RankOf(final_slot) && RankOf(final_slot) > RankOf(floor)) {
    floor = final_slot;
  }
  for (auto it = bodies_.all().lower_bound(id); it != bodies_.all().begin();) {
    const auto& [below, body] = *--it;
    if (below.slot == id.slot || !body.is_whole()) continue;
    return RankOf(below.slot) > RankOf(floor) ? below.slot : floor;
  }
  return floor;
}

// --- Finalized blocks

bool Replica::Impl::HasBacklog() const { return executing_.size() >= kBacklogMax; }

void Replica::Impl::UpdateCatchUp() {
  const bool missing = RankOf(simplex_.final_id().slot) > RankOf(simplex_.delivered().slot);
  catch_up_.Want(missing, now_.steady_us + (IsDeep() ? 0 : kCatchUpDelayUs));
  if (HasBacklog()) return;
  const Height next(simplex_.delivered_height().value() + 1);
  while (const std::optional<PeerId> peer = catch_up_.Next(next, now_.steady_us)) {
    Send({*peer}, FetchBlocks{next});
  }
}

}  // namespace bourse::replica
