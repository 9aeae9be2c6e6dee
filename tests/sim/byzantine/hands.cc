#include "tests/sim/byzantine/hands.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "ledger/merkle.h"

namespace bourse::sim::byzantine {

using consensus::Certificate;
using consensus::Slot;
using consensus::ValidatorIndex;

Hands::Hands(Environment* environment, View* view, std::uint64_t plot)
    : environment_(*environment),
      view_(*view),
      plot_(plot),
      self_(environment->ValidatorOf(environment->self()).value()) {
  for (NodeIndex node = 0; node < environment_.nodes(); ++node) {
    if (node != environment_.self()) all_.push_back(node);
    if (environment_.RoleOf(node) != Role::kByzantine) continue;
    if (const auto validator = environment_.ValidatorOf(node)) accomplices_.push_back(*validator);
  }
}

bool Hands::IsOurs(ValidatorIndex validator) const {
  return std::find(accomplices_.begin(), accomplices_.end(), validator) != accomplices_.end();
}

std::vector<NodeIndex> Hands::Half(Slot slot, bool first) const {
  std::vector<NodeIndex> half;
  for (const NodeIndex node : all_) {
    model::Random coin(plot_ ^ (slot.value() / 2 * 0x10001) ^ (node << 48));
    if ((coin.Next() >> 60 & 1) == (first ? 1U : 0U)) half.push_back(node);
  }
  return half;
}

std::vector<NodeIndex> Hands::Some() {
  std::vector<NodeIndex> some;
  for (const NodeIndex node : all_) {
    if (random().Chance(50)) some.push_back(node);
  }
  return some;
}

std::vector<NodeIndex> Hands::One() {
  if (all_.empty()) return {};
  return {random().Pick(all_)};
}

void Hands::SendBytes(const std::vector<NodeIndex>& to, std::string bytes) {
  environment_.Send(to, std::make_shared<const std::string>(std::move(bytes)));
}

void Hands::Send(const std::vector<NodeIndex>& to, const replica::Message& message) {
  SendBytes(to, Encode(message));
}

void Hands::Later(std::uint64_t delay_us, std::vector<NodeIndex> to, replica::Message message) {
  environment_.After(
      delay_us, [this, to = std::move(to), message = std::move(message)] { Send(to, message); });
}

consensus::SignedVote Hands::MakeVote(ValidatorIndex validator, const consensus::Vote& vote) {
  return {vote, validator,
          environment_.Sign(validator, SignedBytes(environment_.validators(), vote))};
}

void Hands::Vote(const std::vector<NodeIndex>& to, const consensus::Vote& vote) {
  Send(to, MakeVote(self_, vote));
}

std::optional<Certificate> Hands::Collect(const consensus::Vote& vote) {
  View::Signatures signatures;
  if (const auto known = view_.votes().find(vote); known != view_.votes().end()) {
    signatures = known->second;
  }
  std::size_t missing = 0;
  for (const ValidatorIndex one : accomplices_) missing += signatures.contains(one) ? 0 : 1;
  const std::size_t quorum = environment_.validators().quorum();
  if (signatures.size() + missing < quorum) return std::nullopt;
  for (const ValidatorIndex one : accomplices_) {
    signatures.try_emplace(one, MakeVote(one, vote).signature);
  }
  Certificate certificate{vote, {}};
  for (const auto& [validator, signature] : signatures) {
    if (certificate.signatures.size() == quorum) break;
    certificate.signatures.push_back({validator, signature});
  }
  return certificate;
}

replica::FullCandidate Hands::MakeCandidate(const Plan& plan) {
  const consensus::Validators& validators = environment_.validators();
  const std::uint64_t parent_height = view_.HeightOf(plan.parent).value_or(Height(1)).value();
  const std::uint64_t parent_time = view_.TimeOf(plan.parent).value_or(TimeMicros(0)).value();
  const std::uint64_t clock = environment_.now().wall.value();
  replica::FullCandidate candidate;
  candidate.header.header = {
      .genesis_hash = validators.genesis_hash(),
      .epoch = validators.epoch(),
      .protocol_version = 1,
      .slot = plan.slot,
      .height = plan.height.value_or(Height(parent_height + 1)),
      .time = plan.time.value_or(TimeMicros(std::max(clock, parent_time + 1))),
      .parent_slot = plan.parent.slot,
      .parent_hash = plan.parent.hash,
      .transactions_root = ledger::MerkleRootOf(plan.transactions),
  };
  candidate.transactions = plan.transactions;
  const ValidatorIndex leader = validators.LeaderOf(plan.slot);
  candidate.header.signature =
      environment_.Sign(IsOurs(leader) ? leader : self_, SignedBytes(candidate.header.header));
  return candidate;
}

std::vector<std::string> Hands::DrawTransactions(TimeMicros time) {
  std::vector<std::string> drawn;
  for (std::uint64_t count = random().Below(3); count > 0; --count) {
    drawn.push_back(environment_.MakeTransaction(time));
  }
  const std::deque<std::string>& seen = view_.transactions();
  if (!seen.empty() && random().Chance(50)) drawn.push_back(seen[random().Below(seen.size())]);
  return drawn;
}

replica::CompactCandidate Hands::Compact(const replica::FullCandidate& candidate) {
  replica::CompactCandidate compact{candidate.header, {}};
  for (const std::string& one : candidate.transactions) compact.transactions.push_back({one, {}});
  return compact;
}

}  // namespace bourse::sim::byzantine
