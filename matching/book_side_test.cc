#include "matching/book_side.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <map>
#include <vector>

namespace bourse::matching {
namespace {

constexpr PriceKey kGreatest = std::numeric_limits<PriceKey>::max();

class BookSideTest : public ::testing::Test {
 protected:
  void Add(PriceKey key) {
    const std::uint32_t level = side_.FindOrAdd(pools_, 0, key);
    orders_[key].push_back(pools_.nodes.NewOrder(level, 1, 1));
  }
  // Removes all orders at a key, and its level.
  void Remove(PriceKey key) {
    const std::uint32_t level = side_.FindOrAdd(pools_, 0, key);
    for (const std::uint32_t order : orders_[key]) pools_.nodes.RemoveOrder(order);
    orders_.erase(key);
    side_.Remove(pools_, level);
  }
  void ExpectAllLevelsInOrder() {
    PriceTree::Entry entry = side_.best();
    for (auto it = orders_.rbegin(); it != orders_.rend(); ++it) {
      ASSERT_NE(entry.level, 0u);
      ASSERT_EQ(entry.key, it->first);
      ASSERT_EQ(pools_.nodes[entry.level].key, it->first);
      ASSERT_EQ(pools_.nodes[entry.level].owner, it->second.size());
      entry = side_.Below(pools_, entry.key);
    }
    ASSERT_EQ(entry.level, 0u);
  }

  Pools pools_;
  BookSide side_;
  std::map<PriceKey, std::vector<std::uint32_t>> orders_;
};

TEST_F(BookSideTest, HasNoWindowForAFewLevels) {
  for (int round = 0; round < 1'000; ++round) {
    for (PriceKey key = 1; key <= 15; ++key) Add(key);
  }
  EXPECT_FALSE(side_.has_window());
  ExpectAllLevelsInOrder();
}

TEST_F(BookSideTest, HasNoWindowWhereLevelsAreFarApart) {
  for (PriceKey key = 1; key <= 10'000; ++key) Add(key * 1'000);
  EXPECT_FALSE(side_.has_window());
  ExpectAllLevelsInOrder();
}

TEST_F(BookSideTest, GetsAWindowWhereLevelsAreClose) {
  for (PriceKey key = 1; key <= 200; ++key) Add(10'000 - key);
  EXPECT_TRUE(side_.has_window());
  ExpectAllLevelsInOrder();
}

TEST_F(BookSideTest, GivesItsWindowBackWhenLevelsLeave) {
  for (PriceKey key = 1; key <= 200; ++key) Add(10'000 - key);
  for (PriceKey key = 1; key <= 192; ++key) Remove(10'000 - key);
  EXPECT_TRUE(side_.has_window());
  Remove(10'000 - 193);
  EXPECT_FALSE(side_.has_window());
  ExpectAllLevelsInOrder();
}

TEST_F(BookSideTest, WindowFollowsTheBestPrice) {
  for (PriceKey key = 1; key <= 30'000; ++key) {
    Add(key);
    if (key > 500) Remove(key - 500);
    if (key % 1'000 == 0) ExpectAllLevelsInOrder();
  }
  EXPECT_TRUE(side_.has_window());
}

TEST_F(BookSideTest, WorksAtTheEndsOfTheRange) {
  for (PriceKey key = 0; key < 500; ++key) Add(kGreatest - key);
  EXPECT_TRUE(side_.has_window());
  ExpectAllLevelsInOrder();
  while (!orders_.empty()) Remove(orders_.rbegin()->first);
  for (PriceKey key = 0; key < 500; ++key) Add(-kGreatest + key);
  EXPECT_TRUE(side_.has_window());
  ExpectAllLevelsInOrder();
}

TEST_F(BookSideTest, OrdersFarFromTheBestPriceEarnNothing) {
  for (PriceKey key = 1; key <= 200; ++key) Add(1'000'000 - key);
  const std::uint64_t moved = side_.levels_moved();
  for (PriceKey key = 1; key <= 50'000; ++key) Add(key * 10);
  EXPECT_EQ(side_.levels_moved(), moved);
}

// The worst that is known: two crowded places a window can't both cover, and a
// best price that is put now at one, now at the other.
TEST_F(BookSideTest, NobodyCanForceMoreMovesThanHalfHisOrders) {
  std::uint64_t placed = 0;
  for (PriceKey key = 0; key < 3'000; ++key, placed += 2) {
    Add(100'000 + key);
    Add(200'000 + key);
  }
  for (int round = 0; round < 40; ++round) {
    const bool high = round % 2 == 0;
    // The high place's levels but for its lowest leave, or come back.
    for (PriceKey key = 0; key < 3'000; ++key, ++placed) {
      if (high)
        Remove(200'000 + key);
      else
        Add(200'000 + key);
    }
    const PriceKey near = high ? 100'000 : 200'000;
    for (PriceKey i = 0; i < 4'000; ++i, ++placed) Add(near + i % 3'000);
  }
  EXPECT_GT(side_.levels_moved(), 0u) << "the attack has missed its aim";
  EXPECT_LE(2 * side_.levels_moved(), placed);
  ExpectAllLevelsInOrder();
}

}  // namespace
}  // namespace bourse::matching
