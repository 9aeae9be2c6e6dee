// The state tree as its definition reads, plainly: from the set of records to the root, anew each
// time. What the real tree is tested against.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "ledger/state_tree_hash.h"

namespace bourse::ledger::testing {

// Place → leaf hash.
using TreeRecords = std::map<Hash256, Hash256>;

// Hash of the subtree at `depth` that holds exactly these leaves, in the order of their places.
inline Hash256 ModelHash(std::span<const TreeLeaf> leaves, int depth) {
  if (leaves.size() <= 4) return HashBucket(leaves);
  TreeChildren children{};
  for (unsigned digit = 0; digit < kTreeArity; ++digit) {
    std::vector<TreeLeaf> below;
    for (const TreeLeaf& leaf : leaves) {
      if (TreeDigit(leaf.place, depth) == digit) below.push_back(leaf);
    }
    children[digit] = ModelHash(below, depth + 1);
  }
  return HashNode(children);
}

inline Hash256 ModelRoot(const TreeRecords& records) {
  std::vector<TreeLeaf> leaves;
  for (const auto& [place, hash] : records) leaves.push_back({place, hash});
  return ModelHash(leaves, 0);
}

}  // namespace bourse::ledger::testing
