// A validator that was away, and whose signatures come late ever since.

#include <gtest/gtest.h>

#include "tests/sim/scenarios/network_of_four.h"

namespace bourse::sim {
namespace {

constexpr consensus::ValidatorIndex kSlow(3);

// Its signatures come when the others have finalized the slot without it, but well within the
// timeout. Unless they count, its slots are skipped at once for ever, and it never leads again.
TEST(SlowValidatorTest, LeadsAgainThoughItsSignaturesComeTooLate) {
  NetworkOfFour four(nullptr, NetworkOfFour::kDelayMicros / 2);  // no slot waits for work
  four.Isolate(3);
  ASSERT_TRUE(four.Await(60 * NetworkOfFour::kSecond, [&] {
    return four.core(0).IsGone(kSlow) && four.core(1).IsGone(kSlow) && four.core(2).IsGone(kSlow);
  }));
  four.world().network().HealCuts();
  for (NodeIndex other = 0; other < 3; ++other) {
    four.world().network().Slow(3, other, 6 * NetworkOfFour::kDelayMicros);
  }
  const std::size_t before = four.world().chain().size();
  EXPECT_TRUE(four.Await(60 * NetworkOfFour::kSecond, [&] {
    const auto& chain = four.world().chain();
    for (std::size_t i = before; i < chain.size(); ++i) {
      if (chain[i].slot.value() % NetworkOfFour::kNodes == 3) return true;
    }
    return false;
  }));
  EXPECT_EQ(four.failed_check(), "");
}

TEST(SlowValidatorTest, VotesAgainWhenItIsBackAfterHundredsOfBlocks) {
  NetworkOfFour four;
  four.Isolate(3);
  four.Run(5 * NetworkOfFour::kSecond);
  ASSERT_GT(four.world().highest().value(), 100U);
  four.world().network().HealCuts();
  const std::uint64_t healed_us = four.world().now_us();
  EXPECT_TRUE(four.AwaitHeights(30 * NetworkOfFour::kSecond, 20));
  EXPECT_GT(four.world().last_vote_us(3), healed_us);
  EXPECT_EQ(four.failed_check(), "");
}

}  // namespace
}  // namespace bourse::sim
