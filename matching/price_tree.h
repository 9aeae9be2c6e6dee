// Levels by price key over the whole 64-bit range: a B+tree of sorted blocks.
//
//                 ┌───────────────┐
//                 │ 40 90 ∞       │        inner: the i-th child holds the keys
//                 └──┬──┬─┬───────┘        up to the i-th key; the last one all
//         ┌──────────┘  │ └───────┐        that is beyond
//     ┌───┴──────┐ ┌────┴─────┐ ┌─┴────────┐
//     │ 12 31 40 │ │ 57 90    │ │ 95 99    │  leaves: keys and their levels
//     └──────────┘ └──────────┘ └──────────┘
//
// A search costs a rank a floor. Erasing merges blocks that grow empty with a
// neighbour, so memory follows the number of levels.
#pragma once

#include <array>
#include <cstdint>

#include "matching/price_key.h"
#include "matching/tree_block.h"

namespace bourse::matching {

// All trees of an engine keep their blocks in one pool, which every call is
// given: always the same. Not thread-safe.
class PriceTree {
 public:
  struct Entry {
    PriceKey key = kNoKey;
    std::uint32_t level = 0;  // 0: there is none
  };

  // Where a key stands, or would stand. Good until the next change of the tree.
  class Place;

  [[nodiscard]] Place Find(const BlockPool& blocks, PriceKey key) const;

  // REQUIRES: `place` comes from Find(key), which found no level.
  void Insert(BlockPool& blocks, const Place& place, PriceKey key, std::uint32_t level);

  // REQUIRES: the key is there.
  void Erase(BlockPool& blocks, PriceKey key);

  // The entry with the greatest key.
  [[nodiscard]] Entry best() const { return best_; }

  // The entry with the greatest key less than `key`.
  [[nodiscard]] Entry Below(const BlockPool& blocks, PriceKey key) const;

  // Floors, with that of the leaves; 0: empty.
  [[nodiscard]] std::uint32_t height() const { return height_; }

  // Hints that `key` will be looked up soon.
  void Prefetch(const BlockPool& blocks, PriceKey key) const;

 private:
  // A floor is added when the root splits, which takes at least 31 splits on the
  // floor below since its last one: 16 floors are beyond 2^60 insertions.
  static constexpr std::uint32_t kMaxHeight = 16;

  void SplitUp(BlockPool& blocks, const Place& place, PriceKey key, std::uint32_t level);
  void ShrinkUp(BlockPool& blocks, const Place& place);
  void LowerRoot(BlockPool& blocks);
  static void RemoveChild(BlockPool& blocks, TreeBlock& parent, std::uint32_t child);
  static bool MergeChild(BlockPool& blocks, TreeBlock& parent, std::uint32_t left);
  [[nodiscard]] Entry Last(const BlockPool& blocks) const;

  std::uint32_t root_ = 0;
  std::uint32_t height_ = 0;  // 0: empty; 1: the root is a leaf
  Entry best_;
};

class PriceTree::Place {
 public:
  // The level of the key, or 0.
  [[nodiscard]] std::uint32_t level() const { return level_; }

 private:
  friend class PriceTree;
  struct Step {
    std::uint32_t block;
    std::uint32_t position;  // of the child, or in the leaf
  };
  std::array<Step, kMaxHeight> steps_;  // from the root to the leaf
  std::uint32_t level_ = 0;
};

}  // namespace bourse::matching
