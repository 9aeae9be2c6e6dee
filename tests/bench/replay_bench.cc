// How fast a ledger is replayed from its blocks, signatures not checked again.
//
//   replay_bench --operations=10000000 --per-transaction=50 --path=/var/tmp/replay_bench
//
// The exchange first makes the ledger, of stream A of order_stream.h in transactions that nobody
// signed. Then a new exchange runs the blocks again as the ledger has them, and their roots are
// compared; then exchange::Replay, the audit's, compares each record as well. All on one core. A
// million operations take 0.4 GB of disk and 0.7 GB of memory.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "common/codec.h"
#include "common/ed25519.h"
#include "ledger/memory_store.h"
#include "ledger/records.h"
#include "ledger/rocks_store.h"
#include "ledger/schema.h"
#include "node/exchange/exchange.h"
#include "node/exchange/replay.h"
#include "tests/bench/bench_keys.h"
#include "tests/bench/measure.h"
#include "tests/bench/null_store.h"
#include "tests/bench/order_stream.h"
#include "tests/bench/stream_blocks.h"

namespace bourse::bench {
namespace {

struct Options {
  std::uint64_t operations = 1'000'000;
  std::uint32_t per_transaction = 50;
  std::uint32_t per_block = 5'000;
  std::uint32_t traders = 1'000;
  std::string path = "/var/tmp/replay_bench";
  bool no_audit = false;
};

// How the ledger was made.
struct Made {
  double finalize_s = 0;
  double commit_s = 0;
  std::uint64_t blocks = 0;
  std::uint64_t transactions = 0;
  std::uint64_t bytes = 0;
  Hash256 state_root;
};

// Those of MakeGenesis, who don't sign.
Traders SilentTraders(std::uint32_t count) {
  std::vector<AccountId> ids;
  for (std::uint32_t i = 0; i < count; ++i) ids.push_back(KeyOf(i).public_key());
  return {.count = count,
          .account = [ids](std::uint32_t trader) { return ids[trader]; },
          .sign = nullptr};
}

std::unique_ptr<exchange::Exchange> Begin(ledger::Store* store, const ledger::Genesis& genesis) {
  auto exchange = exchange::Exchange::Open(store);
  Require(exchange.status());
  Require((*exchange)->InitChain(genesis));
  return *std::move(exchange);
}

Made MakeLedger(const Options& options, const ledger::Genesis& genesis, const OrderStream& stream) {
  std::filesystem::remove_all(options.path);
  const auto store = ledger::RocksStore::Open(options.path, {.sync = false});
  Require(store.status());
  const auto exchange = Begin(store->get(), genesis);
  Made made;
  const auto run = [&](const exchange::Block& block) {
    Clock::time_point start = Clock::now();
    const auto result = exchange->FinalizeBlock(block);
    made.finalize_s += SecondsSince(start);
    Require(result.status());
    start = Clock::now();
    Require(exchange->Commit());
    made.commit_s += SecondsSince(start);
    ++made.blocks;
    made.transactions += block.transactions.size();
    for (const std::string& bytes : block.transactions) made.bytes += bytes.size();
  };
  BlockMaker({.per_transaction = options.per_transaction, .per_block = options.per_block},
             SilentTraders(options.traders), GenesisHash(genesis), run)
      .Make(stream);
  made.state_root = exchange->Info().state_root;
  return made;
}

std::string Read(const ledger::View& view, const std::string& key) {
  auto value = view.Get(ledger::Family::kBlocks, key);
  Require(value.status());
  if (!value->has_value()) Require(absl::DataLossError("a block is missing"));
  return *std::move(*value);
}

exchange::Block ReadBlock(const ledger::View& view, Height height, ledger::BlockHeader* header) {
  if (!Decode(Read(view, ledger::HeaderKey(height)), header)) {
    Require(absl::DataLossError("a header is unreadable"));
  }
  exchange::Block block{.protocol_version = header->protocol_version,
                        .height = header->height,
                        .time = header->time,
                        .hash = header->hash,
                        .parent_hash = header->parent_hash,
                        .transactions = {}};
  const std::string body = Read(view, ledger::BodyKey(height));
  Reader reader(body);
  while (reader.ok() && reader.left() > 0) block.transactions.emplace_back(reader.Sized());
  return block;
}

// Seconds to run the ledger's blocks again.
double RunAgain(const ledger::View& view, const ledger::Genesis& genesis, const Made& made) {
  NullStore nothing;
  const auto exchange = Begin(&nothing, genesis);
  const Clock::time_point start = Clock::now();
  for (std::uint64_t i = 1; i <= made.blocks; ++i) {
    ledger::BlockHeader header;
    const auto result = exchange->FinalizeBlock(ReadBlock(view, Height(i), &header));
    Require(result.status());
    const bool same = result->header.transactions_root == header.transactions_root &&
                      result->header.results_root == header.results_root &&
                      result->header.state_root == header.state_root;
    if (!same) Require(absl::InternalError("roots differ"));
    Require(exchange->Commit());
  }
  const double seconds = SecondsSince(start);
  if (exchange->Info().state_root != made.state_root) Require(absl::InternalError("roots differ"));
  return seconds;
}

double Audit(const ledger::View& view, const Made& made) {
  ledger::MemoryStore scratch;
  exchange::ReplayOptions options;
  options.check_proposals = false;
  const Clock::time_point start = Clock::now();
  const auto counts = exchange::Replay(view, &scratch, options);
  const double seconds = SecondsSince(start);
  Require(counts.status());
  if (counts->state_root != made.state_root) Require(absl::InternalError("roots differ"));
  return seconds;
}

// Seconds that the signatures would take which a replay need not check.
double SignaturesOf(const Made& made) {
  constexpr int kChecks = 2'000;
  const KeyPair key = KeyOf(0);
  const std::string message(made.bytes / made.transactions, 'm');
  const Signature signature = key.Sign(AsBytes(message));
  int good = 0;
  const Clock::time_point start = Clock::now();
  for (int i = 0; i < kChecks; ++i) {
    good += Verify(key.public_key(), AsBytes(message), signature) ? 1 : 0;
  }
  const double each_s = SecondsSince(start) / kChecks;
  if (good != kChecks) Require(absl::InternalError("a signature is wrong"));
  return each_s * static_cast<double>(made.transactions);
}

void Run(const Options& options) {
  const ledger::Genesis genesis = MakeGenesis(options.traders, options.traders);
  StreamSpec spec = StandardStreams(options.operations).front();
  spec.resting = std::min<std::uint64_t>(spec.resting, options.operations / 4);
  std::uint64_t operations = 0;
  Made made;
  {
    const OrderStream stream = MakeStream(spec);
    operations = stream.operations.size();
    made = MakeLedger(options, genesis, stream);
  }
  const auto store = ledger::RocksStore::Open(options.path, {});
  Require(store.status());
  const double again_s = RunAgain(**store, genesis, made);
  std::optional<double> audit_s;
  if (!options.no_audit) audit_s = Audit(**store, made);

  std::printf("%llu operations in %llu transactions and %llu blocks, state root %s\n\n",
              static_cast<unsigned long long>(operations),
              static_cast<unsigned long long>(made.transactions),
              static_cast<unsigned long long>(made.blocks),
              ToHex(made.state_root).substr(0, 16).c_str());
  const StepTable table(operations, SignaturesOf(made));
  table.Row("the blocks' first run", made.finalize_s);
  table.Row("  and writing them, not synced", made.finalize_s + made.commit_s);
  table.Row("replay: read, run, compare the roots", again_s);
  if (audit_s) table.Row("audit: compare each record, too", *audit_s);
  std::printf("\nreplay takes %.2f of the first run's time", again_s / made.finalize_s);
  if (audit_s) std::printf(", the audit %.2f", *audit_s / made.finalize_s);
  std::printf("\n");
}

}  // namespace
}  // namespace bourse::bench

int main(int argc, char** argv) {
  bourse::bench::Options options;
  CLI::App app("How fast a ledger is replayed from its blocks");
  app.add_option("--operations", options.operations,
                 "orders, cancels and replaces after a prefill");
  app.add_option("--per-transaction", options.per_transaction, "operations of one, at most")
      ->check(CLI::Range(1, 200));
  app.add_option("--per-block", options.per_block, "operations a block");
  app.add_option("--traders", options.traders, "accounts, all of which trade")
      ->check(CLI::Range(2, 1'000'000));
  app.add_option("--path", options.path, "folder for the ledger; removed before and after");
  app.add_flag("--no-audit", options.no_audit, "leave the audit out");
  CLI11_PARSE(app, argc, argv);
  bourse::bench::Require(bourse::CheckVerifier());
  bourse::bench::Run(options);
  std::filesystem::remove_all(options.path);
  return 0;
}
