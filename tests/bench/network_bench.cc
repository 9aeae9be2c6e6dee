// Orders a second through a network of nodes on one machine, pre-signed, over gRPC streams to all
// of them, each answered by its certified receipt.
//
//   network_bench --nodes 4 --per-transaction 1
//   network_bench --nodes 4 --cometbft PATH --probes 200     blocks ordered by CometBFT; and,
//   before
//                                      the load, how long single orders take from submit to receipt
//
// The yardstick of the same run: what this machine's cores do if they only check each signature
// once a node. Load generator and all nodes share the cores.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "CLI/CLI.hpp"
#include "tests/bench/bench_network.h"
#include "tests/bench/order_load.h"
#include "tests/bench/process.h"

namespace bourse::bench {
namespace {

struct Options {
  LoadOptions load;
  std::uint32_t nodes = 4;
  std::uint32_t probes = 0;
  std::string boursed = BuiltBoursed();
  std::string cometbft;
};

// Until each node's engine takes part.
void AwaitVoting(const std::vector<std::string>& addresses) {
  const auto start = Clock::now();
  for (const std::string& address : addresses) {
    while (!StatusOf(address).voting()) {
      if (SecondsSince(start) > 60) Fail(address + " does not vote");
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
}

void MeasureLatency(const Options& options, const std::vector<std::string>& addresses,
                    Signer& signer) {
  (void)Probe(addresses, 0, 20, signer);  // the first ones find nodes that still connect
  const Latency latency = Probe(addresses, 0, options.probes, signer);
  std::printf("submit to receipt, on an idle network: p50 %.2f ms, p99 %.2f ms\n", latency.p50_ms,
              latency.p99_ms);
}

void Run(const Options& options) {
  const double verify = VerificationsPerSecond();
  NetworkOptions network_options;
  network_options.boursed = options.boursed;
  network_options.nodes = options.nodes;
  network_options.accounts = options.load.accounts;
  network_options.flags = {"--log-level", "warning"};
  network_options.cometbft = options.cometbft;
  const BenchNetwork network(network_options);
  std::vector<std::string> addresses;
  for (std::size_t i = 0; i < network.size(); ++i) addresses.push_back(network.address(i));
  AwaitVoting(addresses);
  Signer signer(StatusOf(network.address()).genesis_hash(), network_options.accounts);
  if (options.probes > 0) MeasureLatency(options, addresses, signer);
  const auto load = MakeLoad(options.load, signer);

  const double cpu_before = network.CpuSeconds();
  const std::uint64_t height_before = StatusOf(network.address()).height();
  const double seconds = RunLoad(addresses, load);
  const std::uint64_t blocks = StatusOf(network.address()).height() - height_before;
  const double rate = options.load.transactions / seconds;
  const double possible = verify / options.nodes;
  std::printf(
      "%u nodes, %u orders a transaction: %.0f transactions/s, %.0f orders/s; %.2f of what the "
      "cores do if they only check each signature %u times (%.0f/s)\n",
      options.nodes, options.load.per_transaction, rate, rate * options.load.per_transaction,
      rate / possible, options.nodes, possible);
  std::printf(
      "  %.1f s, %.1f blocks/s of %.0f transactions, nodes' CPU time %.0f us a transaction\n",
      seconds, static_cast<double>(blocks) / seconds,
      options.load.transactions / static_cast<double>(blocks),
      (network.CpuSeconds() - cpu_before) * 1e6 / options.load.transactions);
}

}  // namespace
}  // namespace bourse::bench

int main(int argc, char** argv) {
  bourse::bench::Options options;
  CLI::App app("Orders a second through a network of nodes on one machine");
  app.add_option("--nodes", options.nodes)->check(CLI::Range(1, 16));
  bourse::bench::AddLoadOptions(&options.load, &app);
  app.add_option("--probes", options.probes, "single orders that are measured first")
      ->check(CLI::Range(0, 100'000));
  app.add_option("--boursed", options.boursed, "the node's program");
  app.add_option("--cometbft", options.cometbft, "CometBFT's program, to order the blocks");
  CLI11_PARSE(app, argc, argv);
  const absl::Status verifier = bourse::CheckVerifier();
  if (!verifier.ok()) bourse::bench::Fail(std::string(verifier.message()));
  bourse::bench::Run(options);
  return 0;
}
