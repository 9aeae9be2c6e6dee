// Dry runs against the model: what Simulate says of a transaction is what the next block does with
// it, if it is alone in there and nothing else is due.

#include <gtest/gtest.h>

#include "common/transaction.h"
#include "tests/model/comparison.h"
#include "tests/model/generator.h"
#include "tests/model/text.h"
#include "tests/model/twin.h"
#include "tests/model/world.h"

namespace bourse::model {
namespace {

constexpr int kSeeds = 8;
constexpr int kBlocks = 60;
constexpr std::size_t kTransactionsPerBlock = 12;

exchange::Block With(exchange::Block block, std::vector<std::string> transactions) {
  block.transactions = std::move(transactions);
  return block;
}

// Whether a block would do nothing by itself: nothing expires, closes or goes on.
bool IsQuiet(const Model& model, const exchange::Block& block) {
  Model copy = model;
  if (!copy.RunBlock(With(block, {})).events.empty()) return false;
  for (const auto& [id, order] : copy.state().orders) {
    if (order.closing || order.place == Place::kCarried) return false;
  }
  return true;
}

// Where a dry run differs from the model's real one; empty if nowhere.
std::string CompareDryRun(const Twin& twin, const exchange::Block& block,
                          const std::string& encoded) {
  const auto transaction = DecodeSignedTransaction(AsBytes(encoded));
  if (!transaction.ok()) return {};
  const exchange::Simulation dry = twin.exchange().Simulate(*transaction, block.time);
  Model copy = twin.model();
  return CompareResults({dry.receipt}, dry.events, copy.RunBlock(With(block, {encoded})));
}

TEST(SimulationPropertyTest, ForetellsWhatTheNextBlockDoesWithTheTransactionAlone) {
  int dry_runs = 0;
  for (std::uint64_t seed = 900; seed < 900 + kSeeds; ++seed) {
    const World world = MakeWorld(seed);
    Twin twin(world);
    Generator generator(seed, world);
    for (int i = 0; i < kBlocks; ++i) {
      const exchange::Block block = generator.NextBlock(twin.state());
      if (IsQuiet(twin.model(), block)) {
        for (std::size_t t = 0; t < block.transactions.size() && t < kTransactionsPerBlock; ++t) {
          const std::string difference = CompareDryRun(twin, block, block.transactions[t]);
          ASSERT_TRUE(difference.empty()) << "seed " << seed << ": " << difference << "\n"
                                          << Text(With(block, {block.transactions[t]}));
          ++dry_runs;
        }
      }
      const std::string changed = twin.Run(block);
      ASSERT_TRUE(changed.empty()) << "seed " << seed << ": a dry run changed " << changed;
    }
  }
  EXPECT_GE(dry_runs, 1'000);
}

}  // namespace
}  // namespace bourse::model
