#include "node/replica/transaction_cache.h"

#include <utility>

namespace bourse::replica {

bool TransactionCache::Knows(const Hash256& key) const {
  return known_[0].contains(key) || known_[1].contains(key);
}

bool TransactionCache::Add(const Hash256& key, std::string encoded, std::uint64_t now_us) {
  Turn(now_us);
  if (Knows(key)) return false;
  known_[0].insert(key);
  const std::size_t size = encoded.size();
  // Bytes may outlive their key in known_, and then come again.
  if (!bytes_.try_emplace(key, std::move(encoded)).second) return true;
  size_ += size;
  order_.push_back(key);
  while (size_ > kBytesMax) {
    const auto oldest = bytes_.find(order_.front());
    size_ -= oldest->second.size();
    bytes_.erase(oldest);
    order_.pop_front();
  }
  return true;
}

const std::string* TransactionCache::Find(const Hash256& key) const {
  const auto it = bytes_.find(key);
  return it == bytes_.end() ? nullptr : &it->second;
}

void TransactionCache::Turn(std::uint64_t now_us) {
  if (known_[0].size() < kGenerationKeys && now_us - since_us_ < kGenerationUs) return;
  since_us_ = now_us;
  std::swap(known_[0], known_[1]);
  known_[0].clear();
}

}  // namespace bourse::replica
