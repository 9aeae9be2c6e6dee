// The exchange against its model, on random blocks: the same receipts, events and states, whatever
// happens, across restarts.
//
// BOURSE_MODEL_OPERATIONS=1000000 runs that many operations instead of the short form, and prints
// how often each thing happened; BOURSE_MODEL_SEED=n runs the one seed that a failure named.

#include <gtest/gtest.h>

#include <cinttypes>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>

#include "common/hash.h"
#include "tests/model/coverage.h"
#include "tests/model/generator.h"
#include "tests/model/random.h"
#include "tests/model/shrink.h"
#include "tests/model/text.h"
#include "tests/model/twin.h"
#include "tests/model/world.h"

namespace bourse::model {
namespace {

constexpr std::uint64_t kShortForm = 100'000;
constexpr std::uint64_t kOperationsPerSeed = 10'000;
constexpr int kMaxShrinkTries = 400;

std::optional<std::uint64_t> FromEnvironment(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return std::nullopt;
  return std::strtoull(text, nullptr, 10);
}

std::uint64_t Operations() {
  return FromEnvironment("BOURSE_MODEL_OPERATIONS").value_or(kShortForm);
}

// What runs right now, for the message of a failed CHECK on either side.
struct Where {
  std::uint64_t seed = 0;
  std::uint64_t block = 0;
  std::uint64_t operations = 0;
};
Where where;

void SayWhere(int) {
  std::fprintf(stderr,
               "seed %" PRIu64 ", block %" PRIu64 ", after %" PRIu64 " operations: stopped\n",
               where.seed, where.block, where.operations);
}

// Where a twin differs first on these blocks. It restarts before every block if told so, as
// restarts at random would move when a block is left out.
std::string Replay(const World& world, const Blocks& blocks, bool restarting) {
  Twin twin(world);
  for (const exchange::Block& block : blocks) {
    if (restarting) twin.Restart();
    if (std::string difference = twin.Run(block); !difference.empty()) return difference;
  }
  return {};
}

std::string Story(const World& world, const Blocks& blocks) {
  const bool restarting = Replay(world, blocks, false).empty();
  if (restarting && Replay(world, blocks, true).empty()) return "only with its restarts\n";
  const Blocks left = Shrink(
      blocks, [&](const Blocks& some) { return !Replay(world, some, restarting).empty(); },
      kMaxShrinkTries);
  std::ostringstream story;
  story << "the least that shows it" << (restarting ? ", restarted before every block" : "")
        << ":\n";
  for (const exchange::Block& block : left) {
    if (!block.transactions.empty() || block.height == left.back().height) story << Text(block);
  }
  story << "then " << Replay(world, left, restarting) << "\n";
  return story.str();
}

// Runs random blocks of a seed. Returns what went wrong, for people; empty if nothing.
std::string RunSeed(std::uint64_t seed, std::uint64_t operations, Coverage* coverage,
                    Hash256* digest) {
  const World world = MakeWorld(seed);
  Twin twin(world);
  Generator generator(seed, world);
  Random restarts(seed + 1);
  Blocks blocks;
  while (twin.coverage().operations() < operations) {
    if (restarts.Chance(4)) twin.Restart();
    blocks.push_back(generator.NextBlock(twin.state()));
    where = {seed, blocks.size(), coverage->operations() + twin.coverage().operations()};
    const std::string difference = twin.Run(blocks.back());
    if (difference.empty()) continue;
    std::ostringstream out;
    out << "seed " << seed << ", block " << blocks.size() << ", after "
        << coverage->operations() + twin.coverage().operations() << " operations: " << difference
        << "\n"
        << Story(world, blocks) << "Run it again with BOURSE_MODEL_SEED=" << seed;
    return out.str();
  }
  coverage->Add(twin.coverage());
  *digest = Hasher("roots").Update(*digest).Update(twin.digest()).Finish();
  return {};
}

TEST(ExchangePropertyTest, DoesWhatTheModelDoes) {
  std::signal(SIGABRT, SayWhere);  // the default action follows
  Coverage coverage;
  Hash256 digest;
  const std::optional<std::uint64_t> only = FromEnvironment("BOURSE_MODEL_SEED");
  for (std::uint64_t seed = only.value_or(1); coverage.operations() < Operations(); ++seed) {
    const std::string difference = RunSeed(seed, kOperationsPerSeed, &coverage, &digest);
    ASSERT_TRUE(difference.empty()) << difference;
    if (only) return;
  }
  if (Operations() > kShortForm) std::cout << coverage;
  std::cout << "digest of all roots, the same from every build: " << ToHex(digest) << "\n";
  EXPECT_GE(coverage.Least(), Operations() / 1'000) << coverage;
}

// One exchange is opened anew from its store before many blocks, the other never is.
TEST(ExchangePropertyTest, ARestartedExchangeGivesTheSameRootsAndEvents) {
  for (std::uint64_t seed = 500; seed < 503; ++seed) {
    const World world = MakeWorld(seed);
    Model model(world.genesis, world.limits);
    Generator generator(seed, world);
    Random restarts(seed);
    ledger::MemoryStore store;
    ledger::MemoryStore other_store;
    auto exchange = OpenExchange(world, &store);
    auto restarted = OpenExchange(world, &other_store);
    ASSERT_TRUE(exchange->InitChain(world.genesis).ok());
    ASSERT_TRUE(restarted->InitChain(world.genesis).ok());
    for (int i = 0; i < 60; ++i) {
      const exchange::Block block = generator.NextBlock(model.state());
      model.RunBlock(block);
      if (restarts.Chance(30)) restarted = OpenExchange(world, &other_store);
      const auto a = exchange->FinalizeBlock(block);
      const auto b = restarted->FinalizeBlock(block);
      ASSERT_TRUE(a.ok() && b.ok());
      ASSERT_TRUE(exchange->Commit().ok() && restarted->Commit().ok());
      ASSERT_EQ(a->header.state_root, b->header.state_root) << "seed " << seed << " block " << i;
      ASSERT_EQ(a->header.results_root, b->header.results_root);
      ASSERT_EQ(a->header.transactions_root, b->header.transactions_root);
      ASSERT_EQ(a->events.Pack(), b->events.Pack());
      ASSERT_EQ(exchange->Info().state_root, restarted->Info().state_root);
    }
  }
}

}  // namespace
}  // namespace bourse::model
