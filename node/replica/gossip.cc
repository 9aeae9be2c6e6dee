#include "node/replica/gossip.h"

#include <utility>

namespace bourse::replica {

std::vector<PeerId> Gossip::ReceiversOf(std::optional<PeerId> from) const {
  if (!from) return peers_->All();
  std::vector<PeerId> to = peers_->ValidatorOf(*from) ? peers_->FullNodes() : peers_->All();
  std::erase(to, *from);
  return to;
}

void Gossip::Add(std::string encoded, std::optional<PeerId> from, std::uint64_t now_us) {
  std::vector<PeerId> to = ReceiversOf(from);
  if (to.empty()) return;
  Waiting& waiting = waiting_[std::move(to)];
  waiting.bytes += encoded.size();
  waiting.transactions.encoded.push_back(std::move(encoded));
  const bool is_full =
      waiting.bytes >= kBatchBytes || waiting.transactions.encoded.size() >= kBatchCount;
  if (is_full) due_us_ = now_us;
  if (!due_us_) due_us_ = now_us + kDelayUs;
}

std::vector<Gossip::Batch> Gossip::Take(std::uint64_t now_us) {
  std::vector<Batch> out;
  if (!due_us_ || now_us < *due_us_) return out;
  for (auto& [to, waiting] : waiting_) out.push_back({to, std::move(waiting.transactions)});
  waiting_.clear();
  due_us_.reset();
  return out;
}

std::optional<std::uint64_t> Gossip::timer_us() const { return due_us_; }

}  // namespace bourse::replica
