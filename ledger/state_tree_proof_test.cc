#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ledger/state_tree.h"
#include "ledger/state_tree_hash.h"

namespace bourse::ledger {
namespace {

using Changes = std::vector<StateTree::Change>;

Hash256 Place(int i) { return StateTree::PlaceOf(std::to_string(i)); }
Hash256 Leaf(int i, int version) { return StateTree::LeafOf(Place(i), std::to_string(version)); }

TEST(StateTreeProofTest, ProvesPresenceAndAbsence) {
  StateTree tree;
  for (int count = 0; count < 200; ++count) {
    for (int i = 0; i < 200; ++i) {
      const StateProof proof = tree.Prove(Place(i));
      const bool there = i < count;
      ASSERT_EQ(StateTree::VerifyProof(tree.root(), Place(i), Leaf(i, 0), proof), there);
      ASSERT_EQ(StateTree::VerifyProof(tree.root(), Place(i), std::nullopt, proof), !there);
      ASSERT_FALSE(StateTree::VerifyProof(tree.root(), Place(i), Leaf(i, 1), proof));
    }
    tree.Update(Changes{{Place(count), Leaf(count, 0)}});
  }
}

// A tree of a thousand records, and proofs from it to tamper with.
class StateProofTest : public ::testing::Test {
 protected:
  static constexpr int kRecords = 1'000;
  StateProofTest() {
    Changes changes;
    for (int i = 0; i < kRecords; ++i) changes.push_back({Place(i), Leaf(i, 0)});
    tree_.Update(changes);
  }
  // That the proof says neither that record `i` is there, nor with another value, nor that it
  // isn't.
  void ExpectNothingProven(int i, const StateProof& proof, const std::string& what) {
    const Hash256 root = tree_.root();
    const bool there = i < kRecords;
    EXPECT_FALSE(StateTree::VerifyProof(root, Place(i), Leaf(i, 1), proof)) << what << " of " << i;
    EXPECT_FALSE(StateTree::VerifyProof(root, Place(i),
                                        there ? std::nullopt : std::optional(Leaf(i, 0)), proof))
        << what << " of " << i;
    EXPECT_FALSE(StateTree::VerifyProof(root, Place(i),
                                        there ? std::optional(Leaf(i, 0)) : std::nullopt, proof))
        << what << " of " << i;
  }
  StateTree tree_;
};

TEST_F(StateProofTest, FailsWithAnyByteChanged) {
  for (const int i : {3, 777, kRecords, kRecords + 5}) {
    StateProof proof = tree_.Prove(Place(i));
    const auto flip = [&](Hash256& hash, const std::string& what) {
      for (std::uint8_t& byte : hash.bytes) {
        byte ^= 1;
        ExpectNothingProven(i, proof, what);
        byte ^= 1;
      }
    };
    for (auto& [place, leaf] : proof.bucket) {
      flip(place, "place");
      flip(leaf, "leaf");
    }
    for (auto& siblings : proof.siblings) {
      for (Hash256& sibling : siblings) flip(sibling, "sibling");
    }
  }
}

TEST_F(StateProofTest, FailsWithPartsMissingAddedOrMoved) {
  for (int i = 0; i < kRecords + 100; i += 7) {
    const StateProof proof = tree_.Prove(Place(i));
    StateProof other = proof;
    other.siblings.pop_back();
    ExpectNothingProven(i, other, "no root level");
    other = proof;
    other.siblings.erase(other.siblings.begin());
    ExpectNothingProven(i, other, "no lowest level");
    other = proof;
    other.siblings.push_back(other.siblings.back());
    ExpectNothingProven(i, other, "a level more");
    other = proof;
    std::swap(other.siblings.front(), other.siblings.back());
    ExpectNothingProven(i, other, "levels swapped");
    other = proof;
    other.bucket.emplace_back(Place(i), Leaf(i, 0));
    ExpectNothingProven(i, other, "a leaf more");
    if (!proof.bucket.empty()) {
      other = proof;
      other.bucket.pop_back();
      ExpectNothingProven(i, other, "a leaf less");
    }
    if (proof.bucket.size() > 1) {
      other = proof;
      std::reverse(other.bucket.begin(), other.bucket.end());
      ExpectNothingProven(i, other, "leaves in another order");
    }
  }
}

// The leaf is in the tree, but elsewhere: its bucket says so, as it commits to its places.
TEST_F(StateProofTest, FailsForARecordMovedToAnotherPlace) {
  StateProof proof = tree_.Prove(Place(3));
  for (auto& [place, leaf] : proof.bucket) {
    if (place == Place(3)) place.bytes[31] ^= 1;
  }
  ExpectNothingProven(3, proof, "moved");
}

TEST_F(StateProofTest, FailsForAnotherRecord) {
  for (int i = 0; i < 50; ++i) {
    const StateProof proof = tree_.Prove(Place(i));
    for (int j = 0; j < kRecords; ++j) {
      if (tree_.Prove(Place(j)).siblings == proof.siblings) continue;
      EXPECT_FALSE(StateTree::VerifyProof(tree_.root(), Place(j), Leaf(j, 0), proof));
      EXPECT_FALSE(StateTree::VerifyProof(tree_.root(), Place(j), std::nullopt, proof));
    }
  }
}

// A proof's cost is bounded before anything of it is hashed.
TEST_F(StateProofTest, IsRefusedWhereItIsLargerThanAnyTree) {
  StateProof deep = tree_.Prove(Place(3));
  deep.siblings.resize(1'000'000);
  ExpectNothingProven(3, deep, "deep");
  StateProof wide = tree_.Prove(Place(3));
  wide.bucket.resize(1'000'000);
  ExpectNothingProven(3, wide, "wide");
}

// Roots that no tree has: a signed root is honest, but a check need not rest on that.
TEST(StateTreeProofTest, RefusesBucketsThatNoTreeHas) {
  std::vector<TreeLeaf> leaves = {{Place(1), Leaf(1, 0)}, {Place(2), Leaf(2, 0)}};
  if (leaves[0].place < leaves[1].place) std::swap(leaves[0], leaves[1]);
  StateProof unordered;
  for (const TreeLeaf& leaf : leaves) unordered.bucket.emplace_back(leaf.place, leaf.hash);
  EXPECT_FALSE(StateTree::VerifyProof(HashBucket(leaves), Place(1), Leaf(1, 0), unordered));

  // A bucket under the wrong child of the root.
  Hash256 elsewhere = Place(1);
  elsewhere.bytes[0] ^= 0x80;
  const std::vector<TreeLeaf> stray = {{elsewhere, Leaf(1, 0)}};
  TreeChildren children{};
  children[TreeDigit(Place(1), 0)] = HashBucket(stray);
  const StateProof proof{.bucket = {{elsewhere, Leaf(1, 0)}}, .siblings = {{}}};
  EXPECT_FALSE(StateTree::VerifyProof(HashNode(children), Place(1), std::nullopt, proof));
}

}  // namespace
}  // namespace bourse::ledger
