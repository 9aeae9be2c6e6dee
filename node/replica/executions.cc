#include "node/replica/executions.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"

namespace bourse::replica {

using consensus::Executed;
using consensus::ExecutionCertificate;
using consensus::SignedExecuted;

namespace {

// What we computed is kept for so many heights without a certificate.
constexpr std::size_t kComputedMax = 4'096;

std::string DescribeRoots(const Executed& executed) {
  return absl::StrCat("block ", ToHex(executed.block_hash), ", results ",
                      ToHex(executed.results_root), ", state ", ToHex(executed.state_root));
}

std::string Diverged(const Executed& own, const Executed& theirs) {
  return absl::StrCat("this node has diverged at height ", own.height.value(), ": it computed ",
                      DescribeRoots(own), "; a quorum of validators ", DescribeRoots(theirs));
}

}  // namespace

Height Executions::certified() const { return highest_ ? highest_->executed.height : Height(0); }

Height Executions::known() const {
  return waiting_.empty() ? certified() : std::max(certified(), waiting_.rbegin()->first);
}

std::uint64_t Executions::LagOf(Height height) const {
  const Height from = std::max(start_, certified());
  return height > from ? height.value() - from.value() : 0;
}

bool Executions::Wants(Height height) const {
  const bool is_open = height > certified() || computed_.contains(height);
  return is_open && height.value() <= executed_.value() + kWindow &&
         height.value() + kWindow > executed_.value();
}

std::optional<Height> Executions::SkippedFrom(Height from) const {
  if (computed_.empty() || computed_.begin()->first > certified()) return std::nullopt;
  const auto next = computed_.lower_bound(from);
  const bool is_skipped = next != computed_.end() && next->first < certified();
  return is_skipped ? next->first : computed_.begin()->first;
}

std::vector<SignedExecuted> Executions::Unconfirmed(std::size_t count) const {
  std::vector<SignedExecuted> out;
  auto it = own_.end();
  while (it != own_.begin() && out.size() < count) out.push_back((--it)->second);
  std::reverse(out.begin(), out.end());
  return out;
}

void Executions::OnExecuted(const Executed& executed, const std::optional<SignedExecuted>& own,
                            Outcome* outcome) {
  executed_ = executed.height;
  computed_.emplace(executed.height, executed);
  const auto certificate = waiting_.find(executed.height);
  if (certificate != waiting_.end()) {
    const ExecutionCertificate waited = std::move(certificate->second);
    waiting_.erase(certificate);
    Accept(waited, outcome);
  }
  if (own && executed.height > certified()) {
    own_.emplace(executed.height, *own);
    OnVote(*own, outcome);
  }
  Prune();
}

void Executions::OnVote(const SignedExecuted& vote, Outcome* outcome) {
  if (!Wants(vote.executed.height)) return;
  Votes& votes = votes_[vote.executed.height];
  const auto [it, is_new] = votes.emplace(vote.validator, vote);
  if (is_new) return Count(vote.executed, votes, outcome);
  if (it->second.executed != vote.executed &&
      blamed_[vote.executed.height].insert(vote.validator).second) {
    outcome->evidence.push_back(MakeEvidence(it->second, vote));
  }
}

void Executions::Count(const Executed& executed, const Votes& votes, Outcome* outcome) {
  ExecutionCertificate certificate{executed, {}};
  for (const auto& [validator, vote] : votes) {
    if (vote.executed != executed) continue;
    certificate.signatures.push_back({validator, vote.signature});
    if (certificate.signatures.size() == validators_->quorum()) {
      return OnCertificate(certificate, outcome);
    }
  }
}

void Executions::OnCertificate(const ExecutionCertificate& certificate, Outcome* outcome) {
  const Height height = certificate.executed.height;
  if (height <= executed_) return Accept(certificate, outcome);
  if (waiting_.size() >= kWaitingMax && height > waiting_.rbegin()->first) return;
  waiting_.emplace(height, certificate);
  if (waiting_.size() > kWaitingMax) waiting_.erase(std::prev(waiting_.end()));
}

void Executions::Accept(const ExecutionCertificate& certificate, Outcome* outcome) {
  const auto own = computed_.find(certificate.executed.height);
  if (own == computed_.end()) return;
  if (own->second != certificate.executed) {
    outcome->fatal = Diverged(own->second, certificate.executed);
    return;
  }
  computed_.erase(own);
  votes_.erase(certificate.executed.height);
  blamed_.erase(certificate.executed.height);
  if (certificate.executed.height > certified()) highest_ = certificate;
  outcome->certified.push_back(certificate);
  Prune();
}

void Executions::Prune() {
  const auto erase_to = [](auto* by_height, Height height) {
    by_height->erase(by_height->begin(), by_height->upper_bound(height));
  };
  const Height done = certified();
  erase_to(&own_, done);
  erase_to(&waiting_, std::max(done, executed_));
  while (computed_.size() > kComputedMax) computed_.erase(computed_.begin());
  while (own_.size() > kWindow) own_.erase(own_.begin());
  while (!votes_.empty() && votes_.begin()->first.value() + kWindow <= executed_.value()) {
    blamed_.erase(votes_.begin()->first);
    votes_.erase(votes_.begin());
  }
}

}  // namespace bourse::replica
