// A sorted block of up to 31 price keys, each with a handle: the node of the
// price tree.
//
// Unused keys hold the greatest integer, so a search always looks at 32 keys, and
// an insertion always moves 32: loops without branches, which compilers turn into
// vector code where there is any, and which do the same everywhere.
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>

#include "matching/pool.h"
#include "matching/price_key.h"

namespace bourse::matching {

namespace internal {

// 32 bytes of integers, on which compilers compute at once, or in parts.
template <typename T>
struct Lanes {
  static constexpr std::uint32_t kCount = 32 / sizeof(T);
  using Vector [[gnu::vector_size(32)]] = T;

  [[gnu::always_inline]] static void Load(const T* from, Vector& to) {
    std::memcpy(&to, from, sizeof(to));
  }
  // The lanes from `position` on are taken from `moved`, the others from `kept`.
  [[gnu::always_inline]] static void Store(const Vector& kept, const Vector& moved,
                                           std::uint32_t first, std::uint32_t position, T* to) {
    Vector index;
    for (std::uint32_t i = 0; i < kCount; ++i) index[i] = static_cast<T>(first + i);
    const Vector from = Vector{} + static_cast<T>(position);
    const Vector result = index >= from ? moved : kept;
    std::memcpy(to, &result, sizeof(result));
  }
};

// Moves the items from `position` on up by one; the last one is lost.
template <typename T, std::uint32_t kSize>
[[gnu::always_inline]] inline void MoveUp(T (&items)[kSize], std::uint32_t position) {
  using L = Lanes<T>;
  typename L::Vector kept;
  typename L::Vector moved;
  for (std::uint32_t first = kSize - L::kCount; first > 0; first -= L::kCount) {
    L::Load(items + first, kept);
    L::Load(items + first - 1, moved);
    L::Store(kept, moved, first, position, items + first);
  }
  L::Load(items, kept);
  moved = kept;
  for (std::uint32_t i = 1; i < L::kCount; ++i) moved[i] = kept[i - 1];
  L::Store(kept, moved, 0, position, items);
}

// Moves the items after `position` down by one; the last one stays as well.
template <typename T, std::uint32_t kSize>
[[gnu::always_inline]] inline void MoveDown(T (&items)[kSize], std::uint32_t position) {
  using L = Lanes<T>;
  typename L::Vector kept;
  typename L::Vector moved;
  constexpr std::uint32_t kLast = kSize - L::kCount;
  for (std::uint32_t first = 0; first < kLast; first += L::kCount) {
    L::Load(items + first, kept);
    L::Load(items + first + 1, moved);
    L::Store(kept, moved, first, position, items + first);
  }
  L::Load(items + kLast, kept);
  moved = kept;
  for (std::uint32_t i = 0; i + 1 < L::kCount; ++i) moved[i] = kept[i + 1];
  L::Store(kept, moved, kLast, position, items + kLast);
}

}  // namespace internal

struct alignas(64) TreeBlock {
  static constexpr std::uint32_t kCapacity = 31;
  static constexpr PriceKey kUnused = std::numeric_limits<PriceKey>::max();

  PriceKey keys[kCapacity + 1];          // ascending; unused ones, and the last: kUnused
  std::uint32_t handles[kCapacity + 1];  // the last is the number of entries

  [[nodiscard]] std::uint32_t count() const { return handles[kCapacity]; }

  void Reset() {
    for (PriceKey& key : keys) key = kUnused;
    set_count(0);
  }

  // How many keys are less than `key`: where it stands, or would stand.
  [[nodiscard]] std::uint32_t Rank(PriceKey key) const {
    std::uint64_t rank = 0;
    for (const PriceKey other : keys) rank += other < key ? 1 : 0;
    return static_cast<std::uint32_t>(rank);
  }

  // REQUIRES: the block is not full, and position ≤ count().
  void InsertAt(std::uint32_t position, PriceKey key, std::uint32_t handle) {
    const std::uint32_t entries = count() + 1;
    internal::MoveUp(keys, position);
    internal::MoveUp(handles, position);
    keys[position] = key;
    handles[position] = handle;
    set_count(entries);
  }

  // REQUIRES: position < count().
  void EraseAt(std::uint32_t position) {
    const std::uint32_t entries = count() - 1;
    internal::MoveDown(keys, position);
    internal::MoveDown(handles, position);
    keys[entries] = kUnused;
    set_count(entries);
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
  void set_count(std::uint32_t count) { handles[kCapacity] = count; }
};
static_assert(sizeof(TreeBlock) == 384);

using BlockPool = Pool<TreeBlock, 32, 8>;

}  // namespace bourse::matching
