// The same blocks give the same roots and the same events from every build: optimized or not,
// checked by a sanitizer or not, by any compiler.
//
// For each seed, tests/golden/replay.txt has one digest of some hundred random blocks, and one of
// all that they give: each block's state root, results root and events, byte for byte. It changes
// only
//   - with the protocol: then the digest of results differs, and a new version of the protocol, or
//   a
//     new network, is due; or
//   - with the generator of random blocks (tests/model): then that of the blocks differs too.
// In these cases, and no others, write it anew, from the top of the source tree:
//
//   bazel run //tests/determinism:replay_digest_test -- --write=$PWD/tests/golden/replay.txt

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "common/hash.h"
#include "common/transaction.h"
#include "ledger/memory_store.h"
#include "node/exchange/exchange.h"
#include "tests/determinism/workload.h"
#include "tests/model/random.h"

namespace bourse::determinism {
namespace {

constexpr char kGolden[] = "tests/golden/replay.txt";
constexpr char kGoldenHead[] =
    "# What random blocks give: see tests/determinism/replay_digest_test.cc.\n"
    "# seed, blocks, operations, digest of the blocks, digest of their roots and events\n";

constexpr std::uint64_t kSeeds[] = {7001, 7002, 7003, 7004};
constexpr std::uint64_t kBlocks = 120;  // of each seed

// A digest that grows by one value after another.
class Digest {
 public:
  void Add(Bytes bytes) { hash_ = Hasher("replay digest").Update(hash_).Update(bytes).Finish(); }
  void Add(const std::string& text) { Add(AsBytes(text)); }
  void Add(const Hash256& hash) { Add(Bytes(hash.bytes)); }
  [[nodiscard]] std::string Hex() const { return ToHex(hash_); }

 private:
  Hash256 hash_;
};

void AddBlock(const exchange::Block& block, Digest* digest) {
  digest->Add(block.hash);
  digest->Add(block.parent_hash);
  digest->Add(Hasher("time").UpdateU64(block.time.value()).Finish());
  for (const std::string& transaction : block.transactions) digest->Add(transaction);
}

void AddResult(const exchange::BlockResult& result, Digest* digest) {
  digest->Add(result.header.state_root);
  digest->Add(result.header.results_root);
  digest->Add(result.events.Pack());
}

std::uint64_t CountOperations(const exchange::Block& block) {
  std::uint64_t count = 0;
  for (const std::string& bytes : block.transactions) {
    const auto decoded = DecodeSignedTransaction(AsBytes(bytes));
    if (decoded.ok()) count += decoded->transaction.operations.size();
  }
  return count;
}

// A line of the golden file.
std::string Line(std::uint64_t seed) {
  Workload workload(seed);
  Digest blocks, results;
  std::uint64_t operations = 0;
  for (std::uint64_t i = 1; i <= kBlocks; ++i) {
    const Workload::Step& step = workload.At(Height(i));
    operations += CountOperations(step.block);
    AddBlock(step.block, &blocks);
    AddResult(step.result, &results);
  }
  std::ostringstream line;
  line << seed << ' ' << kBlocks << ' ' << operations << ' ' << blocks.Hex() << ' '
       << results.Hex();
  return line.str();
}

std::vector<std::string> ReadGolden() {
  std::vector<std::string> lines;
  std::ifstream file(kGolden);
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != '#') lines.push_back(line);
  }
  return lines;
}

TEST(ReplayDigestTest, RootsAndEventsAreThoseOfTheGoldenFile) {
  std::vector<std::string> lines;
  for (const std::uint64_t seed : kSeeds) lines.push_back(Line(seed));
  EXPECT_EQ(ReadGolden(), lines);
}

TEST(ReplayDigestTest, RestartsAtRandomHeightsChangeNothing) {
  const std::vector<std::string> golden = ReadGolden();
  ASSERT_EQ(golden.size(), std::size(kSeeds));
  for (std::size_t i = 0; i < golden.size(); ++i) {
    SCOPED_TRACE(kSeeds[i]);
    Workload workload(kSeeds[i]);
    model::Random restarts(kSeeds[i]);
    ledger::MemoryStore store;
    auto exchange = exchange::Exchange::Open(&store, workload.world().limits);
    ASSERT_TRUE(exchange.ok()) << exchange.status();
    ASSERT_TRUE((*exchange)->InitChain(workload.world().genesis).ok());
    Digest results;
    for (std::uint64_t height = 1; height <= kBlocks; ++height) {
      if (restarts.Chance(30)) {
        exchange = exchange::Exchange::Open(&store, workload.world().limits);
        ASSERT_TRUE(exchange.ok()) << exchange.status();
      }
      const auto result = (*exchange)->FinalizeBlock(workload.At(Height(height)).block);
      ASSERT_TRUE(result.ok()) << result.status();
      ASSERT_TRUE((*exchange)->Commit().ok());
      AddResult(*result, &results);
    }
    EXPECT_EQ(golden[i].substr(golden[i].rfind(' ') + 1), results.Hex());
  }
}

int WriteGolden(const std::string& path) {
  std::ofstream file(path);
  file << kGoldenHead;
  for (const std::uint64_t seed : kSeeds) file << Line(seed) << '\n';
  file.close();
  if (!file) std::fprintf(stderr, "%s: can't be written\n", path.c_str());
  return file ? 0 : 1;
}

}  // namespace
}  // namespace bourse::determinism

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (argc == 1) return RUN_ALL_TESTS();
  const std::string argument = argv[1];
  if (argc == 2 && argument.starts_with("--write=")) {
    return bourse::determinism::WriteGolden(argument.substr(8));
  }
  std::fprintf(stderr, "usage: %s [--write=FILE]\n", argv[0]);
  return 2;
}
