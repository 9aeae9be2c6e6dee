// SignatureCache: which signatures were found right a short while ago.
//
// A transaction comes to a node more than once: from a client or from peers, and in a candidate
// that may overtake it. A vote comes again in certificates. Whoever checks one first spares the
// others that. Keyed by a hash of all that was signed, signature included: one signer can make many
// signatures for one body.
#pragma once

#include <cstddef>
#include <mutex>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "common/hash.h"

namespace bourse::runtime {

// Thread-safe.
class SignatureCache {
 public:
  // The last so many are remembered, and up to twice as many.
  static constexpr std::size_t kRemembered = 65'536;

  [[nodiscard]] bool Has(const Hash256& signed_whole) const {
    const std::lock_guard lock(mutex_);
    return young_.contains(signed_whole) || old_.contains(signed_whole);
  }

  void Add(const Hash256& signed_whole) {
    const std::lock_guard lock(mutex_);
    young_.insert(signed_whole);
    if (young_.size() < kRemembered) return;
    old_ = std::exchange(young_, {});
    young_.reserve(kRemembered);
  }

 private:
  mutable std::mutex mutex_;  // one that ThreadSanitizer sees; guards the two below
  absl::flat_hash_set<Hash256> young_;
  absl::flat_hash_set<Hash256> old_;
};

}  // namespace bourse::runtime
