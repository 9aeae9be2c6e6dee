#include "ledger/state_tree_sort.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "common/check.h"

namespace bourse::ledger {
namespace {

std::uint64_t Top(const Hash256& place) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < 8; ++i) out = out << 8 | place.bytes[i];
  return out;
}

}  // namespace

bool SortedChanges::Less(const Item& a, const Item& b) const {
  if (a.top != b.top) return a.top < b.top;
  return changes_[a.index].place < changes_[b.index].place;
}

// Places are spread evenly, so one pass by as many bits as there are changes leaves groups of one
// or two, which are then sorted; whatever the places are, that costs no more than sorting.
void SortedChanges::Scatter() {
  const int bits = std::clamp(static_cast<int>(std::bit_width(unsorted_.size())), 1, 16);
  const int shift = 64 - bits;
  starts_.assign((std::size_t{1} << bits) + 1, 0);
  for (const Item& item : unsorted_) ++starts_[(item.top >> shift) + 1];
  for (std::size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
  items_.resize(unsorted_.size());
  for (const Item& item : unsorted_) items_[starts_[item.top >> shift]++] = item;

  const auto less = [this](const Item& a, const Item& b) { return Less(a, b); };
  std::uint32_t begin = 0;
  for (std::size_t i = 0; i + 1 < starts_.size(); ++i) {
    const std::uint32_t end = starts_[i];  // moved on from the group's beginning to its end
    if (end - begin > 1) std::sort(items_.begin() + begin, items_.begin() + end, less);
    begin = end;
  }
}

void SortedChanges::Sort(std::span<const StateTree::Change> changes) {
  CHECK(changes.size() <= std::numeric_limits<std::uint32_t>::max());
  changes_ = changes;
  unsorted_.clear();
  for (std::size_t i = 0; i < changes.size(); ++i) {
    unsorted_.push_back({Top(changes[i].place), static_cast<std::uint32_t>(i)});
  }
  Scatter();
  for (std::size_t i = 1; i < items_.size(); ++i) CHECK(Less(items_[i - 1], items_[i]));
}

}  // namespace bourse::ledger
