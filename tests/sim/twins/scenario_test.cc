#include "tests/sim/twins/scenario.h"

#include <gtest/gtest.h>

namespace bourse::sim::twins {
namespace {

TEST(ScenarioTest, NumbersAndScenariosAreOneToOne) {
  for (std::uint32_t number = 0; number < kValidators * kScenariosOfOne; number += 997) {
    EXPECT_EQ(NumberOf(ScenarioOf(number)), number);
  }
}

TEST(ScenarioTest, SplitSaysWhoReachesWhom) {
  ScriptedSlot slot;
  slot.split = 0b1001;  // instances 1 and 4
  EXPECT_TRUE(slot.Connects(1, 4));
  EXPECT_TRUE(slot.Connects(0, 2));
  EXPECT_FALSE(slot.Connects(0, 1));
  EXPECT_FALSE(slot.Connects(4, 3));
}

// Burnside: renamings are the orders of three validators, with or without exchanging the twins. How
// many scenarios each leaves as they are, added up and divided by the renamings, is the number of
// kinds. One slot's: 4 leaders by 16 splits by 2.
TEST(ScenarioTest, OneOfEachKindIsFirst) {
  std::uint64_t kinds = 0;
  for (std::uint32_t number = 0; number < kScenariosOfOne; ++number) {
    kinds += IsFirstOfItsKind(ScenarioOf(number)) ? 1 : 0;
  }
  const auto cube = [](std::uint64_t n) { return n * n * n; };
  // Kept: all of 64 pairs (leader, split) by one; 2 leaders and 8 splits by each of three
  // exchanges of validators; 1 leader and 4 splits by each of two rotations.
  // With the twins exchanged: 4 leaders and 8 splits; 2 and 4 (3 of them); 1 and 2 (2 of them).
  const std::uint64_t fixed = cube(2 * 64) + 3 * cube(2 * 2 * 8) + 2 * cube(2 * 4) +
                              cube(2 * 4 * 8) + 3 * cube(2 * 2 * 4) + 2 * cube(2 * 2);
  EXPECT_EQ(kinds, fixed / 12);
}

}  // namespace
}  // namespace bourse::sim::twins
