// What a block costs the store, and a restart: RocksStore on a real disk.
//
//   store_bench --path=/var/tmp/store_bench --blocks=100 --records=5000 --leaves=1000000
//
// Blocks of small records in the accounts, transactions and orders families, with and without the
// sync; then the state tree is made of stored records, as at a node's start.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "common/hash.h"
#include "ledger/rocks_store.h"
#include "ledger/state_tree.h"

namespace bourse::ledger {
namespace {

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Ends the program with the error: a benchmark has no use for half of its numbers.
void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

// A third each: an account's record, a receipt, an order.
Batch MakeBlock(std::size_t records, std::mt19937_64& random) {
  Batch batch;
  for (std::size_t i = 0; i < records; ++i) {
    const Hash256 key = StateTree::PlaceOf(std::to_string(random() % 1'000'000));
    const std::string text(AsText(key.bytes));
    if (i % 3 == 0) batch.Put(Family::kAccounts, text, std::string(72, 'a') + text);
    if (i % 3 == 1) batch.Put(Family::kTransactions, text, std::string(40, 't'));
    if (i % 3 == 2) batch.Put(Family::kOrders, text, std::string(60, 'o'));
  }
  return batch;
}

void MeasureApply(const std::string& path, bool sync, int blocks, std::size_t records) {
  std::filesystem::remove_all(path);
  auto store = RocksStore::Open(path, {.sync = sync});
  Require(store.status());
  std::mt19937_64 random(1);
  std::vector<double> millis;
  double total = 0;
  for (int i = 0; i < blocks; ++i) {
    const Batch batch = MakeBlock(records, random);
    const auto start = std::chrono::steady_clock::now();
    Require((*store)->Apply(batch));
    millis.push_back(SecondsSince(start) * 1e3);
    total += millis.back();
  }
  std::sort(millis.begin(), millis.end());
  std::printf(
      "%zu records a block, sync %s: median %.1f ms, worst of %d blocks %.1f ms, %.0f records/s\n",
      records, sync ? "on" : "off", millis[millis.size() / 2], blocks, millis.back(),
      static_cast<double>(records) * blocks / total * 1e3);
}

void WriteRecords(const std::string& path, std::size_t records) {
  std::filesystem::remove_all(path);
  const auto store = RocksStore::Open(path, {});
  Require(store.status());
  Batch batch;
  for (std::size_t i = 0; i < records; ++i) {
    batch.Put(Family::kOrders, AsText(StateTree::PlaceOf(std::to_string(i)).bytes),
              std::string(60, 'o'));
    if (i % 10'000 != 9'999 && i + 1 != records) continue;
    Require((*store)->Apply(batch));
    batch.Clear();
  }
}

void MeasureRestart(const std::string& path, std::size_t leaves) {
  WriteRecords(path, leaves);
  auto start = std::chrono::steady_clock::now();
  const auto store = RocksStore::Open(path, {});
  Require(store.status());
  const double open = SecondsSince(start);
  start = std::chrono::steady_clock::now();
  std::vector<StateTree::Change> changes;
  Require(
      (*store)->Scan(Family::kOrders, "", "", [&](std::string_view key, std::string_view value) {
        const Hash256 place = StateTree::PlaceOf(key);
        changes.push_back({place, StateTree::LeafOf(place, value)});
        return true;
      }));
  const StateTree tree = StateTree::Of(std::move(changes));
  std::printf("restart with %zu records: store opened in %.2f s, state tree made in %.2f s\n",
              tree.size(), open, SecondsSince(start));
}

}  // namespace
}  // namespace bourse::ledger

int main(int argc, char** argv) {
  std::string path = "/var/tmp/bourse_store_bench";
  int blocks = 100;
  std::size_t records = 5'000, leaves = 1'000'000;
  CLI::App app("What a block costs the store, and a restart");
  app.add_option("--path", path, "a folder on the disk to measure; it is emptied");
  app.add_option("--blocks", blocks, "blocks a measurement")->check(CLI::PositiveNumber);
  app.add_option("--records", records, "records a block");
  app.add_option("--leaves", leaves, "records in the state tree at the restart");
  CLI11_PARSE(app, argc, argv);
  if (sodium_init() < 0) return 1;
  bourse::ledger::MeasureApply(path, /*sync=*/true, blocks, records);
  bourse::ledger::MeasureApply(path, /*sync=*/false, blocks, records);
  bourse::ledger::MeasureRestart(path, leaves);
  std::filesystem::remove_all(path);
  return 0;
}
