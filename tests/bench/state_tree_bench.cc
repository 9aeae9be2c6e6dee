// What a block costs the state tree: microseconds a changed record, by the size of the state.
//
//   state_tree_bench --leaves=10000,1000000 --touched=10000 --rounds=20
//
// A change costs the hash of its record and of all that is above it, each once a block. The best
// round counts: the others had to share the machine.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "CLI/CLI.hpp"
#include "common/hash.h"
#include "ledger/state_tree.h"

namespace bourse::ledger {
namespace {

// With its place, 104 bytes are hashed: an order's record.
constexpr std::size_t kValueBytes = 72;

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Bytes of memory that the process has, or 0 where the system doesn't say.
std::size_t ResidentBytes() {
  std::size_t total = 0, resident = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%zu %zu", &total, &resident) != 2) resident = 0;
    std::fclose(file);
  }
  return resident * 4096;
}

struct Records {
  explicit Records(std::size_t count) : places(count) {
    for (std::size_t i = 0; i < count; ++i) places[i] = StateTree::PlaceOf(std::to_string(i));
  }
  std::vector<Hash256> places;
};

void Fill(const Records& records, StateTree* tree) {
  std::vector<StateTree::Change> changes;
  const std::string value(kValueBytes, 'v');
  for (std::size_t i = 0; i < records.places.size(); ++i) {
    const Hash256& place = records.places[i];
    changes.push_back({place, StateTree::LeafOf(place, value)});
    if (changes.size() == 100'000 || i + 1 == records.places.size()) {
      tree->Update(changes);
      changes.clear();
    }
  }
}

// Seconds for `touched` changes of records, chosen with repetition: each is hashed, and one a
// record goes into the tree.
double Round(const Records& records, std::size_t touched, std::mt19937_64& random,
             StateTree* tree) {
  std::vector<std::uint32_t> ids(touched);
  for (std::uint32_t& id : ids) id = static_cast<std::uint32_t>(random() % records.places.size());
  static std::vector<bool> seen;
  seen.assign(records.places.size(), false);
  std::vector<StateTree::Change> changes;
  changes.reserve(touched);
  std::string value(kValueBytes, '\0');

  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < touched; ++i) {
    if (i + 8 < touched) __builtin_prefetch(&records.places[ids[i + 8]]);
    const Hash256& place = records.places[ids[i]];
    value.replace(0, sizeof(i), reinterpret_cast<const char*>(&i), sizeof(i));
    const Hash256 leaf = StateTree::LeafOf(place, value);
    if (!seen[ids[i]]) changes.push_back({place, leaf});
    seen[ids[i]] = true;
  }
  tree->Update(changes);
  return SecondsSince(start);
}

void Run(std::size_t leaves, std::size_t touched, int rounds) {
  const Records records(leaves);
  const std::size_t before = ResidentBytes();
  StateTree tree;
  const auto start = std::chrono::steady_clock::now();
  Fill(records, &tree);
  const double fill = SecondsSince(start);
  const std::size_t bytes = ResidentBytes() - before;

  std::mt19937_64 random(1);
  double best = 1e9;
  for (int i = 0; i < rounds; ++i) best = std::min(best, Round(records, touched, random, &tree));
  std::printf(
      "%9zu leaves: %.2f us a changed leaf (%zu a block); filled in %.2f s; %.0f bytes each\n",
      leaves, best * 1e6 / static_cast<double>(touched), touched, fill,
      static_cast<double>(bytes) / static_cast<double>(leaves));
}

}  // namespace
}  // namespace bourse::ledger

int main(int argc, char** argv) {
  std::vector<std::size_t> leaves = {10'000, 1'000'000};
  std::size_t touched = 10'000;
  int rounds = 20;
  CLI::App app("What a block costs the state tree");
  app.add_option("--leaves", leaves, "sizes of the state, in records")->delimiter(',');
  app.add_option("--touched", touched, "records changed a block");
  app.add_option("--rounds", rounds, "blocks, of which the fastest counts");
  CLI11_PARSE(app, argc, argv);
  if (sodium_init() < 0) return 1;
  for (const std::size_t count : leaves) bourse::ledger::Run(count, touched, rounds);
  return 0;
}
