#include "ledger/state_tree.h"

#include <algorithm>

#include "common/check.h"
#include "ledger/state_tree_hash.h"
#include "ledger/state_tree_pool.h"
#include "ledger/state_tree_sort.h"

namespace bourse::ledger {
namespace {

// How many steps ahead memory is asked for: about what the hashing of as many blocks takes.
constexpr std::size_t kAhead = 8;

// Above the root, so that the root is a child like any other: its first.
constexpr std::uint32_t kAboveRoot = 0;

// A child of a node, by its place there, and the changes below it: [begin, end).
struct Child {
  std::uint32_t parent;
  std::uint32_t begin, end;
  std::uint32_t slot;
};

}  // namespace

// An update goes level by level rather than path by path, so that the memory of the next nodes can
// be asked for while this one is hashed:
//
//   descend   from the root: which nodes are above changed leaves, and which buckets change
//   change    the buckets, which may grow into subtrees, whose nodes join the others
//   ascend    rehash these nodes, deepest first; one with few leaves left becomes a bucket
//
// Within a level no hash depends on another, so they are made in lanes.
class StateTree::Impl {
 public:
  Impl() { CHECK(parts_.AllocateNode() == kAboveRoot); }

  void Update(std::span<const Change> changes) {
    if (changes.empty()) return;
    sorted_.Sort(changes);
    Descend();
    ChangeBuckets();
    for (int depth = levels_ - 1; depth >= 0; --depth) Ascend(depth);
  }

  [[nodiscard]] const Hash256& root() const { return parts_.Hashes(kAboveRoot)[0]; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] StateProof Prove(const Hash256& place) const;

 private:
  struct Bucket {
    Child child;
    int depth;
  };

  TreeLink& LinkOf(const Child& child) const { return parts_.Links(child.parent)[child.slot]; }
  Hash256& HashOf(const Child& child) const { return parts_.Hashes(child.parent)[child.slot]; }

  void Descend();
  void Visit(const Child& child, int depth);
  void Split(const Child& node, int depth);

  void ChangeBuckets();
  void Prefetch(const Bucket& bucket) const;
  bool ChangeInPlace(const Bucket& bucket);
  void Merge(const Bucket& bucket);
  void Build(const Child& child, std::span<const TreeLeaf> leaves, int depth);
  void PutBucket(const Child& child, std::span<const TreeLeaf> leaves);
  void HashLeavesOf(const Child& bucket);

  void Ascend(int depth);
  bool FitsBucket(const TreeLinks& links) const;
  void Collapse(const Child& node);

  TreeParts parts_;
  std::size_t size_ = 0;

  // Of one update; kept for their memory.
  SortedChanges sorted_;
  int levels_ = 0;                                    // with nodes to rehash
  std::array<std::vector<Child>, kTreeDepth> nodes_;  // by depth: those above changed leaves
  std::vector<Bucket> buckets_;                       // those to change, or to make
  std::vector<TreeLeaf> merged_;
  HashLanes bucket_lanes_{kBucketDomain}, node_lanes_{kNodeDomain};
};

void StateTree::Impl::Descend() {
  buckets_.clear();
  nodes_[0].clear();
  Visit({kAboveRoot, 0, static_cast<std::uint32_t>(sorted_.size()), 0}, 0);
  int depth = 0;
  for (; depth < kTreeDepth && !nodes_[static_cast<std::size_t>(depth)].empty(); ++depth) {
    const std::vector<Child>& level = nodes_[static_cast<std::size_t>(depth)];
    if (depth + 1 < kTreeDepth) nodes_[static_cast<std::size_t>(depth) + 1].clear();
    for (std::size_t i = 0; i < level.size(); ++i) {
      if (i + kAhead < level.size()) parts_.PrefetchLinks(LinkOf(level[i + kAhead]).index());
      Split(level[i], depth);
    }
  }
  levels_ = depth;
}

void StateTree::Impl::Visit(const Child& child, int depth) {
  if (!LinkOf(child).is_node()) {
    buckets_.push_back({child, depth});
    return;
  }
  CHECK(depth < kTreeDepth);
  nodes_[static_cast<std::size_t>(depth)].push_back(child);
}

// Hands a node's changes on to its children.
void StateTree::Impl::Split(const Child& node, int depth) {
  const std::uint32_t index = LinkOf(node).index();
  for (std::uint32_t begin = node.begin; begin < node.end;) {
    const unsigned digit = sorted_.Digit(begin, depth);
    std::uint32_t end = begin + 1;
    while (end < node.end && sorted_.Digit(end, depth) == digit) ++end;
    Visit({index, begin, end, digit}, depth + 1);
    begin = end;
  }
}

void StateTree::Impl::Prefetch(const Bucket& bucket) const {
  parts_.PrefetchLeaves(LinkOf(bucket.child));
  parts_.PrefetchHashes(bucket.child.parent);
  sorted_.Prefetch(bucket.child.begin);
}

void StateTree::Impl::ChangeBuckets() {
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    if (i + kAhead < buckets_.size()) Prefetch(buckets_[i + kAhead]);
    if (!ChangeInPlace(buckets_[i])) Merge(buckets_[i]);
  }
  bucket_lanes_.Finish();
}

