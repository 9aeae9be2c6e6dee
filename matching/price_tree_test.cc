#include "matching/price_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <map>
#include <vector>

#include "matching/testing/shapes.h"

namespace bourse::matching {
namespace {

constexpr PriceKey kGreatest = std::numeric_limits<PriceKey>::max();

class PriceTreeTest : public ::testing::Test {
 protected:
  void Insert(PriceKey key, std::uint32_t level) {
    tree_.Insert(blocks_, tree_.Find(blocks_, key), key, level);
    model_[key] = level;
  }
  void Erase(PriceKey key) {
    tree_.Erase(blocks_, key);
    model_.erase(key);
  }
  // From the best down, as the model has it.
  void ExpectSameAsModel() {
    PriceTree::Entry entry = tree_.best();
    for (auto it = model_.rbegin(); it != model_.rend(); ++it) {
      ASSERT_EQ(entry.key, it->first);
      ASSERT_EQ(entry.level, it->second);
      ASSERT_EQ(tree_.Find(blocks_, it->first).level(), it->second);
      entry = tree_.Below(blocks_, entry.key);
    }
    ASSERT_EQ(entry.level, 0u);
  }

  BlockPool blocks_;
  PriceTree tree_;
  std::map<PriceKey, std::uint32_t> model_;
};

TEST_F(PriceTreeTest, IsEmptyAtFirst) {
  EXPECT_EQ(tree_.best().level, 0u);
  EXPECT_EQ(tree_.Find(blocks_, 5).level(), 0u);
  EXPECT_EQ(tree_.Below(blocks_, 5).level, 0u);
}

TEST_F(PriceTreeTest, HoldsTheGreatestAndTheLeastKey) {
  for (PriceKey i = 0; i < 100; ++i) {
    Insert(kGreatest - i * 3, static_cast<std::uint32_t>(i + 1));
    Insert(-kGreatest + i * 3, static_cast<std::uint32_t>(i + 200));
  }
  ExpectSameAsModel();
  Erase(kGreatest);
  Erase(-kGreatest);
  ExpectSameAsModel();
}

// Fills in one order and empties in another, through all heights.
class PriceTreeOrderTest : public PriceTreeTest, public ::testing::WithParamInterface<int> {};

void Arrange(int order, std::vector<PriceKey>* keys) {
  if (order == 1) std::reverse(keys->begin(), keys->end());
  if (order == 2) {
    testing::Random random(7);
    for (std::size_t i = keys->size(); i > 1; --i)
      std::swap((*keys)[i - 1], (*keys)[random.Below(i)]);
  }
}

TEST_P(PriceTreeOrderTest, FillsAndEmpties) {
  std::vector<PriceKey> keys;
  for (PriceKey i = 1; i <= 20'000; ++i) keys.push_back(i * 11);
  for (int emptying = 0; emptying < 3; ++emptying) {
    Arrange(GetParam(), &keys);
    for (const PriceKey key : keys) Insert(key, static_cast<std::uint32_t>(key));
    ExpectSameAsModel();
    Arrange(emptying, &keys);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      Erase(keys[i]);
      if (i % 5'000 == 0) ExpectSameAsModel();
    }
    ExpectSameAsModel();
    std::sort(keys.begin(), keys.end());
  }
  EXPECT_EQ(blocks_.CountItems(), 0u);
}

INSTANTIATE_TEST_SUITE_P(UpDownMixed, PriceTreeOrderTest, ::testing::Values(0, 1, 2));

TEST_F(PriceTreeTest, KeepsBlocksWellFilledWhenMostKeysLeave) {
  for (PriceKey i = 0; i < 50'000; ++i) Insert(i, static_cast<std::uint32_t>(i + 1));
  for (PriceKey i = 0; i < 50'000; ++i) {
    if (i % 50 != 0) Erase(i);
  }
  ExpectSameAsModel();
  EXPECT_LE(blocks_.CountItems(), 1'000u / 7) << "of 1,000 keys";
}

TEST_F(PriceTreeTest, DoesWhatAMapDoes) {
  testing::Random random(3);
  for (int i = 0; i < 200'000; ++i) {
    const bool growing = i / 20'000 % 2 == 0;
    const PriceKey key = static_cast<PriceKey>(random.Below(4'000)) * 1'000;
    if (model_.contains(key) && random.Below(10) < (growing ? 2u : 8u)) {
      Erase(key);
    } else if (!model_.contains(key) && random.Below(10) < (growing ? 8u : 2u)) {
      Insert(key, static_cast<std::uint32_t>(i + 1));
    }
    const auto it = model_.lower_bound(key);
    ASSERT_EQ(tree_.Below(blocks_, key).level, it == model_.begin() ? 0 : std::prev(it)->second);
    ASSERT_EQ(tree_.best().level, model_.empty() ? 0 : model_.rbegin()->second);
  }
  ExpectSameAsModel();
}

}  // namespace
}  // namespace bourse::matching
