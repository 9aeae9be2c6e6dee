#include "matching/price_tree.h"

#include "common/check.h"
#include "matching/prefetch.h"

namespace bourse::matching {
namespace {

constexpr std::uint32_t kCapacity = TreeBlock::kCapacity;
// A block with fewer entries is merged with a neighbour, if both together leave
// room: many changes lie between a merge and the next split of the same block.
constexpr std::uint32_t kMergeBelow = kCapacity / 4;
constexpr std::uint32_t kMergedMax = kCapacity * 3 / 4;

std::uint32_t NewBlock(BlockPool& blocks) {
  const std::uint32_t block = blocks.Allocate();
  blocks[block].Reset();
  return block;
}

}  // namespace

PriceTree::Place PriceTree::Find(const BlockPool& blocks, PriceKey key) const {
  Place place;
  if (height_ == 0) return place;
  std::uint32_t block = root_;
  for (std::uint32_t floor = 0; floor + 1 < height_; ++floor) {
    const std::uint32_t child = blocks[block].Rank(key);
    place.steps_[floor] = {block, child};
    block = blocks[block].handles[child];
  }
  const TreeBlock& leaf = blocks[block];
  const std::uint32_t position = leaf.Rank(key);
  place.steps_[height_ - 1] = {block, position};
  if (position < leaf.count() && leaf.keys[position] == key) place.level_ = leaf.handles[position];
  return place;
}

void PriceTree::Insert(BlockPool& blocks, const Place& place, PriceKey key, std::uint32_t level) {
  CHECK(place.level_ == 0);
  if (key > best_.key) best_ = {key, level};
  if (height_ == 0) {
    root_ = NewBlock(blocks);
    height_ = 1;
    blocks[root_].InsertAt(0, key, level);
    return;
  }
  const Place::Step& step = place.steps_[height_ - 1];
  if (blocks[step.block].count() < kCapacity) {
    blocks[step.block].InsertAt(step.position, key, level);
  } else {
    SplitUp(blocks, place, key, level);
  }
}

// Inserts an entry into a full leaf: splits it, and what is full above it.
void PriceTree::SplitUp(BlockPool& blocks, const Place& place, PriceKey key, std::uint32_t handle) {
  std::uint32_t floor = height_ - 1;
  while (true) {
    const auto [block, position] = place.steps_[floor];
    if (blocks[block].count() < kCapacity) {
      blocks[block].InsertAt(position, key, handle);
      return;
    }
    // The upper half moves to a new block, to the right.
    constexpr std::uint32_t kHalf = (kCapacity + 1) / 2;
    const std::uint32_t upper = NewBlock(blocks);
    blocks[block].MoveTailTo(kHalf, &blocks[upper]);
    if (position <= kHalf) {
      blocks[block].InsertAt(position, key, handle);
    } else {
      blocks[upper].InsertAt(position - kHalf, key, handle);
    }
    // What the parent has to learn: the lower block ends here. The parent's
    // entry for what was one block becomes the upper one's, key and all.
    TreeBlock& lower = blocks[block];
    const PriceKey separator = lower.keys[lower.count() - 1];
    if (floor + 1 < height_) lower.keys[lower.count() - 1] = TreeBlock::kUnused;
    if (floor == 0) {
      CHECK(height_ < kMaxHeight);
      const std::uint32_t root = NewBlock(blocks);
      blocks[root].InsertAt(0, separator, block);
      blocks[root].InsertAt(1, TreeBlock::kUnused, upper);
      root_ = root;
      ++height_;
      return;
    }
    --floor;
    const auto [parent, child] = place.steps_[floor];
    blocks[parent].handles[child] = upper;
    key = separator;
    handle = block;
  }
}

void PriceTree::Erase(BlockPool& blocks, PriceKey key) {
  const Place place = Find(blocks, key);
  CHECK(place.level_ != 0);
  const auto [leaf, position] = place.steps_[height_ - 1];
  blocks[leaf].EraseAt(position);
  if (blocks[leaf].count() < kMergeBelow) ShrinkUp(blocks, place);
  if (key == best_.key) best_ = Last(blocks);
}

// Merges blocks that have few entries with a neighbour, and removes empty ones,
// from the leaf up.
void PriceTree::ShrinkUp(BlockPool& blocks, const Place& place) {
  for (std::uint32_t floor = height_ - 1; floor > 0; --floor) {
    const auto [parent_block, child] = place.steps_[floor - 1];
    TreeBlock& parent = blocks[parent_block];
    const std::uint32_t count = blocks[parent.handles[child]].count();
    if (count >= kMergeBelow) return;
    if (count == 0) {
      RemoveChild(blocks, parent, child);
      continue;
    }
    const bool merged = (child + 1 < parent.count() && MergeChild(blocks, parent, child)) ||
                        (child > 0 && MergeChild(blocks, parent, child - 1));
    if (!merged) return;
  }
  LowerRoot(blocks);
}

// Takes the floors away that have one block with one child, or none.
void PriceTree::LowerRoot(BlockPool& blocks) {
  while (height_ > 1 && blocks[root_].count() == 1) {
    const std::uint32_t child = blocks[root_].handles[0];
    blocks.Free(root_);
    root_ = child;
    --height_;
  }
  if (blocks[root_].count() > 0) return;
  blocks.Free(root_);
  root_ = 0;
  height_ = 0;
}

void PriceTree::RemoveChild(BlockPool& blocks, TreeBlock& parent, std::uint32_t child) {
  blocks.Free(parent.handles[child]);
  parent.EraseAt(child);
  if (parent.count() > 0) parent.keys[parent.count() - 1] = TreeBlock::kUnused;
}

// Moves all entries of the child after `left` into it, if they leave room.
bool PriceTree::MergeChild(BlockPool& blocks, TreeBlock& parent, std::uint32_t left) {
  const std::uint32_t right_block = parent.handles[left + 1];
  TreeBlock& lower = blocks[parent.handles[left]];
  TreeBlock& upper = blocks[right_block];
  if (lower.count() + upper.count() > kMergedMax) return false;
  // An inner block's last key says "and all beyond"; now it ends where its
  // parent says. (A leaf's last key can't be that, as the upper leaf's are greater.)
  PriceKey& last = lower.keys[lower.count() - 1];
  if (last == TreeBlock::kUnused) last = parent.keys[left];
  upper.MoveTailTo(0, &lower);
  const PriceKey separator = parent.keys[left + 1];
  parent.EraseAt(left + 1);
  parent.keys[left] = separator;
  blocks.Free(right_block);
  return true;
}

PriceTree::Entry PriceTree::Last(const BlockPool& blocks) const {
  if (height_ == 0) return {};
  std::uint32_t block = root_;
  for (std::uint32_t floor = 1; floor < height_; ++floor) {
    block = blocks[block].handles[blocks[block].count() - 1];
  }
  const TreeBlock& leaf = blocks[block];
  return {leaf.keys[leaf.count() - 1], leaf.handles[leaf.count() - 1]};
}

PriceTree::Entry PriceTree::Below(const BlockPool& blocks, PriceKey key) const {
  if (height_ == 0) return {};
  const Place place = Find(blocks, key);
  for (std::uint32_t floor = height_; floor > 0; --floor) {
    const auto [start, position] = place.steps_[floor - 1];
    if (position == 0) continue;
    // Left of the way down: the last entry of the subtree there.
    std::uint32_t block = start;
    std::uint32_t entry = position - 1;
    for (std::uint32_t below = floor; below < height_; ++below) {
      block = blocks[block].handles[entry];
      entry = blocks[block].count() - 1;
    }
    return {blocks[block].keys[entry], blocks[block].handles[entry]};
  }
  return {};
}

void PriceTree::Prefetch(const BlockPool& blocks, PriceKey key) const {
  if (height_ == 0) return;
  std::uint32_t block = root_;
  for (std::uint32_t floor = 1; floor < height_; ++floor) {
    block = blocks[block].handles[blocks[block].Rank(key)];
  }
  const auto* bytes = reinterpret_cast<const char*>(&blocks[block]);
  for (std::size_t line = 0; line < sizeof(TreeBlock); line += 64) matching::Prefetch(bytes + line);
}

}  // namespace bourse::matching
