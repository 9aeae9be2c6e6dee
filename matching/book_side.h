// The price levels of one side of a book: finds the level of a price, and the
// best one, at any 64-bit price.
//
//    worse ◄────────────────────────────────────────► better
//      tree        │      window, 4,096 ticks     │  tree
//    ··•···•··•····│·•··••·•·•••••••••••••●       │
//                                         best
//
// Most orders come near the best price. There a window answers in a few
// instructions; the tree keeps all other levels. Wherever the window stands, the
// results are the same: it is a cache that has moved in, not a rule.
//
// When does it move? A request near the best price that the tree had to serve
// earns one credit; moving costs 64 credits and four for each level that would
// leave the window. So each level that moves was paid for: one that leaves by a
// request of its own, one that enters by what it will owe when it leaves. Nobody
// can have more than about half a level moved for each order he places, wherever
// he places them. Requests far from the best price earn nothing: the window
// would not serve them anyway.
//
// A side has no window until 16 levels would stand in it, and gives it back when
// fewer than 8 do: then its memory (17 KiB) follows the orders, and a market
// without orders has none.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "matching/node_pool.h"
#include "matching/prefetch.h"
#include "matching/price_key.h"
#include "matching/price_tree.h"
#include "matching/price_window.h"

namespace bourse::matching {

// What the books of an engine share.
struct Pools {
  NodePool nodes;
  BlockPool blocks;
};

// Movable; not thread-safe. All calls are given the same pools.
class alignas(64) BookSide {
 public:
  // Of the best level; kNoKey if there is none.
  [[nodiscard]] PriceKey best_key() const { return best_.key; }
  // REQUIRES: there is one.
  [[nodiscard]] std::uint32_t best_level() const { return best_.level; }

  // Both; level 0 if there is none.
  [[nodiscard]] PriceTree::Entry best() const { return best_; }

  // The level of a key, which is made if there is none. Its owner then adds an
  // order to it.
  std::uint32_t FindOrAdd(Pools& pools, std::uint32_t market, PriceKey key) {
    const std::uint64_t offset = OffsetOf(key, window_base_);
    if (offset >= window_width_) [[unlikely]]
      return FindOrAddInTree(pools, market, key);
    const std::uint32_t level = window_->level(offset);
    return level != 0 ? level : AddToWindow(pools, market, key);
  }

  // Removes and frees a level. REQUIRES: it is of this side, and has no orders.
  [[gnu::always_inline]] void Remove(Pools& pools, std::uint32_t level) {
    const PriceKey key = pools.nodes[level].key;
    pools.nodes.Free(level);
    const std::uint64_t offset = OffsetOf(key, window_base_);
    if (offset < window_width_) [[likely]] {
      window_->Clear(offset);
      if (window_->count() < kWindowMin) [[unlikely]]
        DropWindow(pools);
    } else {
      tree_.Erase(pools.blocks, key);
    }
    if (key == best_.key) FindBest(pools);
  }

  // The best level whose key is less than `key`; level 0 if there is none.
  [[nodiscard]] PriceTree::Entry Below(const Pools& pools, PriceKey key) const;

  // Hints that an order at `key` will come, or come or leave, soon; 0 is no key.
  // Few branches, and those the same way for long: trees that stay in the cache
  // anyway are left alone.
  void PrefetchInWindow(const Pools& pools, PriceKey key) const {
    if (window_ == nullptr) return;
    const std::uint64_t offset = OffsetOf(key, window_base_);
    Prefetch(&pools.nodes[window_->level(offset < PriceWindow::kWidth ? offset : 0)]);
  }
  void PrefetchInTree(const Pools& pools, PriceKey key) const {
    if (tree_.height() <= kCachedHeight) return;
    if (OffsetOf(key, window_base_) >= window_width_ && key != 0) tree_.Prefetch(pools.blocks, key);
  }

  // For tests of the policy above.
  [[nodiscard]] bool has_window() const { return window_ != nullptr; }
  [[nodiscard]] std::uint64_t levels_moved() const { return levels_moved_; }

 private:
  static constexpr std::uint32_t kMoveCost = 64;      // credits for a move of nothing
  static constexpr std::uint32_t kLevelCost = 4;      // more, for each level that leaves
  static constexpr std::uint32_t kWindowMin = 8;      // levels that keep a window
  static constexpr std::uint32_t kNewWindowMin = 16;  // levels that bring one
  static constexpr std::uint32_t kCachedHeight = 2;   // at most 3,969 levels
  // How much of the window is below the best price, when it has just moved.
  static constexpr std::uint32_t kBelowBest = PriceWindow::kWidth / 4 * 3;

  std::uint32_t AddToWindow(Pools& pools, std::uint32_t market, PriceKey key) {
    const std::uint32_t level = pools.nodes.NewLevel(market, key);
    window_->Set(OffsetOf(key, window_base_), level);
    if (key > best_.key) best_ = {key, level};
    return level;
  }

  void FindBest(const Pools& pools) {
    PriceTree::Entry best = tree_.best();
    if (window_ != nullptr) {
      const std::uint32_t offset = window_->Highest();
      const PriceKey key = window_base_ + static_cast<PriceKey>(offset);
      if (key > best.key) best = {key, window_->level(offset)};
    }
    best_ = best;
    Prefetch(&pools.nodes[best_.level]);  // the next taker's way begins there
  }

  std::uint32_t FindOrAddInTree(Pools& pools, std::uint32_t market, PriceKey key);
  void EarnCredit(Pools& pools, PriceKey key);
  void MoveWindow(Pools& pools, PriceKey base);
  void FillWindow(Pools& pools);
  std::vector<PriceTree::Entry> EmptyWindow(Pools& pools, PriceKey base);
  void DropWindow(Pools& pools);
  [[nodiscard]] bool WouldHoldEnough(const Pools& pools, PriceKey base) const;

  PriceTree::Entry best_;
  PriceKey window_base_ = 0;
  std::uint32_t window_width_ = 0;  // 0: there is no window
  std::uint32_t credit_ = 0;
  std::unique_ptr<PriceWindow> window_;
  PriceTree tree_;
  std::uint64_t levels_moved_ = 0;
};

}  // namespace bourse::matching
