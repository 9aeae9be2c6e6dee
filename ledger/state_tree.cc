#include "ledger/state_tree.h"

#include <map>

#include "ledger/state_tree_hash.h"

namespace bourse::ledger {
namespace {

using Leaves = std::span<const TreeLeaf>;

// The leaves of child `digit`; leaves are in the order of their places.
Leaves Below(Leaves leaves, int depth, unsigned digit) {
  std::size_t begin = 0;
  while (begin < leaves.size() && TreeDigit(leaves[begin].place, depth) < digit) ++begin;
  std::size_t end = begin;
  while (end < leaves.size() && TreeDigit(leaves[end].place, depth) == digit) ++end;
  return leaves.subspan(begin, end - begin);
}

Hash256 HashSubtree(Leaves leaves, int depth) {
  if (leaves.size() <= StateTree::kBucketLeaves) return HashBucket(leaves);
  TreeChildren children{};
  for (unsigned i = 0; i < kTreeArity; ++i) {
    children[i] = HashSubtree(Below(leaves, depth, i), depth + 1);
  }
  return HashNode(children);
}

}  // namespace

class StateTree::Impl {
 public:
  std::vector<TreeLeaf> Leaves() const {
    std::vector<TreeLeaf> out;
    for (const auto& [place, leaf] : records) out.push_back({place, leaf});
    return out;
  }
  std::map<Hash256, Hash256> records;
  Hash256 root;
};

StateTree::StateTree() : impl_(std::make_unique<Impl>()) {}
StateTree::~StateTree() = default;
StateTree::StateTree(StateTree&&) noexcept = default;
StateTree& StateTree::operator=(StateTree&&) noexcept = default;

Hash256 StateTree::PlaceOf(std::string_view key) { return HashPlace(key); }

Hash256 StateTree::LeafOf(const Hash256& place, std::string_view value) {
  return HashLeaf(place, value);
}

Hash256 StateTree::Update(std::span<const Change> changes) {
  for (const Change& change : changes) {
    if (change.leaf.has_value()) {
      impl_->records.insert_or_assign(change.place, *change.leaf);
    } else {
      impl_->records.erase(change.place);
    }
  }
  impl_->root = HashSubtree(impl_->Leaves(), 0);
  return impl_->root;
}

Hash256 StateTree::root() const { return impl_->root; }
std::size_t StateTree::size() const { return impl_->records.size(); }

StateProof StateTree::Prove(const Hash256& place) const {
  const std::vector<TreeLeaf> all = impl_->Leaves();
  std::vector<std::array<Hash256, 3>> siblings;
  bourse::ledger::Leaves leaves = all;
  int depth = 0;
  for (; leaves.size() > kBucketLeaves; ++depth) {
    const unsigned digit = TreeDigit(place, depth);
    std::array<Hash256, 3> others;
    for (unsigned i = 0, next = 0; i < kTreeArity; ++i) {
      if (i != digit) others[next++] = HashSubtree(Below(leaves, depth, i), depth + 1);
    }
    siblings.push_back(others);
    leaves = Below(leaves, depth, digit);
  }
  StateProof proof;
  for (const TreeLeaf& leaf : leaves) proof.bucket.emplace_back(leaf.place, leaf.hash);
  proof.siblings.assign(siblings.rbegin(), siblings.rend());
  return proof;
}

}  // namespace bourse::ledger