// The most frequent case: all changes are of records that are there and stay.
bool StateTree::Impl::ChangeInPlace(const Bucket& bucket) {
  const std::span<TreeLeaf> leaves = parts_.Leaves(LinkOf(bucket.child));
  auto leaf = leaves.begin();
  for (std::uint32_t i = bucket.child.begin; i < bucket.child.end; ++i, ++leaf) {
    const Change& change = sorted_[i];
    while (leaf != leaves.end() && leaf->place != change.place) ++leaf;
    if (leaf == leaves.end() || !change.leaf.has_value()) return false;
    leaf->hash = *change.leaf;
  }
  HashLeavesOf(bucket.child);
  return true;
}

void StateTree::Impl::HashLeavesOf(const Child& bucket) {
  const std::span<const TreeLeaf> leaves = parts_.Leaves(LinkOf(bucket));
  if (leaves.empty()) {
    HashOf(bucket) = {};
  } else {
    bucket_lanes_.Add({}, BytesOf(leaves), &HashOf(bucket));
  }
}

void StateTree::Impl::Merge(const Bucket& bucket) {
  const TreeLink old = LinkOf(bucket.child);
  const std::span<const TreeLeaf> leaves = parts_.Leaves(old);
  merged_.clear();
  auto leaf = leaves.begin();
  for (std::uint32_t i = bucket.child.begin; i < bucket.child.end; ++i) {
    const Change& change = sorted_[i];
    while (leaf != leaves.end() && leaf->place < change.place) merged_.push_back(*leaf++);
    if (leaf != leaves.end() && leaf->place == change.place) ++leaf;
    if (change.leaf.has_value()) merged_.push_back({change.place, *change.leaf});
  }
  merged_.insert(merged_.end(), leaf, leaves.end());

  size_ += merged_.size();
  size_ -= leaves.size();
  parts_.FreeBucket(old);
  Build(bucket.child, merged_, bucket.depth);
}

// Makes a subtree of these leaves, which are in the order of their places, as a child. Its buckets
// will be hashed with the others, and its nodes with those of their levels.
void StateTree::Impl::Build(const Child& child, std::span<const TreeLeaf> leaves, int depth) {
  if (leaves.size() <= kBucketLeaves) return PutBucket(child, leaves);
  CHECK(depth < kTreeDepth);  // or there would be a place twice
  const std::uint32_t node = parts_.AllocateNode();
  LinkOf(child) = TreeLink::Node(node);
  if (depth == levels_) nodes_[static_cast<std::size_t>(levels_++)].clear();
  nodes_[static_cast<std::size_t>(depth)].push_back(child);
  for (unsigned digit = 0; digit < kTreeArity; ++digit) {
    std::size_t count = 0;
    while (count < leaves.size() && TreeDigit(leaves[count].place, depth) == digit) ++count;
    Build({node, 0, 0, digit}, leaves.first(count), depth + 1);
    leaves = leaves.subspan(count);
  }
  CHECK(leaves.empty());
}

void StateTree::Impl::PutBucket(const Child& child, std::span<const TreeLeaf> leaves) {
  LinkOf(child) = parts_.MakeBucket(leaves);
  HashLeavesOf(child);
}

