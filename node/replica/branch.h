// Branch: the blocks that are not executed yet, on which the next one will be built. What they hold
// is held in the queue, so that nothing is proposed twice, and nothing counts as waiting that is
// on its way.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/hash.h"
#include "node/consensus/vote.h"
#include "node/mempool/mempool.h"

namespace bourse::replica {

// Not thread-safe.
class Branch {
 public:
  struct Block {
    consensus::BlockId id;
    std::vector<Hash256> keys;  // of its transactions
  };

  // `pool` must outlive it.
  explicit Branch(mempool::Mempool* pool) : pool_(pool) {}

  // How many of its first blocks these ids start with.
  [[nodiscard]] std::size_t CommonWith(const std::vector<consensus::BlockId>& ids) const;
  [[nodiscard]] std::size_t size() const { return blocks_.size(); }

  // Drops the blocks from place `count` on. REQUIRES: count <= size().
  void Cut(std::size_t count);
  void Append(Block block);
  // The first block was executed; what it held leaves the queue, which is the caller's.
  void PopFront();

  // Whether a transaction is in one of the blocks.
  [[nodiscard]] bool Has(const Hash256& key) const { return counts_.contains(key); }

 private:
  void Release(const Block& block);

  mempool::Mempool* const pool_;
  std::vector<Block> blocks_;  // each the parent of the next
  absl::flat_hash_map<Hash256, std::uint32_t> counts_;
};

}  // namespace bourse::replica
