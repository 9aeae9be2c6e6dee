// A sorted block of up to 63 price keys, each with a handle: the node of the
// price tree.
//
// Unused keys hold the greatest integer, so a search may look at any of 64 keys.
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>

#include "matching/pool.h"
#include "matching/price_key.h"

namespace bourse::matching {

struct alignas(64) TreeBlock {
  static constexpr std::uint32_t kCapacity = 63;
  static constexpr PriceKey kUnused = std::numeric_limits<PriceKey>::max();

  PriceKey keys[kCapacity + 1];          // ascending; unused ones, and the last: kUnused
  std::uint32_t handles[kCapacity + 1];  // the last is the number of entries

  [[nodiscard]] std::uint32_t count() const { return handles[kCapacity]; }

  void Reset() {
    for (PriceKey& key : keys) key = kUnused;
    set_count(0);
  }

  // How many keys are less than `key`: where it stands, or would stand. First
  // every eighth key is compared, then the seven that are left: no comparison
  // waits for another of its kind, and none is a branch.
  [[nodiscard]] std::uint32_t Rank(PriceKey key) const {
    std::uint32_t group = 0;
    for (std::uint32_t i = 7; i < kCapacity; i += 8) group += keys[i] < key ? 8 : 0;
    std::uint32_t rank = group;
    for (std::uint32_t i = 0; i < 7; ++i) rank += keys[group + i] < key ? 1 : 0;
    return rank;
  }

  // REQUIRES: the block is not full, and position ≤ count().
  void InsertAt(std::uint32_t position, PriceKey key, std::uint32_t handle) {
    Move(position, position + 1, count() - position);
    keys[position] = key;
    handles[position] = handle;
    set_count(count() + 1);
  }

  // REQUIRES: position < count().
  void EraseAt(std::uint32_t position) {
    const std::uint32_t left = count() - 1;
    Move(position + 1, position, left - position);
    keys[left] = kUnused;
    set_count(left);
  }

  // Moves the entries from `position` on to the end of `to`. REQUIRES: they fit.
  void MoveTailTo(std::uint32_t position, TreeBlock* to) {
    std::uint32_t entries = to->count();
    for (std::uint32_t i = position; i < count(); ++i, ++entries) {
      to->keys[entries] = keys[i];
      to->handles[entries] = handles[i];
      keys[i] = kUnused;
    }
    to->set_count(entries);
    set_count(position);
  }

 private:
  void Move(std::uint32_t from, std::uint32_t to, std::uint32_t entries) {
    std::memmove(keys + to, keys + from, entries * sizeof(keys[0]));
    std::memmove(handles + to, handles + from, entries * sizeof(handles[0]));
  }
  void set_count(std::uint32_t count) { handles[kCapacity] = count; }
};
static_assert(sizeof(TreeBlock) == 768);

using BlockPool = Pool<TreeBlock, 32, 8>;

}  // namespace bourse::matching
