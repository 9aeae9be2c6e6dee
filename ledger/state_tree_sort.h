// A block's changes in the order of their places.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ledger/state_tree.h"
#include "ledger/state_tree_hash.h"

namespace bourse::ledger {

class SortedChanges {
 public:
  // REQUIRES: no place twice. `changes` must outlive the use of what follows.
  void Sort(std::span<const StateTree::Change> changes);

  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] const StateTree::Change& operator[](std::size_t i) const {
    return changes_[items_[i].index];
  }
  // Of the place of change `i`; most of the time without reading the place itself.
  [[nodiscard]] unsigned Digit(std::size_t i, int depth) const {
    if (depth < 32) return static_cast<unsigned>(items_[i].top >> (62 - 2 * depth)) & 3u;
    return TreeDigit((*this)[i].place, depth);
  }
  void Prefetch(std::size_t i) const {
    const auto* change = reinterpret_cast<const char*>(&(*this)[i]);
    __builtin_prefetch(change);
    __builtin_prefetch(change + sizeof(StateTree::Change) - 1);
  }

 private:
  struct Item {
    std::uint64_t top;  // the place's first eight bytes
    std::uint32_t index;
  };
  void Scatter();
  [[nodiscard]] bool Less(const Item& a, const Item& b) const;

  std::span<const StateTree::Change> changes_;
  std::vector<Item> unsorted_, items_;
  std::vector<std::uint32_t> starts_;
};

}  // namespace bourse::ledger
