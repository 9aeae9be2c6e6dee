// EngineQueue: what the engine has in its queue, as far as this node has checked it; and what it
// has to be given again after it ended.
//
// The engine does not say what leaves its queue for other reasons than that it ran, so what is
// expired is taken out by block time, after which no block can hold it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/hash.h"
#include "common/limits.h"
#include "common/units.h"
#include "node/api/backend.h"

namespace bourse::runtime {

// Thread-safe.
class EngineQueue {
 public:
  // Over the bounds of limits.h for queues it is left out.
  void Add(const TxId& txid, std::string encoded, TimeMicros valid_until) {
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= limits::kMempoolTransactions) return;
    if (bytes_ + encoded.size() > limits::kMempoolBytes) return;
    const std::size_t size = encoded.size();
    if (!entries_.try_emplace(txid, Entry{std::move(encoded), valid_until}).second) return;
    bytes_ += size;
    by_expiry_.emplace(valid_until, txid);
  }

  void Remove(const TxId& txid) {
    const std::lock_guard lock(mutex_);
    const auto it = entries_.find(txid);
    if (it == entries_.end()) return;
    by_expiry_.erase({it->second.valid_until, txid});
    bytes_ -= it->second.encoded.size();
    entries_.erase(it);
  }

  // Those that no block later than `time` may hold; they are in the queue no more.
  [[nodiscard]] std::vector<TxId> TakeExpired(TimeMicros time) {
    const std::lock_guard lock(mutex_);
    std::vector<TxId> out;
    while (!by_expiry_.empty() && by_expiry_.begin()->first <= time) {
      const TxId txid = by_expiry_.begin()->second;
      by_expiry_.erase(by_expiry_.begin());
      const auto it = entries_.find(txid);
      bytes_ -= it->second.encoded.size();
      entries_.erase(it);
      out.push_back(txid);
    }
    return out;
  }

  [[nodiscard]] std::optional<std::string> Find(const TxId& txid) const {
    const std::lock_guard lock(mutex_);
    const auto it = entries_.find(txid);
    if (it == entries_.end()) return std::nullopt;
    return it->second.encoded;
  }

  [[nodiscard]] bool Has(const TxId& txid) const {
    const std::lock_guard lock(mutex_);
    return entries_.contains(txid);
  }

  [[nodiscard]] std::vector<TxId> All() const {
    const std::lock_guard lock(mutex_);
    std::vector<TxId> out;
    out.reserve(by_expiry_.size());
    for (const auto& [valid_until, txid] : by_expiry_) out.push_back(txid);
    return out;
  }

  [[nodiscard]] api::QueueStatus status() const {
    const std::lock_guard lock(mutex_);
    return {entries_.size(), bytes_};
  }

 private:
  struct Entry {
    std::string encoded;
    TimeMicros valid_until;
  };

  mutable std::mutex mutex_;  // one that ThreadSanitizer sees; guards all below
  absl::flat_hash_map<TxId, Entry> entries_;
  std::set<std::pair<TimeMicros, TxId>> by_expiry_;
  std::uint64_t bytes_ = 0;
};

}  // namespace bourse::runtime
