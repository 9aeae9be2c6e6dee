#include "tests/sim/byzantine/view.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "node/mempool/mempool.h"

namespace bourse::sim::byzantine {
namespace {

using consensus::BlockId;
using consensus::Certificate;
using consensus::Slot;
using consensus::Vote;
using consensus::VoteKind;

constexpr std::size_t kPackets = 256;
constexpr std::size_t kTransactions = 256;
constexpr std::size_t kKeys = 4'096;
// Slots below the highest final one that are kept.
constexpr std::uint64_t kSlotsBehind = 40;

// Slots in their order, with the genesis (-1) first.
std::uint64_t After(Slot slot) { return slot.value() + 1; }

template <typename Map, typename SlotOf>
void EraseBelow(std::uint64_t slot, const SlotOf& slot_of, Map* map) {
  std::erase_if(*map, [&](const auto& entry) { return After(slot_of(entry.first)) <= slot; });
}

}  // namespace

void View::Keep(const std::shared_ptr<const std::string>& bytes) {
  packets_.push_back(bytes);
  if (packets_.size() > kPackets) packets_.pop_front();
}

void View::See(const replica::Message& message) {
  if (const auto* vote = std::get_if<consensus::SignedVote>(&message)) {
    SeeVote(*vote);
  } else if (const auto* certificate = std::get_if<Certificate>(&message)) {
    SeeCertificate(*certificate);
  } else if (const auto* candidate = std::get_if<replica::CompactCandidate>(&message)) {
    SeeCandidate(*candidate);
  } else if (const auto* answer = std::get_if<replica::Candidates>(&message)) {
    for (const replica::FullCandidate& one : answer->candidates) SeeFull(one);
  } else if (const auto* transactions = std::get_if<replica::Transactions>(&message)) {
    for (const std::string& one : transactions->encoded) SeeTransaction(one);
  } else if (const auto* blocks = std::get_if<replica::Blocks>(&message)) {
    if (blocks->certificate.empty()) return;
    for (const replica::FullCandidate& one : blocks->blocks) SeeFull(one);
    SeeCertificate(blocks->certificate.front());
    blocks_ = *blocks;
  } else if (const auto* status = std::get_if<replica::Status>(&message)) {
    network_height_ = std::max(network_height_, status->height);
  }
}

void View::SeeVote(const consensus::SignedVote& vote) {
  votes_[vote.vote].emplace(vote.validator, vote.signature);
  if (votes_[vote.vote].size() < validators_.quorum()) return;
  Certificate certificate{vote.vote, {}};
  for (const auto& [validator, signature] : votes_[vote.vote]) {
    if (certificate.signatures.size() == validators_.quorum()) break;
    certificate.signatures.push_back({validator, signature});
  }
  SeeCertificate(certificate);
}

void View::SeeCertificate(const Certificate& certificate) {
  const Vote& vote = certificate.vote;
  if (After(vote.slot) + kSlotsBehind < After(final_id_.slot)) return;
  if (!certificates_.emplace(vote, certificate).second) return;
  if (vote.kind == VoteKind::kFinal && After(vote.slot) > After(final_id_.slot)) {
    final_id_ = {vote.slot, vote.hash};
    Forget();
  }
  Advance();
}

void View::SeeCandidate(const replica::CompactCandidate& candidate) {
  std::vector<std::string> transactions;
  for (const replica::CompactTransaction& one : candidate.transactions) {
    if (!one.bytes.empty()) {
      transactions.push_back(one.bytes);
    } else if (const auto known = by_key_.find(one.key); known != by_key_.end()) {
      transactions.push_back(known->second);
    } else {
      candidates_.try_emplace(IdOf(candidate.header.header),
                              Candidate{candidate.header, std::nullopt});
      return;
    }
  }
  SeeFull({candidate.header, std::move(transactions)});
}

void View::SeeFull(const replica::FullCandidate& candidate) {
  Candidate& known = candidates_[IdOf(candidate.header.header)];
  known = {candidate.header, candidate.transactions};
  network_height_ = std::max(network_height_, candidate.header.header.height);
}

void View::SeeTransaction(const std::string& encoded) {
  if (by_key_.size() >= kKeys) by_key_.clear();
  if (!by_key_.emplace(mempool::Mempool::KeyOf(encoded), encoded).second) return;
  transactions_.push_back(encoded);
  if (transactions_.size() > kTransactions) transactions_.pop_front();
}

void View::Advance() {
  std::uint64_t slot = std::max(frontier_.value(), After(final_id_.slot));
  const auto is_cleared = [&] {
    const auto notar = certificates_.lower_bound({VoteKind::kNotar, Slot(slot), {}});
    return (notar != certificates_.end() && notar->first.kind == VoteKind::kNotar &&
            notar->first.slot == Slot(slot)) ||
           certificates_.contains({VoteKind::kSkip, Slot(slot), {}});
  };
  while (is_cleared()) ++slot;
  frontier_ = Slot(slot);
}

void View::Forget() {
  const std::uint64_t end = After(final_id_.slot);
  if (end <= kSlotsBehind) return;
  EraseBelow(
      end - kSlotsBehind, [](const Vote& vote) { return vote.slot; }, &votes_);
  EraseBelow(
      end - kSlotsBehind, [](const Vote& vote) { return vote.slot; }, &certificates_);
  EraseBelow(
      end - kSlotsBehind, [](const BlockId& id) { return id.slot; }, &candidates_);
}

const View::Candidate* View::Find(const BlockId& id) const {
  const auto it = candidates_.find(id);
  return it == candidates_.end() ? nullptr : &it->second;
}

bool View::IsNotarized(const BlockId& id) const {
  return id == final_id_ || certificates_.contains({VoteKind::kNotar, id.slot, id.hash});
}

BlockId View::BestParent() const {
  for (std::uint64_t slot = frontier_.value(); slot > After(final_id_.slot); --slot) {
    const auto it = certificates_.lower_bound({VoteKind::kNotar, Slot(slot - 1), {}});
    if (it == certificates_.end() || it->first.kind != VoteKind::kNotar) continue;
    if (it->first.slot == Slot(slot - 1)) return {it->first.slot, it->first.hash};
  }
  return final_id_;
}

std::optional<Height> View::HeightOf(const BlockId& id) const {
  if (id.slot == consensus::kGenesisSlot) return Height(0);
  const Candidate* known = Find(id);
  if (known == nullptr) return std::nullopt;
  return known->header.header.height;
}

std::optional<TimeMicros> View::TimeOf(const BlockId& id) const {
  const Candidate* known = Find(id);
  if (known == nullptr) return std::nullopt;
  return known->header.header.time;
}

}  // namespace bourse::sim::byzantine