void StateTree::Impl::Ascend(int depth) {
  const std::vector<Child>& level = nodes_[static_cast<std::size_t>(depth)];
  for (std::size_t i = 0; i < level.size(); ++i) {
    if (i + kAhead < level.size()) {
      const Child& next = level[i + kAhead];
      parts_.PrefetchHashes(LinkOf(next).index());
      parts_.PrefetchHashes(next.parent);
    }
    const std::uint32_t node = LinkOf(level[i]).index();
    if (FitsBucket(parts_.Links(node))) {
      Collapse(level[i]);
    } else {
      node_lanes_.Add({}, BytesOf(parts_.Hashes(node)), &HashOf(level[i]));
    }
  }
  bucket_lanes_.Finish();
  node_lanes_.Finish();
}

// A child that is a node has more leaves than fit by itself.
bool StateTree::Impl::FitsBucket(const TreeLinks& links) const {
  std::size_t leaves = 0;
  for (const TreeLink link : links) {
    if (link.is_node()) return false;
    leaves += link.leaves();
  }
  return leaves <= kBucketLeaves;
}

void StateTree::Impl::Collapse(const Child& child) {
  const std::uint32_t node = LinkOf(child).index();
  merged_.clear();
  for (const TreeLink link : parts_.Links(node)) {
    const std::span<const TreeLeaf> leaves = parts_.Leaves(link);
    merged_.insert(merged_.end(), leaves.begin(), leaves.end());
    parts_.FreeBucket(link);
  }
  parts_.FreeNode(node);
  PutBucket(child, merged_);
}

StateProof StateTree::Impl::Prove(const Hash256& place) const {
  StateProof proof;
  TreeLink link = parts_.Links(kAboveRoot)[0];
  for (int depth = 0; link.is_node(); ++depth) {
    const unsigned digit = TreeDigit(place, depth);
    const TreeChildren& children = parts_.Hashes(link.index());
    std::array<Hash256, 3> others;
    for (unsigned i = 0, next = 0; i < kTreeArity; ++i) {
      if (i != digit) others[next++] = children[i];
    }
    proof.siblings.push_back(others);
    link = parts_.Links(link.index())[digit];
  }
  std::reverse(proof.siblings.begin(), proof.siblings.end());
  for (const TreeLeaf& leaf : parts_.Leaves(link)) proof.bucket.emplace_back(leaf.place, leaf.hash);
  return proof;
}

StateTree::StateTree() : impl_(std::make_unique<Impl>()) {}
StateTree::~StateTree() = default;
StateTree::StateTree(StateTree&&) noexcept = default;
StateTree& StateTree::operator=(StateTree&&) noexcept = default;

StateTree StateTree::Of(std::vector<Change> leaves) {
  // In the order of places, so each part is added at the tree's right edge: few nodes are hashed
  // twice, and what an update keeps for the next stays small.
  constexpr std::size_t kPart = 65'536;
  std::sort(leaves.begin(), leaves.end(),
            [](const Change& a, const Change& b) { return a.place < b.place; });
  StateTree tree;
  for (std::span<const Change> rest(leaves); !rest.empty();) {
    const std::size_t part = std::min(kPart, rest.size());
    tree.Update(rest.first(part));
    rest = rest.subspan(part);
  }
  return tree;
}

Hash256 StateTree::PlaceOf(std::string_view key) { return HashPlace(key); }

Hash256 StateTree::LeafOf(const Hash256& place, std::string_view value) {
  return HashLeaf(place, value);
}

std::vector<StateTree::Change> StateTree::ChangesOf(std::span<const Record> records) {
  std::vector<Change> changes(records.size());
  HashLanes places(kPlaceDomain);
  for (std::size_t i = 0; i < records.size(); ++i) {
    const std::string_view family(&records[i].family, 1);
    places.Add(AsBytes(family), AsBytes(records[i].key), &changes[i].place);
  }
  places.Finish();
  HashLanes leaves(kLeafDomain);
  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto& value = records[i].value;
    if (!value.has_value()) continue;
    leaves.Add(Bytes(changes[i].place.bytes), AsBytes(*value), &changes[i].leaf.emplace());
  }
  leaves.Finish();
  return changes;
}

Hash256 StateTree::Update(std::span<const Change> changes) {
  impl_->Update(changes);
  return impl_->root();
}

Hash256 StateTree::root() const { return impl_->root(); }
std::size_t StateTree::size() const { return impl_->size(); }

StateProof StateTree::Prove(const Hash256& place) const { return impl_->Prove(place); }

}  // namespace bourse::ledger
