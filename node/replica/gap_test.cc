#include <gtest/gtest.h>

#include "node/replica/replica.h"
#include "node/replica/testing/cluster.h"

namespace bourse::replica {
namespace {

using testing::Cluster;

// What a peer has in its archive alone comes as a run of blocks, which may begin above a gap.
TEST(GapTest, BlocksAboveAGapAreTakenWhereTheyAreMissing) {
  constexpr std::uint64_t kGap = 10;   // heights of blocks
  constexpr std::uint64_t kHole = 21;  // that node 3 does not lead
  Cluster cluster({.seed = 1});
  cluster.StartAll();
  bool gap_is_open = true;
  cluster.passes = [&](std::size_t /*from*/, std::size_t to, const Message& message) {
    if (to != 3) return true;
    if (const auto* candidate = std::get_if<CompactCandidate>(&message)) {
      const std::uint64_t height = candidate->header.header.height.value();
      return height != kGap && height != kHole;
    }
    if (const auto* blocks = std::get_if<Blocks>(&message)) {
      return !gap_is_open || blocks->from.value() > kGap;
    }
    return !std::holds_alternative<Candidates>(message);
  };
  const auto trade = [&] {
    (void)cluster.Submit(0);
    cluster.RunFor(20'000);
  };
  while (cluster.HeightOf(0).value() < 400) trade();  // their memory has no such blocks any more
  EXPECT_EQ(cluster.HeightOf(3).value(), kGap - 1);
  const auto& counters = cluster.node(3).replica->counters();
  for (int i = 0; i < 2'000 && counters.candidates_fetched == 0; ++i) trade();
  EXPECT_EQ(counters.candidates_fetched, 1u);
  gap_is_open = false;
  cluster.RunUntil([&] { return cluster.HeightOf(3).value() >= 400; }, "no block of height 400");
  EXPECT_EQ(cluster.node(3).misbehaviour, 0u);
  cluster.ExpectOneChain();
}

}  // namespace
}  // namespace bourse::replica
