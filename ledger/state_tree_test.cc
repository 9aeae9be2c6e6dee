#include "ledger/state_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "ledger/testing/state_tree_model.h"

namespace bourse::ledger {
namespace {

using testing::ModelRoot;
using testing::TreeRecords;
using Changes = std::vector<StateTree::Change>;

Hash256 Place(int i) { return StateTree::PlaceOf(std::to_string(i)); }
Hash256 Leaf(int i, int version) { return StateTree::LeafOf(Place(i), std::to_string(version)); }

TEST(StateTreeTest, EmptyRootIsZeros) {
  EXPECT_EQ(StateTree().root(), Hash256{});
  EXPECT_EQ(StateTree().size(), 0u);
}

TEST(StateTreeTest, RootIsThatOfTheModelAfterAnyBatches) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    std::mt19937_64 random(seed);
    StateTree tree;
    TreeRecords records;
    const int keys = 1 + static_cast<int>(random() % 300);
    for (int batch = 0; batch < 20; ++batch) {
      Changes changes;
      std::vector<int> touched(static_cast<std::size_t>(keys));
      for (int i = 0; i < keys; ++i) touched[static_cast<std::size_t>(i)] = i;
      std::shuffle(touched.begin(), touched.end(), random);
      touched.resize(random() % (touched.size() + 1));
      const std::uint64_t removed_percent = random() % 101;
      for (const int i : touched) {
        if (random() % 100 < removed_percent) {
          changes.push_back({Place(i), std::nullopt});
          records.erase(Place(i));
        } else {
          changes.push_back({Place(i), Leaf(i, batch)});
          records[Place(i)] = Leaf(i, batch);
        }
      }
      ASSERT_EQ(tree.Update(changes), ModelRoot(records)) << "seed " << seed << " batch " << batch;
      ASSERT_EQ(tree.root(), ModelRoot(records));
      ASSERT_EQ(tree.size(), records.size());
    }
  }
}

TEST(StateTreeTest, ProvesPresenceAndAbsence) {
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

}  // namespace
}  // namespace bourse::ledger
