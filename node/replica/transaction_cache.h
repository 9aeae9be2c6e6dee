// TransactionCache: transactions that came lately, by the hash of their exact bytes
// (mempool::Mempool::KeyOf): to know what was looked at already, and to complete candidates with
// what is still being verified. Bounded in both.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "common/hash.h"

namespace bourse::replica {

// A plain data structure. Not thread-safe.
class TransactionCache {
 public:
  // Bytes are kept until there are more than this of newer ones.
  static constexpr std::size_t kBytesMax = 32 << 20;
  // Keys are remembered for one to two generations: each of so many keys, or so long. So one that
  // was refused for what may change gets another chance.
  static constexpr std::size_t kGenerationKeys = 32'768;
  static constexpr std::uint64_t kGenerationUs = 15'000'000;

  // False if these bytes came lately, and then nothing changes.
  bool Add(const Hash256& key, std::string encoded, std::uint64_t now_us);
  [[nodiscard]] bool Knows(const Hash256& key) const;
  // Null if they are not kept (any more); valid until the next change.
  [[nodiscard]] const std::string* Find(const Hash256& key) const;

 private:
  void Turn(std::uint64_t now_us);

  std::array<absl::flat_hash_set<Hash256>, 2> known_;  // the current and the last generation
  std::uint64_t since_us_ = 0;
  absl::flat_hash_map<Hash256, std::string> bytes_;
  std::deque<Hash256> order_;  // of bytes_
  std::size_t size_ = 0;
};

}  // namespace bourse::replica
