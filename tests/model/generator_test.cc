#include "tests/model/generator.h"

#include <gtest/gtest.h>

#include <iostream>

#include "ledger/genesis.h"
#include "tests/model/coverage.h"
#include "tests/model/model.h"
#include "tests/model/world.h"

namespace bourse::model {
namespace {

TEST(WorldTest, EverySeedGivesAValidGenesis) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    EXPECT_TRUE(ledger::Validate(MakeWorld(seed).genesis).ok())
        << "seed " << seed << ": " << ledger::Validate(MakeWorld(seed).genesis).message();
  }
}

TEST(GeneratorTest, TheSameSeedGivesTheSameBlocks) {
  const World world = MakeWorld(7);
  Model model(world.genesis, world.limits);
  Generator a(7, world);
  Generator b(7, world);
  for (int i = 0; i < 20; ++i) {
    const exchange::Block block = a.NextBlock(model.state());
    EXPECT_EQ(block.transactions, b.NextBlock(model.state()).transactions) << "block " << i;
    model.RunBlock(block);
  }
}

TEST(GeneratorTest, ReachesEveryReasonAndEveryTypeWithEveryMode) {
  Coverage coverage;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const World world = MakeWorld(seed);
    Model model(world.genesis, world.limits);
    Generator generator(seed, world);
    for (int i = 0; i < 100; ++i) {
      const exchange::Block block = generator.NextBlock(model.state());
      const Outcome outcome = model.RunBlock(block);
      coverage.Count(block, outcome.receipts, outcome.events);
    }
  }
  EXPECT_GE(coverage.Least(), 10u) << coverage;
  std::cout << coverage;
}

}  // namespace
}  // namespace bourse::model
