// Each way of being Byzantine by itself, one of four: the others go on, and nothing breaks.

#include "tests/sim/byzantine/byzantine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/sim/scenarios/network_of_four.h"

namespace bourse::sim {
namespace {

class ByzantineTest : public testing::TestWithParam<std::string> {};

// All checks of the simulator look on: that includes memory, storms and blame of innocents.
TEST_P(ByzantineTest, OneOfFourDoesNotKeepTheOthersFromGoingOn) {
  for (const bool votes : {true, false}) {
    std::vector<std::string> behaviours = {GetParam()};
    if (votes) behaviours.emplace_back("votes");
    NetworkOfFour four(byzantine::MakeWith(behaviours));
    EXPECT_TRUE(four.AwaitHeights(20 * NetworkOfFour::kSecond, 60))
        << "height " << four.world().highest().value();
    EXPECT_EQ(four.failed_check(), "") << four.world().failure().what;
  }
}

// What was away catches up, though one of three tells nothing but lies.
TEST_P(ByzantineTest, OneOfFourDoesNotKeepAnotherFromCatchingUp) {
  NetworkOfFour four(byzantine::MakeWith({GetParam(), "votes"}));
  four.Isolate(2);
  ASSERT_TRUE(
      four.Await(60 * NetworkOfFour::kSecond, [&] { return four.world().highest().value() >= 40; }))
      << "height " << four.world().highest().value();
  four.world().network().HealCuts();
  EXPECT_TRUE(four.AwaitHeights(60 * NetworkOfFour::kSecond, 5))
      << "node 2 is at " << four.world().honest(2)->height().value() << " of "
      << four.world().highest().value();
  EXPECT_EQ(four.failed_check(), "") << four.world().failure().what;
}

std::string TestName(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::erase_if(name, [](char c) { return c == ','; });
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, ByzantineTest, testing::ValuesIn(byzantine::Names()), TestName);

}  // namespace
}  // namespace bourse::sim
