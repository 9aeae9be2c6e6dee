#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "node/consensus/evidence.h"
#include "tests/sim/checks/checks.h"

namespace bourse::sim {
namespace {

class Exclusive final : public Check {
 public:
  using Check::Check;
  [[nodiscard]] std::string_view name() const override { return "exclusive"; }

  void OnSent(std::uint64_t /*now_us*/, NodeIndex from, std::size_t /*receivers*/,
              const Packet& packet) override {
    if (!context().IsHonest(from) || !packet.message || !context().seats[from]) return;
    const consensus::ValidatorIndex self = *context().seats[from];
    if (const auto* vote = std::get_if<consensus::SignedVote>(&*packet.message)) {
      if (vote->validator == self) Take(self, vote->vote);
    }
    if (const auto* one = std::get_if<consensus::Certificate>(&*packet.message)) Take(self, *one);
    if (const auto* one = std::get_if<replica::CompactCandidate>(&*packet.message)) {
      Take(self, one->header.header);
    }
    if (const auto* one = std::get_if<replica::Candidates>(&*packet.message)) {
      for (const replica::FullCandidate& candidate : one->candidates) {
        Take(self, candidate.header.header);
      }
    }
    if (const auto* one = std::get_if<consensus::SignedExecuted>(&*packet.message)) {
      if (one->validator == self) Take(self, one->executed);
    }
  }

 private:
  template <typename Number>
  using Key = std::pair<consensus::ValidatorIndex, Number>;

  // A certificate can tell of a vote of the sender's before the vote itself is seen.
  void Take(consensus::ValidatorIndex self, const consensus::Certificate& certificate) {
    for (const consensus::VoteSignature& one : certificate.signatures) {
      if (one.validator == self) Take(self, certificate.vote);
    }
  }

  void Take(consensus::ValidatorIndex self, const consensus::Vote& vote) {
    std::vector<consensus::Vote>& votes = votes_[{self, vote.slot}];
    for (const consensus::Vote& other : votes) {
      if (other == vote) return;
      if (IsPair(other, vote)) {
        return Fail(absl::StrCat("validator ", self.value(),
                                 " sent votes that exclude each other in", " slot ",
                                 vote.slot.value(), ": kinds ", static_cast<int>(other.kind),
                                 " and ", static_cast<int>(vote.kind)));
      }
    }
    votes.push_back(vote);
  }

  // By the list in evidence.h, and by the code that finds evidence.
  static bool IsPair(const consensus::Vote& a, const consensus::Vote& b) {
    using consensus::VoteKind;
    const bool has_skip = a.kind == VoteKind::kSkip || b.kind == VoteKind::kSkip;
    const bool has_final = a.kind == VoteKind::kFinal || b.kind == VoteKind::kFinal;
    const bool excludes = has_skip ? has_final && a.kind != b.kind : a.hash != b.hash;
    return excludes || consensus::Exclude(a, b);
  }

  void Take(consensus::ValidatorIndex self, const consensus::Header& header) {
    if (context().validators.LeaderOf(header.slot) != self) return;
    const Hash256 hash = HashOf(header);
    const auto [found, is_new] = candidates_.emplace(Key<consensus::Slot>(self, header.slot), hash);
    if (is_new || found->second == hash) return;
    Fail(absl::StrCat("validator ", self.value(), " sent two candidates of slot ",
                      header.slot.value()));
  }

  void Take(consensus::ValidatorIndex self, const consensus::Executed& executed) {
    const auto [found, is_new] = executed_.emplace(Key<Height>(self, executed.height), executed);
    if (is_new || found->second == executed) return;
    Fail(absl::StrCat("validator ", self.value(), " sent two results of height ",
                      executed.height.value()));
  }

  std::map<Key<consensus::Slot>, std::vector<consensus::Vote>> votes_;
  std::map<Key<consensus::Slot>, Hash256> candidates_;
  std::map<Key<Height>, consensus::Executed> executed_;
};

}  // namespace

std::unique_ptr<Check> MakeExclusiveCheck(const CheckContext* context) {
  return std::make_unique<Exclusive>(context);
}

}  // namespace bourse::sim
