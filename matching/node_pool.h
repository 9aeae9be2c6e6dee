// Orders and price levels: nodes of 32 bytes, two to a cache line, linked by
// 32-bit handles.
//
// A level is a circular list with itself as the sentinel, oldest order first:
//
//        ┌──────────────────────────────────────┐
//        ▼                                      │
//     [level] ⇄ [oldest] ⇄ [order] ⇄ [newest] ──┘
//
// Every order has two neighbours, so taking one out needs no case distinction.
#pragma once

#include <cstddef>
#include <cstdint>

#include "matching/pool.h"
#include "matching/prefetch.h"
#include "matching/price_key.h"

namespace bourse::matching {

struct alignas(32) Node {
  std::uint32_t previous;  // the older neighbour; a level's: its newest order
  std::uint32_t next;      // the newer neighbour; a level's: its oldest order
  std::uint32_t level;     // an order's level; of a level: kLevelBit and its market; free: 0
  std::uint32_t owner;     // an order's account; of a level: how many orders it has
  std::uint64_t quantity;  // what is left of an order; of a level: of all its orders
  PriceKey key;
};
static_assert(sizeof(Node) == 32);

inline constexpr std::uint32_t kLevelBit = std::uint32_t{1} << 31;

class NodePool {
 public:
  Node& operator[](std::uint32_t handle) { return pool_[handle]; }
  const Node& operator[](std::uint32_t handle) const { return pool_[handle]; }

  [[nodiscard]] bool IsOrder(std::uint32_t handle) const {
    return handle < limit() && pool_[handle].level - 1 < kLevelBit - 1;
  }
  [[nodiscard]] bool IsEmptyLevel(std::uint32_t level) const { return pool_[level].next == level; }
  [[nodiscard]] std::uint32_t MarketOf(std::uint32_t level) const {
    return pool_[level].level & ~kLevelBit;
  }

  // Makes a level without orders.
  std::uint32_t NewLevel(std::uint32_t market, PriceKey key) {
    const std::uint32_t level = pool_.Allocate();
    pool_[level] = {level, level, kLevelBit | market, 0, 0, key};
    return level;
  }

  // Appends an order to a level.
  [[gnu::always_inline]] std::uint32_t NewOrder(std::uint32_t level, std::uint32_t owner,
                                                std::uint64_t quantity) {
    const std::uint32_t order = pool_.Allocate();
    Node& head = pool_[level];
    pool_[order] = {head.previous, level, level, owner, quantity, head.key};
    pool_[head.previous].next = order;
    head.previous = order;
    head.quantity += quantity;
    ++head.owner;
    ++orders_;
    return order;
  }

  // Takes an order out of its level, and frees it.
  [[gnu::always_inline]] void RemoveOrder(std::uint32_t order) {
    Node& node = pool_[order];
    Node& head = pool_[node.level];
    head.quantity -= node.quantity;
    --head.owner;
    --orders_;
    pool_[node.previous].next = node.next;
    pool_[node.next].previous = node.previous;
    Free(order);
  }

  // Makes `first` the oldest order of a level: the `gone` orders before it have
  // been freed, and `quantity` has been taken from the level in all. `first` is
  // the level itself when none is left.
  void CutFront(std::uint32_t level, std::uint32_t first, std::uint32_t gone,
                std::uint64_t quantity) {
    Node& head = pool_[level];
    head.next = first;
    head.quantity -= quantity;
    head.owner -= gone;
    pool_[first].previous = level;
    orders_ -= gone;
  }

  void Free(std::uint32_t handle) {
    pool_[handle].level = 0;
    pool_.Free(handle);
  }

  // Hints that an order, whose node has been fetched, will be removed soon. What
  // is at `order` may be anything by now; its key is returned.
  [[nodiscard]] PriceKey PrefetchAround(std::uint32_t order) const {
    const Node& node = pool_[order];
    Prefetch(&pool_[node.previous]);
    Prefetch(&pool_[node.next]);
    Prefetch(&pool_[node.level & ~kLevelBit]);
    return node.key;
  }

  // Orders there are, of all levels.
  [[nodiscard]] std::size_t orders() const { return orders_; }
  [[nodiscard]] std::uint32_t limit() const { return pool_.limit(); }
  [[nodiscard]] std::size_t memory_bytes() const { return pool_.memory_bytes(); }

 private:
  Pool<Node, 1024, 64> pool_;
  std::size_t orders_ = 0;
};

}  // namespace bourse::matching
