#include "ledger/merkle.h"

#include <algorithm>
#include <bit>

#include "common/check.h"
#include "common/hash_lanes.h"

namespace bourse::ledger {
namespace {

constexpr std::string_view kLeafPrefix("\x00", 1);
constexpr std::string_view kNodePrefix("\x01", 1);

Hash256 Node(const Hash256& left, const Hash256& right) {
  return Hasher(kNodePrefix).Update(left).Update(right).Finish();
}

template <typename Text>
std::vector<Hash256> LeafHashes(std::span<const Text> leaves) {
  std::vector<Hash256> hashes(leaves.size());
  HashLanes lanes;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    lanes.Add(AsBytes(kLeafPrefix), AsBytes(leaves[i]), &hashes[i]);
  }
  lanes.Finish();
  return hashes;
}

// Leaves in the left subtree: the largest power of two below `count`. REQUIRES: count > 1.
std::size_t LeftCount(std::size_t count) { return std::bit_floor(count - 1); }

// Appends the audit path, from the leaf up.
void AppendPath(std::span<const Hash256> leaves, std::size_t index, std::vector<Hash256>* path) {
  if (leaves.size() == 1) return;
  const std::size_t left = LeftCount(leaves.size());
  if (index < left) {
    AppendPath(leaves.first(left), index, path);
    path->push_back(MerkleRoot(leaves.subspan(left)));
  } else {
    AppendPath(leaves.subspan(left), index - left, path);
    path->push_back(MerkleRoot(leaves.first(left)));
  }
}

}  // namespace

Hash256 MerkleLeaf(Bytes leaf) { return Hasher(kLeafPrefix).Update(leaf).Finish(); }

std::vector<Hash256> MerkleLeaves(std::span<const std::string_view> leaves) {
  return LeafHashes(leaves);
}

Hash256 MerkleRoot(std::span<const Hash256> leaves) {
  if (leaves.empty()) return HashOf({});
  // Level by level: pairing from the left, with an odd one moving up as it is, gives the same tree
  // as the RFC's splits at powers of two.
  std::vector<Hash256> level(leaves.begin(), leaves.end());
  HashLanes lanes;
  while (level.size() > 1) {
    std::size_t out = 0;
    for (std::size_t i = 0; i + 1 < level.size(); i += 2) {
      const auto* pair = level[i].bytes.data();  // two hashes, one behind the other
      lanes.Add(AsBytes(kNodePrefix), Bytes(pair, 2 * sizeof(Hash256)), &level[out++]);
    }
    lanes.Finish();
    if (level.size() % 2 == 1) level[out++] = level.back();
    level.resize(out);
  }
  return level.front();
}

Hash256 MerkleRootOf(std::span<const std::string> leaves) { return MerkleRoot(LeafHashes(leaves)); }

std::vector<Hash256> MerklePath(std::span<const Hash256> leaves, std::size_t index) {
  CHECK(index < leaves.size());
  std::vector<Hash256> path;
  AppendPath(leaves, index, &path);
  return path;
}

bool VerifyMerklePath(const Hash256& root, const Hash256& leaf, std::size_t index,
                      std::size_t count, std::span<const Hash256> path) {
  if (index >= count) return false;
  // `at` is the node's number in its level, `last` that of the level's last node.
  std::size_t at = index, last = count - 1;
  Hash256 hash = leaf;
  for (const Hash256& sibling : path) {
    if (last == 0) return false;
    if (at % 2 == 1 || at == last) {
      hash = Node(sibling, hash);
      // A last node without a sibling moves up as it is.
      while (at % 2 == 0 && at != 0) {
        at /= 2;
        last /= 2;
      }
    } else {
      hash = Node(hash, sibling);
    }
    at /= 2;
    last /= 2;
  }
  return last == 0 && hash == root;
}

}  // namespace bourse::ledger
