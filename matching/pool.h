// A pool of small items behind 32-bit handles, that gives memory back.
//
// Items stand in chunks of a contiguous region. A chunk whose items are all free
// is released to the system, but for one that is kept as a spare. No pattern of
// calls can make a chunk come and go often: a released chunk is used again only
// when all others are full, so thousands of allocations lie between.
//
// In front of the chunks is a small stack of handles freed last. They are given
// out again first, while they are still in the processor's cache, and most calls
// touch nothing else. It can keep as many chunks from being released as it has
// handles; so can as many items in use, of course, as handles never move.
//
// Which handle comes next is a function of the calls so far. Handle 0 is never
// given out. A reference to an item is good until the next Allocate().
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/check.h"
#include "matching/memory_region.h"

namespace bourse::matching {

// `kChunkItems` items, a power of two, make a chunk; the stack has `kRecent`
// handles, an even number. Movable; not thread-safe.
template <typename T, std::uint32_t kChunkItems, std::uint32_t kRecent>
class Pool {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) >= sizeof(std::uint32_t));
  static_assert(sizeof(T) * kChunkItems % 4096 == 0, "a chunk is whole pages");

 public:
  // Handles stay below it, so that a caller has a bit to spare.
  static constexpr std::uint32_t kMaxItems = std::uint32_t{1} << 31;

  Pool() { AddChunk(); }

  T& operator[](std::uint32_t handle) { return items()[handle]; }
  const T& operator[](std::uint32_t handle) const { return items()[handle]; }

  // Hands out an item, whose content is anything.
  std::uint32_t Allocate() {
    if (recent_count_ == 0) [[unlikely]]
      Refill();
    return recent_[--recent_count_];
  }

  // Takes an item back. Its first four bytes may change, now or later.
  void Free(std::uint32_t handle) {
    if (recent_count_ == kRecent) [[unlikely]]
      Spill();
    recent_[recent_count_++] = handle;
  }

  // More than any handle ever given out.
  [[nodiscard]] std::uint32_t limit() const { return limit_; }

  // Items given out: for tests, as it looks at every chunk.
  [[nodiscard]] std::size_t CountItems() const {
    std::size_t used = 0;
    for (const Chunk& chunk : chunks_) used += chunk.used;
    return used - 1 - recent_count_;
  }

  // Memory of the chunks in use and the spare one.
  [[nodiscard]] std::size_t memory_bytes() const {
    return (chunks_.size() - released_.size()) * kChunkBytes;
  }

 private:
  static constexpr std::size_t kChunkBytes = sizeof(T) * kChunkItems;
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  struct Chunk {
    std::uint32_t first_free = 0;    // list through the items' first bytes; 0 ends it
    std::uint32_t fresh = 0;         // items from here on were never used
    std::uint32_t used = 0;          // given out, or among the recent
    std::uint32_t previous = kNone;  // in the list of open chunks: those with
    std::uint32_t next = kNone;      // both used and free items
  };

  [[nodiscard]] T* items() const { return reinterpret_cast<T*>(region_.data()); }

  // Fills half of the recent stack, lower handles on top.
  [[gnu::noinline]] void Refill() {
    std::array<std::uint32_t, kRecent / 2> taken;
    for (std::uint32_t& handle : taken) handle = TakeFromChunks();
    for (std::size_t i = taken.size(); i > 0; --i) recent_[recent_count_++] = taken[i - 1];
  }

  // Returns the older half of the recent stack to the chunks.
  [[gnu::noinline]] void Spill() {
    constexpr std::uint32_t kHalf = kRecent / 2;
    for (std::uint32_t i = 0; i < kHalf; ++i) ReturnToChunk(recent_[i]);
    std::copy(recent_.begin() + kHalf, recent_.end(), recent_.begin());
    recent_count_ -= kHalf;
  }

  std::uint32_t TakeFromChunks() {
    if (open_ == kNone) OpenChunk();
    const std::uint32_t index = open_;
    Chunk& chunk = chunks_[index];
    std::uint32_t handle = chunk.first_free;
    if (handle != 0) {
      std::memcpy(&chunk.first_free, &items()[handle], sizeof(handle));
    } else {
      handle = index * kChunkItems + chunk.fresh++;
      limit_ = std::max(limit_, handle + 1);
    }
    if (++chunk.used == kChunkItems) Unlink(index);
    return handle;
  }

  void ReturnToChunk(std::uint32_t handle) {
    const std::uint32_t index = handle / kChunkItems;
    Chunk& chunk = chunks_[index];
    CHECK(chunk.used > 0);
    if (chunk.used-- == kChunkItems) Link(index);
    std::memcpy(static_cast<void*>(&items()[handle]), &chunk.first_free, sizeof(handle));
    chunk.first_free = handle;
    if (chunk.used == 0) RetireChunk(index);
  }

  // Makes a chunk open where none is: the spare, a released or a new one.
  void OpenChunk() {
    if (spare_ != kNone) {
      Link(std::exchange(spare_, kNone));
    } else if (!released_.empty()) {
      Link(released_.back());
      released_.pop_back();
    } else {
      AddChunk();
    }
  }

  void AddChunk() {
    CHECK(chunks_.size() < kMaxItems / kChunkItems);
    region_.GrowTo((chunks_.size() + 1) * kChunkBytes);
    Chunk chunk;
    if (chunks_.empty()) chunk.fresh = chunk.used = 1;  // handle 0 is nobody's
    chunks_.push_back(chunk);
    Link(static_cast<std::uint32_t>(chunks_.size() - 1));
  }

  // Takes a chunk without used items out of service.
  void RetireChunk(std::uint32_t index) {
    Unlink(index);
    chunks_[index] = Chunk{};
    if (spare_ == kNone) {
      spare_ = index;
      return;
    }
    released_.push_back(index);
    region_.Release(index * kChunkBytes, kChunkBytes);
  }

  void Link(std::uint32_t index) {
    chunks_[index].previous = kNone;
    chunks_[index].next = open_;
    if (open_ != kNone) chunks_[open_].previous = index;
    open_ = index;
  }

  void Unlink(std::uint32_t index) {
    const Chunk& chunk = chunks_[index];
    (chunk.previous == kNone ? open_ : chunks_[chunk.previous].next) = chunk.next;
    if (chunk.next != kNone) chunks_[chunk.next].previous = chunk.previous;
  }

  MemoryRegion region_;
  std::uint32_t recent_count_ = 0;
  std::array<std::uint32_t, kRecent> recent_;
  std::uint32_t limit_ = 1;
  std::uint32_t open_ = kNone;   // first open chunk
  std::uint32_t spare_ = kNone;  // an empty chunk that keeps its memory
  std::vector<std::uint32_t> released_;
  std::vector<Chunk> chunks_;
};

}  // namespace bourse::matching
