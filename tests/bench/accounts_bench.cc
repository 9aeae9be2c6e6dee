// What an operation costs by how many accounts there are: the exchange without its state tree, and
// the tree.
//
//   accounts_bench --accounts=10000,100000,1000000,10000000 --operations=1000000 --runs=5
//
// The orders are stream A of order_stream.h, each of another account, chosen all over them, and a
// transaction each: so that there are as many transactions whatever the number of accounts, and
// nearly every one finds an account that is in no cache. Sizes take turns, each run in a process of
// its own; medians are printed, and medians of the ratios to the run with the first size. Ten
// million accounts take 7 GB.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "common/ed25519.h"
#include "node/exchange/audit.h"
#include "node/exchange/exchange.h"
#include "tests/bench/crowd.h"
#include "tests/bench/measure.h"
#include "tests/bench/order_stream.h"
#include "tests/bench/redoer.h"
#include "tests/bench/stream_blocks.h"

namespace bourse::bench {
namespace {

struct Options {
  std::vector<std::uint32_t> accounts = {10'000, 1'000'000};
  std::uint64_t operations = 500'000;
  std::uint32_t per_transaction = 1;
  std::uint32_t per_block = 5'000;
  int runs = 3;
};

// Of one run; plain, as it goes through a pipe.
struct Figures {
  double load_s = 0;      // until the exchange has its state
  double finalize_s = 0;  // of that the state tree:
  double tree_s = 0;
  double leaves_changed = 0;
  double leaves = 0;
  double peak_mib = 0;
  std::uint64_t rejected = 0;
};

double PeakMiB() {
  struct rusage usage {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

// The accounts in an order that no cache or prefetcher can guess.
Traders CrowdOf(std::uint32_t accounts) {
  constexpr std::uint64_t kPrime = 2'654'435'761;
  return {.count = accounts,
          .account =
              [accounts](std::uint32_t trader) {
                return Crowd::IdOf(static_cast<std::uint32_t>(trader * kPrime % accounts));
              },
          .sign = nullptr};
}

void RequireSame(const Hash256& root, const Hash256& redone) {
  if (root != redone) Require(absl::InternalError("roots differ"));
}

Figures Measure(const Options& options, const OrderStream& stream, std::uint32_t accounts) {
  Figures figures;
  const ledger::Genesis genesis = MakeGenesis();
  Redoer redoer;
  Crowd crowd(genesis, accounts, &redoer);
  const Clock::time_point start = Clock::now();
  auto opened = exchange::Exchange::Open(&crowd);
  Require(opened.status());
  exchange::Exchange& exchange = **opened;
  figures.load_s = SecondsSince(start);
  // An exchange that reads its tree's leaves from the store finds none, and starts an empty tree.
  if (exchange.Info().state_root != Hash256{}) redoer = Redoer(TreeOf(crowd));
  RequireSame(exchange.Info().state_root, redoer.root());

  const auto run = [&](const exchange::Block& block) {
    const Clock::time_point begin = Clock::now();
    const auto result = exchange.FinalizeBlock(block);
    figures.finalize_s += SecondsSince(begin);
    Require(result.status());
    Require(exchange.Commit());
    for (const ledger::Receipt& receipt : result->receipts) {
      for (const ledger::OperationResult& r : receipt.results) {
        figures.rejected += r.reason != RejectReason::kNone ? 1 : 0;
      }
    }
  };
  BlockMaker({.per_transaction = options.per_transaction, .per_block = options.per_block},
             CrowdOf(accounts), GenesisHash(genesis), run)
      .Make(stream);
  RequireSame(exchange.Info().state_root, redoer.root());
  Require(exchange::CheckLaws(exchange.core()));
  figures.tree_s = redoer.tree_s();
  figures.leaves_changed = static_cast<double>(redoer.leaves());
  figures.leaves = static_cast<double>(redoer.size());
  figures.peak_mib = PeakMiB();
  return figures;
}

// The same in a process of its own: nothing of a run before it is in the way.
Figures MeasureApart(const Options& options, const OrderStream& stream, std::uint32_t accounts) {
  int ends[2];
  if (pipe(ends) != 0) Require(absl::InternalError("no pipe"));
  const pid_t child = fork();
  if (child == 0) {
    const Figures figures = Measure(options, stream, accounts);
    const bool told = write(ends[1], &figures, sizeof(figures)) == sizeof(figures);
    std::_Exit(told ? 0 : 1);
  }
  close(ends[1]);
  Figures figures;
  const bool heard = read(ends[0], &figures, sizeof(figures)) == sizeof(figures);
  close(ends[0]);
  waitpid(child, nullptr, 0);
  if (!heard) {
    Require(absl::InternalError("a run with " + std::to_string(accounts) + " accounts failed"));
  }
  return figures;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// The median of what `of` makes of each run.
template <typename Of>
double MedianOf(const std::vector<Figures>& runs, const Of& of) {
  std::vector<double> values;
  for (std::size_t i = 0; i < runs.size(); ++i) values.push_back(of(runs[i], i));
  return Median(std::move(values));
}

double Bare(const Figures& f) { return f.finalize_s - f.tree_s; }

void Print(std::uint32_t accounts, double operations, const std::vector<Figures>& runs,
           const std::vector<Figures>& first) {
  const auto ns = [&](double seconds) { return seconds / operations * 1e9; };
  std::printf(
      "%9u %10.0f %7.2f %10.0f %7.2f %9.2f %10.0f %8.1f %9.0f %9llu\n", accounts,
      MedianOf(runs, [&](const Figures& f, std::size_t) { return ns(Bare(f)); }),
      MedianOf(runs, [&](const Figures& f, std::size_t i) { return Bare(f) / Bare(first[i]); }),
      MedianOf(runs, [&](const Figures& f, std::size_t) { return ns(f.tree_s); }),
      MedianOf(runs, [&](const Figures& f, std::size_t i) { return f.tree_s / first[i].tree_s; }),
      MedianOf(runs,
               [](const Figures& f, std::size_t) { return f.tree_s / f.leaves_changed * 1e6; }),
      runs[0].leaves, MedianOf(runs, [](const Figures& f, std::size_t) { return f.load_s; }),
      runs[0].peak_mib, static_cast<unsigned long long>(runs[0].rejected));
}

void Run(const Options& options) {
  StreamSpec spec = StandardStreams(options.operations).front();
  spec.resting = std::min<std::uint64_t>(spec.resting, options.operations / 4);
  const OrderStream stream = MakeStream(spec);
  std::printf("%zu operations, at most %u a transaction, %u a block; %d runs\n\n",
              stream.operations.size(), options.per_transaction, options.per_block, options.runs);
  std::fflush(stdout);
  std::map<std::uint32_t, std::vector<Figures>> runs;
  for (int i = 0; i < options.runs; ++i) {
    for (const std::uint32_t accounts : options.accounts) {
      runs[accounts].push_back(MeasureApart(options, stream, accounts));
    }
  }
  std::printf("%9s %18s %18s %9s\n", "", "without the tree", "the state tree", "us a");
  std::printf("%9s %10s %7s %10s %7s %9s %10s %8s %9s %9s\n", "accounts", "ns/op", "times", "ns/op",
              "times", "leaf", "leaves", "load s", "peak MiB", "rejected");
  const std::vector<Figures>& first = runs[options.accounts[0]];
  for (const std::uint32_t accounts : options.accounts) {
    Print(accounts, static_cast<double>(stream.operations.size()), runs[accounts], first);
  }
}

}  // namespace
}  // namespace bourse::bench

int main(int argc, char** argv) {
  bourse::bench::Options options;
  CLI::App app("What an operation costs, by the number of accounts");
  app.add_option("--accounts", options.accounts, "how many; the first is what others are held to")
      ->delimiter(',')
      ->check(CLI::Range(1u, bourse::bench::Crowd::kMaxAccounts));
  app.add_option("--operations", options.operations, "orders, cancels, replaces after a prefill");
  app.add_option("--per-transaction", options.per_transaction, "operations under one signature")
      ->check(CLI::Range(1, 200));
  app.add_option("--per-block", options.per_block, "operations a block");
  app.add_option("--runs", options.runs, "of each size")->check(CLI::Range(1, 100));
  CLI11_PARSE(app, argc, argv);
  bourse::bench::Require(bourse::CheckVerifier());
  bourse::bench::Run(options);
  return 0;
}
