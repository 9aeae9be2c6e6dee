// Certificates, good and bad.

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "tests/sim/byzantine/behaviour.h"

namespace bourse::sim::byzantine {
namespace {

using consensus::BlockId;
using consensus::Certificate;
using consensus::Slot;
using consensus::ValidatorIndex;
using consensus::Vote;
using consensus::VoteKind;

// All accomplices sign everything, so it takes few honest votes to make a certificate that nobody
// else can make yet.
class Certifier final : public Behaviour {
 public:
  explicit Certifier(Hands* hands) : Behaviour(hands), to_halves_(hands->random().Chance(70)) {}

  [[nodiscard]] std::string_view name() const override { return "certificates to some"; }

  void OnMessage(NodeIndex /*from*/, const replica::Message& message) override {
    const auto* vote = std::get_if<consensus::SignedVote>(&message);
    if (vote == nullptr || hands_.IsOurs(vote->validator)) return;
    if (vote->vote.slot.value() + 8 < hands_.view().frontier().value()) return;
    if (std::find(done_.begin(), done_.end(), vote->vote) != done_.end()) return;
    const std::optional<Certificate> certificate = hands_.Collect(vote->vote);
    if (!certificate) return;
    done_.push_back(vote->vote);
    if (done_.size() > 128) done_.pop_front();
    Share(*certificate);
  }

  void OnTick() override {
    // Digs up one that was withheld, or is long over.
    if (kept_.empty() || !hands_.random().Chance(10)) return;
    hands_.Send(hands_.random().Chance(50) ? hands_.One() : hands_.Some(),
                kept_[hands_.random().Below(kept_.size())]);
  }

 private:
  void Share(const Certificate& certificate) {
    const Vote& vote = certificate.vote;
    kept_.push_back(certificate);
    if (kept_.size() > 64) kept_.pop_front();
    if (vote.kind == VoteKind::kFinal) {
      if (hands_.random().Chance(50)) hands_.Send(hands_.One(), certificate);
      return;
    }
    if (to_halves_) {
      hands_.Send(hands_.Half(vote.slot, vote.kind == VoteKind::kNotar), certificate);
    } else if (hands_.random().Chance(50)) {
      hands_.Send(hands_.One(), certificate);
    }
  }

  const bool to_halves_;
  std::deque<Vote> done_;
  std::deque<Certificate> kept_;
};

class Forger final : public Behaviour {
 public:
  explicit Forger(Hands* hands) : Behaviour(hands), percent_(hands->random().Between(2, 40)) {}

  [[nodiscard]] std::string_view name() const override { return "forged certificates"; }

  void OnSlot(Slot frontier) override {
    if (!hands_.random().Chance(percent_)) return;
    const Vote vote = DrawStatement(frontier);
    hands_.Send(hands_.random().Chance(50) ? hands_.all() : hands_.Some(), Forge(vote));
  }

 private:
  // What would do harm: a block of ours for good, a slot skipped that is final, or one that is
  // under way.
  [[nodiscard]] Vote DrawStatement(Slot frontier) {
    const BlockId final_id = hands_.view().final_id();
    switch (hands_.random().Below(4)) {
      case 0:
        return {VoteKind::kSkip, final_id.slot, {}};
      case 1:
        return {VoteKind::kSkip, frontier, {}};
      case 2:
        return Fork(frontier, VoteKind::kNotar);
      default:
        return Fork(frontier, VoteKind::kFinal);
    }
  }

  // A block that nobody voted for, on top of an old one.
  [[nodiscard]] Vote Fork(Slot frontier, VoteKind kind) {
    std::uint64_t slot = frontier.value();
    const consensus::Validators& validators = hands_.environment().validators();
    while (validators.LeaderOf(Slot(slot)) != hands_.self()) ++slot;
    BlockId parent = hands_.view().final_id();
    if (const View::Candidate* known = hands_.view().Find(parent)) {
      if (hands_.random().Chance(50)) parent = ParentOf(known->header.header);
    }
    const replica::FullCandidate candidate =
        hands_.MakeCandidate({Slot(slot), parent, std::nullopt, std::nullopt, {}});
    hands_.Send(hands_.all(), Hands::Compact(candidate));
    return {kind, Slot(slot), HashOf(candidate.header.header)};
  }

  [[nodiscard]] Certificate Forge(const Vote& vote) {
    Certificate forged{vote, {}};
    const std::size_t quorum = hands_.environment().validators().quorum();
    const std::vector<ValidatorIndex>& ours = hands_.accomplices();
    switch (hands_.random().Below(3)) {
      case 0:  // too short
        for (const ValidatorIndex one : ours) Sign(one, &forged);
        break;
      case 1:  // each of ours again and again
        for (std::size_t i = 0; i < quorum; ++i) Sign(ours[i * ours.size() / quorum], &forged);
        break;
      default:  // ours, and what others signed for something else
        for (const ValidatorIndex one : ours) Sign(one, &forged);
        Borrow(quorum, &forged);
        break;
    }
    std::stable_sort(forged.signatures.begin(), forged.signatures.end(),
                     [](const auto& a, const auto& b) { return a.validator < b.validator; });
    return forged;
  }

  void Sign(ValidatorIndex validator, Certificate* forged) {
    forged->signatures.push_back({validator, hands_.MakeVote(validator, forged->vote).signature});
  }

  void Borrow(std::size_t quorum, Certificate* forged) {
    for (const auto& [other, signatures] : hands_.view().votes()) {
      for (const auto& [validator, signature] : signatures) {
        if (forged->signatures.size() >= quorum) return;
        const bool is_there = std::any_of(
            forged->signatures.begin(), forged->signatures.end(),
            [v = validator](const consensus::VoteSignature& one) { return one.validator == v; });
        if (!is_there) forged->signatures.push_back({validator, signature});
      }
    }
  }

  const std::uint64_t percent_;
};

}  // namespace

BehaviourPtr MakeCertifier(Hands* hands) { return std::make_unique<Certifier>(hands); }
BehaviourPtr MakeForger(Hands* hands) { return std::make_unique<Forger>(hands); }

}  // namespace bourse::sim::byzantine
