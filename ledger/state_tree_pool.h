// Where the state tree's parts live: pools of equal blocks, named by 32-bit links.
//
// A node's children are 16 bytes of links and, in a pool of their own, 128 bytes of hashes: what
// finds a place reads only the links, and a node is hashed where it lies. A bucket takes just the
// room of its leaves. In a large tree that is about 90 bytes a record.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <vector>

#include "common/check.h"
#include "ledger/state_tree_hash.h"

namespace bourse::ledger {

// What a node's child is: nothing, a bucket of 1 to 4 leaves, or a node.
class TreeLink {
 public:
  static constexpr std::uint32_t kMaxIndex = (1u << 29) - 1;

  constexpr TreeLink() = default;
  static TreeLink Node(std::uint32_t index) { return TreeLink(kNode << 29 | index); }
  static TreeLink Bucket(std::size_t leaves, std::uint32_t index) {
    return TreeLink(static_cast<std::uint32_t>(leaves) << 29 | index);
  }

  [[nodiscard]] bool is_node() const { return bits_ >> 29 == kNode; }
  // Leaves of a bucket; 0 if there is nothing. REQUIRES: !is_node().
  [[nodiscard]] std::size_t leaves() const { return bits_ >> 29; }
  [[nodiscard]] std::uint32_t index() const { return bits_ & kMaxIndex; }

 private:
  static constexpr std::uint32_t kNode = 5;
  explicit TreeLink(std::uint32_t bits) : bits_(bits) {}
  std::uint32_t bits_ = 0;
};
static_assert(sizeof(TreeLink) == 4);

using TreeLinks = std::array<TreeLink, kTreeArity>;

// Blocks of kItems values of T, which never move. Freed ones are used again, the last first.
template <typename T, std::size_t kItems = 1>
class TreePool {
 public:
  // Values that are as T() makes them.
  [[nodiscard]] std::uint32_t Allocate() {
    std::uint32_t index = next_;
    if (!free_.empty()) {
      index = free_.back();
      free_.pop_back();
    } else {
      CHECK(next_ <= TreeLink::kMaxIndex);
      if (next_ % kChunk == 0) chunks_.push_back(MakeChunk());
      ++next_;
    }
    for (std::size_t i = 0; i < kItems; ++i) new (Get(index) + i) T();
    return index;
  }
  void Free(std::uint32_t index) { free_.push_back(index); }

  [[nodiscard]] T* Get(std::uint32_t index) const {
    return chunks_[index / kChunk].get() + std::size_t{index % kChunk} * kItems;
  }

 private:
  static_assert(std::is_trivially_destructible_v<T>);
  static constexpr std::size_t kChunk = 16'384;  // blocks
  // So that a block of 64 or 128 bytes lies in one or two of the processor's cache lines.
  static constexpr std::size_t kAlignment = 128;

  struct Release {
    void operator()(T* chunk) const { std::free(chunk); }
  };
  using Chunk = std::unique_ptr<T[], Release>;

  // Not cleared: the system gives it memory as it is first used.
  static Chunk MakeChunk() {
    void* memory = std::aligned_alloc(kAlignment, kChunk * kItems * sizeof(T));
    CHECK(memory != nullptr);
    return Chunk(static_cast<T*>(memory));
  }

  std::vector<Chunk> chunks_;
  std::vector<std::uint32_t> free_;
  std::uint32_t next_ = 0;
};

// The nodes and buckets of one tree.
class TreeParts {
 public:
  [[nodiscard]] std::uint32_t AllocateNode() {
    const std::uint32_t index = links_.Allocate();
    CHECK(hashes_.Allocate() == index);  // the two go hand in hand
    return index;
  }
  void FreeNode(std::uint32_t node) {
    links_.Free(node);
    hashes_.Free(node);
  }
  [[nodiscard]] TreeLinks& Links(std::uint32_t node) const { return *links_.Get(node); }
  [[nodiscard]] TreeChildren& Hashes(std::uint32_t node) const { return *hashes_.Get(node); }

  // A bucket of 1 to 4 leaves; 0 gives the empty link.
  [[nodiscard]] TreeLink MakeBucket(std::span<const TreeLeaf> leaves);
  void FreeBucket(TreeLink bucket);
  [[nodiscard]] std::span<TreeLeaf> Leaves(TreeLink bucket) const;

  void PrefetchLinks(std::uint32_t node) const { __builtin_prefetch(links_.Get(node)); }
  void PrefetchHashes(std::uint32_t node) const {
    const TreeChildren* hashes = hashes_.Get(node);
    __builtin_prefetch(hashes->data(), 1);
    __builtin_prefetch(hashes->data() + 2, 1);
  }
  void PrefetchLeaves(TreeLink bucket) const {
    for (TreeLeaf& leaf : Leaves(bucket)) __builtin_prefetch(&leaf, 1);
  }

 private:
  TreePool<TreeLinks> links_;
  TreePool<TreeChildren> hashes_;
  TreePool<TreeLeaf, 1> ones_;
  TreePool<TreeLeaf, 2> twos_;
  TreePool<TreeLeaf, 3> threes_;
  TreePool<TreeLeaf, 4> fours_;
};

}  // namespace bourse::ledger
