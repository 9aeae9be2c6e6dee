#include "ledger/state_tree_pool.h"

#include <algorithm>

namespace bourse::ledger {

TreeLink TreeParts::MakeBucket(std::span<const TreeLeaf> leaves) {
  if (leaves.empty()) return {};
  std::uint32_t index = 0;
  switch (leaves.size()) {
    case 1:
      index = ones_.Allocate();
      break;
    case 2:
      index = twos_.Allocate();
      break;
    case 3:
      index = threes_.Allocate();
      break;
    default:
      CHECK(leaves.size() == 4);
      index = fours_.Allocate();
  }
  const TreeLink out = TreeLink::Bucket(leaves.size(), index);
  std::copy(leaves.begin(), leaves.end(), Leaves(out).begin());
  return out;
}

void TreeParts::FreeBucket(TreeLink bucket) {
  switch (bucket.leaves()) {
    case 0:
      return;
    case 1:
      return ones_.Free(bucket.index());
    case 2:
      return twos_.Free(bucket.index());
    case 3:
      return threes_.Free(bucket.index());
    default:
      CHECK(bucket.leaves() == 4);
      return fours_.Free(bucket.index());
  }
}

std::span<TreeLeaf> TreeParts::Leaves(TreeLink bucket) const {
  switch (bucket.leaves()) {
    case 0:
      return {};
    case 1:
      return {ones_.Get(bucket.index()), 1};
    case 2:
      return {twos_.Get(bucket.index()), 2};
    case 3:
      return {threes_.Get(bucket.index()), 3};
    default:
      return {fours_.Get(bucket.index()), 4};
  }
}

}  // namespace bourse::ledger
