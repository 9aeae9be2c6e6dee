#include "node/replica/peers.h"

#include <algorithm>

namespace bourse::replica {
namespace {

constexpr std::uint64_t kSecond = 1'000'000;
constexpr std::uint64_t kAloneUs = kSecond / 2;
constexpr std::uint32_t kDoublingsMax = 7;  // to 64 s

}  // namespace

void Peers::Connect(PeerId peer, std::optional<consensus::ValidatorIndex> validator) {
  Peer state;
  state.validator = validator;
  peers_.insert_or_assign(peer, state);
}

std::optional<consensus::ValidatorIndex> Peers::ValidatorOf(PeerId peer) const {
  const auto it = peers_.find(peer);
  if (it == peers_.end()) return std::nullopt;
  return it->second.validator;
}

std::vector<PeerId> Peers::All() const {
  std::vector<PeerId> out;
  out.reserve(peers_.size());
  for (const auto& [id, peer] : peers_) out.push_back(id);
  return out;
}

std::vector<PeerId> Peers::FullNodes() const {
  std::vector<PeerId> out;
  for (const auto& [id, peer] : peers_) {
    if (!peer.validator) out.push_back(id);
  }
  return out;
}

std::optional<PeerId> Peers::PickOf(std::vector<Entry> peers, Random* random,
                                    std::optional<PeerId> last) {
  constexpr std::uint64_t kAnybody = 8;  // once in so many picks
  if (peers.empty()) return std::nullopt;
  if (peers.size() > 1) std::erase_if(peers, [&](const Entry& one) { return one.first == last; });
  if (random->Below(kAnybody) != 0) {
    std::uint32_t least = peers.front().second;
    for (const Entry& one : peers) least = std::min(least, one.second);
    std::erase_if(peers, [&](const Entry& one) { return one.second > least; });
  }
  return peers[random->Below(peers.size())].first;
}

std::optional<PeerId> Peers::Pick(Random* random, std::optional<PeerId> last) const {
  std::vector<Entry> all;
  for (const auto& [id, peer] : peers_) all.emplace_back(id, peer.unanswered);
  return PickOf(std::move(all), random, last);
}

std::optional<PeerId> Peers::PickUseful(Random* random, std::uint64_t now_us,
                                        std::optional<PeerId> last) const {
  std::vector<Entry> useful;
  for (const auto& [id, peer] : peers_) {
    if (peer.useful_at_us <= now_us) useful.emplace_back(id, peer.unanswered);
  }
  return PickOf(std::move(useful), random, last);
}

std::optional<std::uint64_t> Peers::UsefulAt() const {
  std::optional<std::uint64_t> at;
  for (const auto& [id, peer] : peers_) {
    if (!at || peer.useful_at_us < *at) at = peer.useful_at_us;
  }
  return at;
}

void Peers::Asked(PeerId peer) {
  const auto it = peers_.find(peer);
  if (it != peers_.end()) ++it->second.unanswered;
}

void Peers::Answered(PeerId peer) {
  const auto it = peers_.find(peer);
  if (it != peers_.end()) it->second.unanswered = 0;
}

std::uint32_t Peers::FailuresOf(PeerId peer) const {
  const auto it = peers_.find(peer);
  return it == peers_.end() ? 0 : it->second.failures;
}

void Peers::Failed(PeerId peer, std::uint64_t now_us) {
  const auto it = peers_.find(peer);
  if (it == peers_.end()) return;
  Peer& state = it->second;
  state.useful_at_us = now_us + (kAloneUs << state.failures);
  state.failures = std::min(state.failures + 1, kDoublingsMax);
}

void Peers::Succeeded(PeerId peer) {
  const auto it = peers_.find(peer);
  if (it == peers_.end()) return;
  it->second.useful_at_us = 0;
  it->second.failures = 0;
  it->second.unanswered = 0;
}

bool Peers::CanSpend(PeerId peer, std::size_t bytes, std::uint64_t now_us) {
  const auto it = peers_.find(peer);
  if (it == peers_.end()) return false;
  Peer& state = it->second;
  // Bytes a microsecond times microseconds; a second fills the share, however much was spent.
  const std::uint64_t passed_us = std::min(now_us - state.share_at_us, kSecond);
  state.share_bytes = std::min(kShareBytes, state.share_bytes + passed_us * kShareBytes / kSecond);
  state.share_at_us = now_us;
  return state.share_bytes >= bytes;
}

bool Peers::Spend(PeerId peer, std::size_t bytes, std::uint64_t now_us) {
  if (!CanSpend(peer, bytes, now_us)) return false;
  peers_.at(peer).share_bytes -= bytes;
  return true;
}

}  // namespace bourse::replica
