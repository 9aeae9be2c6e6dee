// How Byzantine validators vote.

#include <map>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "tests/sim/byzantine/behaviour.h"

namespace bourse::sim::byzantine {
namespace {

using consensus::Slot;
using consensus::Vote;
using consensus::VoteKind;

// The header that a message brings, of a candidate for its slot.
const consensus::Header* HeaderOf(const replica::Message& message) {
  if (const auto* compact = std::get_if<replica::CompactCandidate>(&message)) {
    return &compact->header.header;
  }
  return nullptr;
}

class Voter final : public Behaviour {
 public:
  Voter(Hands* hands, std::uint64_t slow_us)
      : Behaviour(hands), slow_us_(slow_us), patience_(hands->random().Between(3, 12)) {}

  [[nodiscard]] std::string_view name() const override { return slow_us_ > 0 ? "slow" : "votes"; }

  void OnMessage(NodeIndex /*from*/, const replica::Message& message) override {
    const consensus::Header* header = HeaderOf(message);
    if (header != nullptr && header->slot >= hands_.view().frontier()) {
      if (notar_.try_emplace(header->slot, HashOf(*header)).second) {
        Cast({VoteKind::kNotar, header->slot, HashOf(*header)});
      }
    }
    Finalize();
    // With others who skip it goes along, so that it does not decide alone how long a slot takes.
    const auto* vote = std::get_if<consensus::SignedVote>(&message);
    if (vote != nullptr && vote->vote == Vote{VoteKind::kSkip, hands_.view().frontier(), {}})
      Skip();
  }

  void OnSlot(Slot /*frontier*/) override { waited_ = 0; }

  void OnTick() override {
    if (++waited_ == patience_) Skip();
    notar_.erase(notar_.begin(), notar_.lower_bound(hands_.view().final_id().slot));
  }

 private:
  void Skip() {
    const Slot frontier = hands_.view().frontier();
    if (final_.contains(frontier) || !skip_.insert(frontier).second) return;
    Cast({VoteKind::kSkip, frontier, {}});
  }

  void Finalize() {
    for (const auto& [slot, hash] : notar_) {
      if (skip_.contains(slot) || !hands_.view().IsNotarized({slot, hash})) continue;
      if (final_.insert(slot).second) Cast({VoteKind::kFinal, slot, hash});
    }
  }

  void Cast(const Vote& vote) {
    if (slow_us_ == 0) return hands_.Vote(hands_.all(), vote);
    hands_.Later(hands_.random().Below(slow_us_), hands_.all(),
                 hands_.MakeVote(hands_.self(), vote));
  }

  const std::uint64_t slow_us_;
  const std::uint64_t patience_;  // in ticks
  std::uint64_t waited_ = 0;
  std::map<Slot, Hash256> notar_;
  std::set<Slot> skip_, final_;
};

class DoubleVoter final : public Behaviour {
 public:
  explicit DoubleVoter(Hands* hands)
      : Behaviour(hands),
        to_halves_(hands->random().Chance(50)),
        share_(hands->random().Below(3)) {}

  [[nodiscard]] std::string_view name() const override { return "double votes"; }

  void OnMessage(NodeIndex /*from*/, const replica::Message& message) override {
    const consensus::Header* header = HeaderOf(message);
    if (header == nullptr) return;
    const Slot slot = header->slot;
    const Hash256 hash = HashOf(*header);
    const bool is_second = !first_.try_emplace(slot, hash).second && first_[slot] != hash;
    Send(slot, !is_second, {VoteKind::kNotar, slot, hash});
    Send(slot, !is_second, {VoteKind::kFinal, slot, hash});
    if (hands_.random().Chance(40)) Send(slot, is_second, {VoteKind::kSkip, slot, {}});
    if (hands_.random().Chance(10)) Send(slot, is_second, {VoteKind::kFinal, slot, Invented()});
    if (hands_.random().Chance(10)) Send(slot, is_second, {VoteKind::kNotar, slot, Invented()});
    if (first_.size() > 64) first_.erase(first_.begin());
  }

  void OnSlot(Slot frontier) override {
    if (hands_.random().Below(3) >= share_) Send(frontier, false, {VoteKind::kSkip, frontier, {}});
  }

 private:
  Hash256 Invented() {
    Hash256 hash;
    hash.bytes[0] = static_cast<std::uint8_t>(hands_.random().Below(256));
    return hash;
  }
  void Send(Slot slot, bool first_half, const Vote& vote) {
    hands_.Vote(to_halves_ ? hands_.Half(slot, first_half) : hands_.all(), vote);
  }

  const bool to_halves_;
  const std::uint64_t share_;  // in how many slots of three there is no Skip at once
  std::map<Slot, Hash256> first_;
};

}  // namespace

BehaviourPtr MakeVoter(Hands* hands, std::uint64_t slow_us) {
  return std::make_unique<Voter>(hands, slow_us);
}
BehaviourPtr MakeDoubleVoter(Hands* hands) { return std::make_unique<DoubleVoter>(hands); }

}  // namespace bourse::sim::byzantine
