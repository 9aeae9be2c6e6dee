#include "node/runtime/waiters.h"

#include <algorithm>
#include <limits>

namespace bourse::runtime {

bool Waiters::Add(const TxId& txid, std::uint64_t until_us, Done& done) {
  std::vector<Waiter>& waiters = of_[txid];
  if (waiters.size() >= kMaxPerTransaction) return false;
  waiters.push_back({next_id_, until_us, std::move(done)});
  deadlines_.insert({until_us, next_id_, txid});
  ++next_id_;
  return true;
}

std::vector<Waiters::Done> Waiters::Take(const TxId& txid) {
  std::vector<Done> out;
  const auto it = of_.find(txid);
  if (it == of_.end()) return out;
  for (Waiter& waiter : it->second) {
    deadlines_.erase({waiter.until_us, waiter.id, txid});
    out.push_back(std::move(waiter.done));
  }
  of_.erase(it);
  return out;
}

std::vector<std::pair<TxId, Waiters::Done>> Waiters::TakeOverdue(std::uint64_t now_us) {
  std::vector<std::pair<TxId, Done>> out;
  while (!deadlines_.empty() && deadlines_.begin()->until_us <= now_us) {
    const Deadline deadline = *deadlines_.begin();
    deadlines_.erase(deadlines_.begin());
    std::vector<Waiter>& waiters = of_.at(deadline.txid);
    const auto it = std::find_if(waiters.begin(), waiters.end(),
                                 [&](const Waiter& waiter) { return waiter.id == deadline.id; });
    out.emplace_back(deadline.txid, std::move(it->done));
    waiters.erase(it);
    if (waiters.empty()) of_.erase(deadline.txid);
  }
  return out;
}

std::vector<std::pair<TxId, Waiters::Done>> Waiters::TakeAll() {
  return TakeOverdue(std::numeric_limits<std::uint64_t>::max());
}

std::optional<std::uint64_t> Waiters::next_us() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->until_us;
}

}  // namespace bourse::runtime
