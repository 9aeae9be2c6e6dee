#include "ledger/state_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "ledger/testing/state_tree_model.h"

namespace bourse::ledger {
namespace {

using testing::ModelRoot;
using testing::TreeRecords;
using Changes = std::vector<StateTree::Change>;

Hash256 Place(int i) { return StateTree::PlaceOf(std::to_string(i)); }
Hash256 Leaf(int i, int version) { return StateTree::LeafOf(Place(i), std::to_string(version)); }

// A tree and its model, which must agree after each batch.
class StateTreePropertyTest : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  // A batch that touches each of `places` with this chance, and removes this part of those.
  void Batch(const std::vector<Hash256>& places, std::uint64_t touched_percent,
             std::uint64_t removed_percent) {
    Changes changes;
    for (const Hash256& place : places) {
      if (random_() % 100 >= touched_percent) continue;
      if (random_() % 100 < removed_percent) {
        changes.push_back({place, std::nullopt});
        records_.erase(place);
      } else {
        const Hash256 leaf = StateTree::LeafOf(place, std::to_string(random_()));
        changes.push_back({place, leaf});
        records_[place] = leaf;
      }
    }
    std::shuffle(changes.begin(), changes.end(), random_);
    ASSERT_EQ(tree_.Update(changes), ModelRoot(records_)) << "seed " << GetParam();
    ASSERT_EQ(tree_.root(), ModelRoot(records_)) << "seed " << GetParam();
    ASSERT_EQ(tree_.size(), records_.size()) << "seed " << GetParam();
  }

  // Places whose first bits are shared by many: up to all but the last two.
  std::vector<Hash256> CrowdedPlaces(std::size_t count) {
    std::set<Hash256> out = {Place(0)};
    while (out.size() < count) {
      auto near = out.begin();
      std::advance(near, static_cast<std::ptrdiff_t>(random_() % out.size()));
      Hash256 place = *near;
      const std::size_t bit = random_() % 256;
      place.bytes[bit / 8] = static_cast<std::uint8_t>(place.bytes[bit / 8] ^ (0x80u >> bit % 8));
      out.insert(place);
    }
    return {out.begin(), out.end()};
  }

  std::mt19937_64 random_{GetParam()};
  StateTree tree_;
  TreeRecords records_;
};

TEST_P(StateTreePropertyTest, RootIsThatOfTheModelAfterAnyBatches) {
  std::vector<Hash256> places;
  for (int i = 0; i < 1 + static_cast<int>(random_() % 400); ++i) places.push_back(Place(i));
  for (int batch = 0; batch < 20; ++batch) {
    Batch(places, random_() % 101, random_() % 101);
    if (HasFatalFailure()) return;
  }
}

TEST_P(StateTreePropertyTest, RootIsThatOfTheModelWherePlacesShareLongPrefixes) {
  const std::vector<Hash256> places = CrowdedPlaces(1 + random_() % 100);
  for (int batch = 0; batch < 20; ++batch) {
    Batch(places, random_() % 101, random_() % 101);
    if (HasFatalFailure()) return;
  }
  for (const Hash256& place : places) {
    const StateProof proof = tree_.Prove(place);
    const auto found = records_.find(place);
    const std::optional<Hash256> leaf =
        found == records_.end() ? std::nullopt : std::optional(found->second);
    EXPECT_TRUE(StateTree::VerifyProof(tree_.root(), place, leaf, proof));
  }
}

TEST_P(StateTreePropertyTest, RootDoesNotDependOnTheOrderOfBatches) {
  const std::vector<Hash256> places = CrowdedPlaces(60);
  for (int batch = 0; batch < 10; ++batch) Batch(places, 30, 40);
  Changes all;
  for (const auto& [place, leaf] : records_) all.push_back({place, leaf});
  std::shuffle(all.begin(), all.end(), random_);
  StateTree other;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t count = std::min<std::size_t>(all.size() - at, 1 + random_() % 9);
    other.Update(std::span(all).subspan(at, count));
    at += count;
  }
  EXPECT_EQ(other.root(), tree_.root()) << "seed " << GetParam();
  EXPECT_EQ(StateTree::Of(all).root(), tree_.root()) << "seed " << GetParam();
}

TEST_P(StateTreePropertyTest, EmptyAgainIsAsNew) {
  const std::vector<Hash256> places = CrowdedPlaces(80);
  for (int round = 0; round < 3; ++round) {
    Batch(places, 100, 0);
    Batch(places, 100, 100);
    EXPECT_EQ(tree_.root(), Hash256{});
    EXPECT_EQ(tree_.size(), 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, StateTreePropertyTest, ::testing::Range<std::uint64_t>(0, 60));

TEST(StateTreeTest, EmptyRootIsZeros) {
  EXPECT_EQ(StateTree().root(), Hash256{});
  EXPECT_EQ(StateTree().size(), 0u);
}

TEST(StateTreeTest, NoChangesChangeNothing) {
  StateTree tree;
  const Hash256 root = tree.Update(Changes{{Place(1), Leaf(1, 0)}});
  EXPECT_EQ(tree.Update({}), root);
  EXPECT_EQ(tree.Update(Changes{{Place(2), std::nullopt}}), root);
}

TEST(StateTreeTest, MadeAtOnceOfMoreThanAPart) {
  Changes all;
  for (int i = 0; i < 150'000; ++i) all.push_back({Place(i), Leaf(i, 0)});
  StateTree tree;
  tree.Update(all);
  const StateTree other = StateTree::Of(all);
  EXPECT_EQ(other.root(), tree.root());
  EXPECT_EQ(other.size(), 150'000u);
}

TEST(StateTreeTest, RootDependsOnPlacesNotOnLeavesAlone) {
  StateTree a, b;
  a.Update(Changes{{Place(1), Leaf(0, 0)}});
  b.Update(Changes{{Place(2), Leaf(0, 0)}});
  EXPECT_NE(a.root(), b.root());
}

}  // namespace
}  // namespace bourse::ledger
