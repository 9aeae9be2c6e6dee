// Checking proofs: needs no tree, only hashes.
#include <algorithm>

#include "ledger/state_tree.h"
#include "ledger/state_tree_hash.h"

namespace bourse::ledger {
namespace {

bool SharePath(const Hash256& a, const Hash256& b, int depth) {
  for (int i = 0; i < depth; ++i) {
    if (TreeDigit(a, i) != TreeDigit(b, i)) return false;
  }
  return true;
}

// Whether the bucket could stand at `depth` on the path of `place`.
bool IsWellFormed(std::span<const std::pair<Hash256, Hash256>> bucket, const Hash256& place,
                  int depth) {
  for (std::size_t i = 0; i < bucket.size(); ++i) {
    if (i > 0 && !(bucket[i - 1].first < bucket[i].first)) return false;
    if (!SharePath(bucket[i].first, place, depth)) return false;
  }
  return true;
}

std::optional<Hash256> Find(std::span<const std::pair<Hash256, Hash256>> bucket,
                            const Hash256& place) {
  for (const auto& [at, leaf] : bucket) {
    if (at == place) return leaf;
  }
  return std::nullopt;
}

TreeChildren InsertChild(const std::array<Hash256, 3>& siblings, unsigned digit,
                         const Hash256& child) {
  TreeChildren out;
  for (unsigned i = 0, next = 0; i < kTreeArity; ++i)
    out[i] = i == digit ? child : siblings[next++];
  return out;
}

}  // namespace

bool StateTree::VerifyProof(const Hash256& root, const Hash256& place,
                            const std::optional<Hash256>& leaf, const StateProof& proof) {
  if (proof.bucket.size() > kBucketLeaves || proof.siblings.size() > kTreeDepth) return false;
  const int depth = static_cast<int>(proof.siblings.size());
  if (!IsWellFormed(proof.bucket, place, depth)) return false;
  if (Find(proof.bucket, place) != leaf) return false;

  std::array<TreeLeaf, kBucketLeaves> leaves;
  for (std::size_t i = 0; i < proof.bucket.size(); ++i) {
    leaves[i] = {proof.bucket[i].first, proof.bucket[i].second};
  }
  Hash256 hash = HashBucket(std::span(leaves).first(proof.bucket.size()));
  int at = depth;
  for (const std::array<Hash256, 3>& siblings : proof.siblings) {
    --at;
    hash = HashNode(InsertChild(siblings, TreeDigit(place, at), hash));
  }
  return hash == root;
}

}  // namespace bourse::ledger
