// A sorted block of up to 31 price keys, each with a handle: the node of the
// price tree.
//
// Unused keys hold the greatest integer, so a search always looks at 32 keys: a
// loop without branches, which compilers turn into vector code where there is
// any, and which finds the same everywhere.
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>

#include "matching/pool.h"
#include "matching/price_key.h"

namespace bourse::matching {

struct alignas(64) TreeBlock {
  static constexpr std::uint32_t kCapacity = 31;
  static constexpr PriceKey kUnused = std::numeric_limits<PriceKey>::max();

  PriceKey keys[kCapacity + 1];  // ascending; unused ones, and the last: kUnused
  std::uint32_t handles[kCapacity];
  std::uint32_t count;

  void Reset() {
    for (PriceKey& key : keys) key = kUnused;
    count = 0;
  }

  // How many keys are less than `key`: where it stands, or would stand.
  [[nodiscard]] std::uint32_t Rank(PriceKey key) const {
    std::uint64_t rank = 0;
    for (const PriceKey other : keys) rank += other < key ? 1 : 0;
    return static_cast<std::uint32_t>(rank);
  }

  // REQUIRES: the block is not full, and position ≤ count.
  void InsertAt(std::uint32_t position, PriceKey key, std::uint32_t handle) {
    const std::uint32_t moved = count - position;
    std::memmove(keys + position + 1, keys + position, moved * sizeof(keys[0]));
    std::memmove(handles + position + 1, handles + position, moved * sizeof(handles[0]));
    keys[position] = key;
    handles[position] = handle;
    ++count;
  }

  // REQUIRES: position < count.
  void EraseAt(std::uint32_t position) {
    const std::uint32_t moved = --count - position;
    std::memmove(keys + position, keys + position + 1, moved * sizeof(keys[0]));
    std::memmove(handles + position, handles + position + 1, moved * sizeof(handles[0]));
    keys[count] = kUnused;
  }

  // Moves the entries from `position` on to the end of `to`. REQUIRES: they fit.
  void MoveTailTo(std::uint32_t position, TreeBlock* to) {
    for (std::uint32_t i = position; i < count; ++i) {
      to->keys[to->count] = keys[i];
      to->handles[to->count++] = handles[i];
      keys[i] = kUnused;
    }
    count = position;
  }
};
static_assert(sizeof(TreeBlock) == 384);

using BlockPool = Pool<TreeBlock, 32, 8>;

}  // namespace bourse::matching
