#include "matching/book_side.h"

#include <algorithm>
#include <limits>

#include "common/check.h"

namespace bourse::matching {

std::uint32_t BookSide::FindOrAddInTree(Pools& pools, std::uint32_t market, PriceKey key) {
  const PriceTree::Place place = tree_.Find(pools.blocks, key);
  std::uint32_t level = place.level();
  if (level == 0) {
    level = pools.nodes.NewLevel(market, key);
    tree_.Insert(pools.blocks, place, key, level);
    if (key > best_.key) best_ = {key, level};
  }
  EarnCredit(pools, key);
  return level;
}

void BookSide::EarnCredit(Pools& pools, PriceKey key) {
  if (OffsetOf(best_.key, key) >= kBelowBest) return;
  const std::uint32_t leaving = window_ == nullptr ? 0 : window_->count();
  if (++credit_ < kMoveCost + kLevelCost * leaving) return;
  credit_ = 0;
  // Keys that would be out of range stand for no price, so the window ends there.
  constexpr PriceKey kLowest = std::numeric_limits<PriceKey>::min();
  constexpr PriceKey kHighest = std::numeric_limits<PriceKey>::max() - PriceWindow::kWidth + 1;
  const PriceKey base =
      best_.key < kLowest + kBelowBest ? kLowest : std::min(best_.key - kBelowBest, kHighest);
  if (WouldHoldEnough(pools, base)) MoveWindow(pools, base);
}

// Whether kNewWindowMin levels have keys from `base` on, counted down from the best.
bool BookSide::WouldHoldEnough(const Pools& pools, PriceKey base) const {
  PriceTree::Entry entry = best_;
  for (std::uint32_t i = 1; i < kNewWindowMin; ++i) {
    entry = Below(pools, entry.key);
    if (entry.level == 0 || entry.key < base) return false;
  }
  return true;
}

void BookSide::MoveWindow(Pools& pools, PriceKey base) {
  const std::vector<PriceTree::Entry> staying = EmptyWindow(pools, base);
  if (window_ == nullptr) window_ = std::make_unique<PriceWindow>();
  window_base_ = base;
  window_width_ = PriceWindow::kWidth;
  for (const auto& [key, level] : staying) window_->Set(OffsetOf(key, base), level);
  FillWindow(pools);
}

void BookSide::DropWindow(Pools& pools) {
  for (const auto& [key, level] : EmptyWindow(pools, window_base_)) {
    tree_.Insert(pools.blocks, tree_.Find(pools.blocks, key), key, level);
  }
  window_.reset();
  window_width_ = 0;
  credit_ = 0;
}

// Takes all levels out of the window: those that would also stand in one at
// `base` are returned, the others move to the tree.
std::vector<PriceTree::Entry> BookSide::EmptyWindow(Pools& pools, PriceKey base) {
  std::vector<PriceTree::Entry> staying;
  if (window_ == nullptr) return staying;
  levels_moved_ += window_->count();
  for (std::uint32_t offset = window_->Highest(); offset != PriceWindow::kNone;
       offset = window_->HighestBelow(offset)) {
    const std::uint32_t level = window_->level(offset);
    const PriceKey key = window_base_ + static_cast<PriceKey>(offset);
    window_->Clear(offset);
    if (OffsetOf(key, base) < PriceWindow::kWidth) {
      staying.push_back({key, level});
    } else {
      tree_.Insert(pools.blocks, tree_.Find(pools.blocks, key), key, level);
    }
  }
  return staying;
}

// Moves the tree's levels of the window's range into it.
void BookSide::FillWindow(Pools& pools) {
  constexpr PriceKey kLastOffset = PriceWindow::kWidth - 1;
  const PriceKey last = window_base_ + kLastOffset;
  PriceTree::Entry entry = tree_.best();
  if (entry.key > last) {
    const std::uint32_t level = tree_.Find(pools.blocks, last).level();
    entry = level != 0 ? PriceTree::Entry{last, level} : tree_.Below(pools.blocks, last);
  }
  while (entry.level != 0 && entry.key >= window_base_) {
    tree_.Erase(pools.blocks, entry.key);
    window_->Set(OffsetOf(entry.key, window_base_), entry.level);
    ++levels_moved_;
    entry = tree_.Below(pools.blocks, entry.key);
  }
}

PriceTree::Entry BookSide::Below(const Pools& pools, PriceKey key) const {
  PriceTree::Entry entry = tree_.Below(pools.blocks, key);
  if (window_ == nullptr || key <= window_base_) return entry;
  const std::uint64_t end = std::min<std::uint64_t>(OffsetOf(key, window_base_), window_width_);
  const std::uint32_t offset = window_->HighestBelow(static_cast<std::uint32_t>(end));
  if (offset == PriceWindow::kNone) return entry;
  const PriceKey window_key = window_base_ + static_cast<PriceKey>(offset);
  if (window_key > entry.key) entry = {window_key, window_->level(offset)};
  return entry;
}

}  // namespace bourse::matching
