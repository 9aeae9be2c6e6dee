// What an order costs, step by step, up to the synced disk: signature, decoding, exchange, store.
//
//   exchange_bench --operations=500000 --per-transaction=50 --path=/var/tmp/exchange_bench
//
// The orders are stream A of order_stream.h, spread over those accounts that trade, as signed
// transactions in blocks. Each step runs alone over the same blocks, on one core; rows are also
// given as a share of what the core could do if it only checked signatures, as machines differ.
// What the state tree takes, and the copying into batches, are done again by themselves with each
// block's batch: the exchange without the tree is what is left.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "common/ed25519.h"
#include "common/transaction.h"
#include "ledger/rocks_store.h"
#include "node/exchange/audit.h"
#include "node/exchange/exchange.h"
#include "tests/bench/apply_all.h"
#include "tests/bench/engine_book.h"
#include "tests/bench/measure.h"
#include "tests/bench/order_stream.h"
#include "tests/bench/redoer.h"
#include "tests/bench/stream_blocks.h"

namespace bourse::bench {
namespace {

struct Options {
  std::uint64_t operations = 300'000;
  std::uint32_t per_transaction = 50;
  std::uint32_t per_block = 5'000;
  std::uint32_t accounts = 1'000;  // with funds
  std::uint32_t traders = 1'000;   // of these, evenly spread: those that trade
  std::string path = "/var/tmp/exchange_bench";
  bool no_disk = false;
};

struct Measured {
  double finalize_s = 0;
  double commit_s = 0;
  std::uint64_t swaps = 0;
  std::uint64_t rejected = 0;
  Hash256 state_root;
};

Measured RunBlocks(ledger::Store* store, const ledger::Genesis& genesis,
                   const std::vector<exchange::Block>& blocks, Redoer* redoer = nullptr) {
  auto exchange = *exchange::Exchange::Open(store);
  Require(exchange->InitChain(genesis));
  if (redoer != nullptr) redoer->Begin();
  Measured measured;
  for (const exchange::Block& block : blocks) {
    Clock::time_point start = Clock::now();
    auto result = exchange->FinalizeBlock(block);
    measured.finalize_s += SecondsSince(start);
    Require(result.status());
    start = Clock::now();
    Require(exchange->Commit());
    measured.commit_s += SecondsSince(start);
    for (std::uint32_t i = 0; i < result->events.size(); ++i) {
      measured.swaps += result->events.At(i).front() == 1 ? 1 : 0;
    }
    for (const ledger::Receipt& receipt : result->receipts) {
      for (const ledger::OperationResult& r : receipt.results) {
        measured.rejected += r.reason != RejectReason::kNone ? 1 : 0;
      }
    }
  }
  Require(exchange::CheckLaws(exchange->core()));
  measured.state_root = exchange->Info().state_root;
  return measured;
}

// Seconds for the stream's operations in the engine alone, which knows no accounts.
double MatchAlone(const OrderStream& stream) {
  EngineBook book(stream);
  const StreamOperation* const first = stream.operations.data();
  const Clock::time_point start = Clock::now();
  ApplyAll(book, first, first + stream.operations.size());
  const double seconds = SecondsSince(start);
  if (!(book.totals() == stream.totals)) Require(absl::InternalError("trades differ"));
  return seconds;
}

std::vector<exchange::Block> MakeBlocks(const Options& options, const Hash256& genesis_hash,
                                        const OrderStream& stream) {
  std::vector<exchange::Block> blocks;
  BlockMaker({.per_transaction = options.per_transaction, .per_block = options.per_block},
             SigningTraders(options.traders), genesis_hash,
             [&](exchange::Block block) { blocks.push_back(std::move(block)); })
      .Make(stream);
  return blocks;
}

void Run(const Options& options) {
  const ledger::Genesis genesis = MakeGenesis(options.accounts, options.traders);
  StreamSpec spec = StandardStreams(options.operations).front();
  spec.resting = std::min<std::uint64_t>(spec.resting, options.operations / 4);
  const OrderStream stream = MakeStream(spec);
  const std::vector<exchange::Block> blocks = MakeBlocks(options, GenesisHash(genesis), stream);
  std::vector<SignedTransaction> decoded;
  std::uint64_t transactions = 0;
  for (const exchange::Block& block : blocks) transactions += block.transactions.size();
  std::printf("%zu operations in %llu transactions and %zu blocks, %u accounts, %u that trade\n",
              stream.operations.size(), static_cast<unsigned long long>(transactions),
              blocks.size(), options.accounts, options.traders);

  Clock::time_point start = Clock::now();
  for (const exchange::Block& block : blocks) {
    for (const std::string& bytes : block.transactions) {
      decoded.push_back(*DecodeSignedTransaction(AsBytes(bytes)));
    }
  }
  const double decode_s = SecondsSince(start);
  start = Clock::now();
  std::size_t next = 0;
  for (const exchange::Block& block : blocks) {
    for (const std::string& bytes : block.transactions) {
      if (!VerifySignature(decoded[next++], AsBytes(bytes))) Require(absl::InternalError("sign"));
    }
  }
  const double verify_s = SecondsSince(start);

  Redoer redoer;
  const Measured memory = RunBlocks(&redoer, genesis, blocks, &redoer);
  if (redoer.root() != memory.state_root) Require(absl::InternalError("roots differ"));
  Measured disk;
  if (!options.no_disk) {
    std::filesystem::remove_all(options.path);
    {
      auto store = ledger::RocksStore::Open(options.path, {});
      Require(store.status());
      disk = RunBlocks(store->get(), genesis, blocks);
    }
    std::filesystem::remove_all(options.path);
    if (disk.state_root != memory.state_root) Require(absl::InternalError("roots differ"));
  }

  std::printf("%llu swaps, %llu rejections, state root %s\n\n",
              static_cast<unsigned long long>(memory.swaps),
              static_cast<unsigned long long>(memory.rejected),
              ToHex(memory.state_root).substr(0, 16).c_str());
  const StepTable table(stream.operations.size(), verify_s);
  table.Row("check the signatures", verify_s);
  table.Row("decode", decode_s);
  table.Row("exchange, state tree included", memory.finalize_s);
  table.Row("  matching alone of that", MatchAlone(stream));
  table.Row("  the state tree of that", redoer.tree_s());
  table.Row("  copying into the batch of that", redoer.batch_s());
  table.Row("  without the state tree", memory.finalize_s - redoer.tree_s());
  if (!options.no_disk) {
    table.Row("one synced write a block (RocksDB)", disk.commit_s);
    table.Row("exchange and synced disk", disk.finalize_s + disk.commit_s);
    table.Row("all of it, signatures included",
              verify_s + decode_s + disk.finalize_s + disk.commit_s);
  }
  const auto leaves = static_cast<double>(redoer.leaves());
  std::printf(
      "\nstate tree: %.2f leaves changed an operation, %.2f us a changed leaf, %zu leaves\n",
      leaves / static_cast<double>(stream.operations.size()), redoer.tree_s() / leaves * 1e6,
      redoer.size());
}

}  // namespace
}  // namespace bourse::bench

int main(int argc, char** argv) {
  bourse::bench::Options options;
  CLI::App app("What an order costs, from its signature to the synced disk");
  app.add_option("--operations", options.operations,
                 "orders, cancels and replaces after a prefill");
  app.add_option("--per-transaction", options.per_transaction, "operations under one signature")
      ->check(CLI::Range(1, 200));
  app.add_option("--per-block", options.per_block, "operations a block");
  app.add_option("--accounts", options.accounts, "with funds")->check(CLI::Range(2, 1'000'000));
  app.add_option("--traders", options.traders, "accounts that trade")
      ->check(CLI::Range(2, 1'000'000));
  app.add_option("--path", options.path, "folder for the database; removed before and after");
  app.add_flag("--no-disk", options.no_disk, "leave the database out");
  CLI11_PARSE(app, argc, argv);
  options.traders = std::min(options.traders, options.accounts);
  const absl::Status verifier = bourse::CheckVerifier();
  if (!verifier.ok()) {
    std::fprintf(stderr, "%s\n", verifier.ToString().c_str());
    return 1;
  }
  bourse::bench::Run(options);
  return 0;
}
