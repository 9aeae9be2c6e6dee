#include "ledger/merkle.h"

#include <gtest/gtest.h>

#include <bit>
#include <string>

namespace bourse::ledger {
namespace {

std::vector<Hash256> Leaves(std::size_t count) {
  std::vector<Hash256> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(MerkleLeaf(AsBytes(std::to_string(i))));
  return out;
}

// The definition, word for word (RFC 6962, section 2.1).
Hash256 DefinedRoot(std::span<const Hash256> leaves) {
  if (leaves.empty()) return HashOf({});
  if (leaves.size() == 1) return leaves[0];
  const std::size_t k = std::bit_floor(leaves.size() - 1);
  return Hasher(std::string_view("\x01", 1))
      .Update(DefinedRoot(leaves.first(k)))
      .Update(DefinedRoot(leaves.subspan(k)))
      .Finish();
}

TEST(MerkleTest, LeafHasItsPrefix) {
  EXPECT_EQ(MerkleLeaf(AsBytes("abc")), HashOf(AsBytes(std::string("\0abc", 4))));
}

TEST(MerkleTest, RootIsAsDefined) {
  for (std::size_t count = 0; count <= 70; ++count) {
    EXPECT_EQ(MerkleRoot(Leaves(count)), DefinedRoot(Leaves(count))) << count << " leaves";
  }
}

TEST(MerkleTest, EachPathLeadsToTheRoot) {
  for (std::size_t count = 1; count <= 70; ++count) {
    const std::vector<Hash256> leaves = Leaves(count);
    const Hash256 root = MerkleRoot(leaves);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_TRUE(VerifyMerklePath(root, leaves[i], i, count, MerklePath(leaves, i)))
          << "leaf " << i << " of " << count;
    }
  }
}

TEST(MerkleTest, PathsProveNothingElse) {
  for (const std::size_t count : {1u, 2u, 3u, 7u, 8u, 13u, 32u, 33u}) {
    const std::vector<Hash256> leaves = Leaves(count);
    const Hash256 root = MerkleRoot(leaves);
    for (std::size_t i = 0; i < count; ++i) {
      const std::vector<Hash256> path = MerklePath(leaves, i);
      Hash256 other_leaf = leaves[i];
      other_leaf.bytes[31] ^= 1;
      EXPECT_FALSE(VerifyMerklePath(root, other_leaf, i, count, path));
      for (std::size_t j = 0; j < count + 2; ++j) {
        EXPECT_EQ(VerifyMerklePath(root, leaves[i], j, count, path), i == j)
            << i << " as " << j << " of " << count;
      }
      for (std::size_t j = 0; j < path.size(); ++j) {
        std::vector<Hash256> changed = path;
        changed[j].bytes[0] ^= 0x80;
        EXPECT_FALSE(VerifyMerklePath(root, leaves[i], i, count, changed));
      }
      std::vector<Hash256> longer = path;
      longer.push_back(leaves[0]);
      EXPECT_FALSE(VerifyMerklePath(root, leaves[i], i, count, longer));
      if (!path.empty()) {
        const std::span<const Hash256> shorter = std::span(path).first(path.size() - 1);
        EXPECT_FALSE(VerifyMerklePath(root, leaves[i], i, count, shorter));
      }
    }
  }
}

TEST(MerkleTest, NothingIsInAnEmptyTree) {
  EXPECT_FALSE(VerifyMerklePath(MerkleRoot({}), HashOf({}), 0, 0, {}));
}

}  // namespace
}  // namespace bourse::ledger
