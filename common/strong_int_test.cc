#include "common/strong_int.h"

#include <absl/container/flat_hash_map.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <type_traits>

#include "common/units.h"

namespace bourse {
namespace {

static_assert(!std::is_convertible_v<std::uint64_t, PriceTicks>, "built explicitly");
static_assert(!std::is_convertible_v<PriceTicks, std::uint64_t>, "read explicitly");
static_assert(!std::is_constructible_v<PriceTicks, Lots>, "a unit never becomes another");
static_assert(sizeof(MarketId) == sizeof(std::uint32_t), "costs no more than its integer");
static_assert(std::is_trivially_copyable_v<Atoms>);

TEST(StrongIntTest, IsZeroUnlessSaidOtherwise) { EXPECT_EQ(Atoms().value(), 0u); }

TEST(StrongIntTest, ComparesByValue) {
  EXPECT_EQ(PriceTicks(5), PriceTicks(5));
  EXPECT_NE(PriceTicks(5), PriceTicks(6));
  EXPECT_LT(PriceTicks(5), PriceTicks(6));
  EXPECT_GT(PriceTicks(~std::uint64_t{0}), PriceTicks(0));
}

TEST(StrongIntTest, IsAKeyOfHashedContainers) {
  absl::flat_hash_map<MarketId, int> map;
  map[MarketId(1)] = 10;
  map[MarketId(2)] = 20;
  EXPECT_EQ(map.at(MarketId(2)), 20);
  EXPECT_FALSE(map.contains(MarketId(3)));
}

TEST(UnitsTest, OrdersOfEarlierBlocksHaveLowerIds) {
  EXPECT_LT(MakeOrderId(Height(1), 0xffffff), MakeOrderId(Height(2), 0));
  EXPECT_LT(MakeOrderId(Height(2), 0), MakeOrderId(Height(2), 1));
}

TEST(UnitsTest, TheOppositeOfTheOppositeSideIsTheSide) {
  EXPECT_EQ(Opposite(Side::kBuy), Side::kSell);
  EXPECT_EQ(Opposite(Opposite(Side::kBuy)), Side::kBuy);
}

}  // namespace
}  // namespace bourse
