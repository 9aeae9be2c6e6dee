// One node as its clients see it: signed orders over gRPC in, receipts from the synced disk back.
//
//   node_bench --transactions=20000 --per-transaction=1
//
// Starts a boursed of its own in a temporary folder, signs everything beforehand, and sends it over
// streams. The yardstick, measured in the same run, is what this machine's cores do if they only
// check signatures: a node must check one for each transaction. Then it measures how long one order
// takes on an idle node, and beside an account that floods the node with orders bound to be
// rejected.
#include <atomic>
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
  std::uint32_t probes = 200;
  std::string boursed = BuiltBoursed();
};

// The last accounts: one that floods, with little money, and one that wants to trade meanwhile.
struct Cast {
  std::uint32_t spammer, trader;
};
Cast CastOf(const Options& options) { return {options.load.accounts, options.load.accounts + 1}; }

// Floods with orders bound to be rejected, until the money is gone; counts the operations paid.
std::uint64_t Spam(const Options& options, const std::string& address, Signer& signer,
                   std::atomic<bool>& stop) {
  const auto stub = v1::SubmitService::NewStub(Connect(address));
  std::uint64_t operations = 0;
  while (!stop) {
    const std::vector<Operation> bad(200, Order(0, 0));
    grpc::ClientContext context;
    v1::SubmitResponse response;
    v1::SubmitRequest request = signer.Sign(CastOf(options).spammer, bad);
    request.set_wait(false);
    const grpc::Status status = stub->Submit(&context, request, &response);
    if (status.ok()) {
      operations += bad.size();
    } else if (status.error_code() == grpc::StatusCode::FAILED_PRECONDITION) {
      break;  // it can't pay any more
    }
  }
  return operations;
}

void MeasureThroughput(const Options& options, const BenchNetwork& node, Signer& signer,
                       double verify) {
  const auto load = MakeLoad(options.load, signer);
  const double rate = options.load.transactions / RunLoad({node.address()}, load);
  std::printf("%u transactions of %u orders, from gRPC to synced disk and back:\n",
              options.load.transactions, options.load.per_transaction);
  std::printf(
      "  %10.0f transactions/s   %10.0f orders/s   %.2f of what %u cores check of signatures "
      "(%.0f/s)\n",
      rate, rate * options.load.per_transaction, rate / verify, std::thread::hardware_concurrency(),
      verify);
}

void MeasureLatency(const Options& options, const BenchNetwork& node, Signer& signer) {
  const std::uint32_t trader = CastOf(options).trader;
  const Latency idle = Probe({node.address()}, trader, options.probes, signer);
  std::printf("one order on an idle node, sent to final receipt: p50 %.2f ms, p99 %.2f ms\n",
              idle.p50_ms, idle.p99_ms);
  std::atomic<bool> stop = false;
  std::uint64_t spam = 0;
  Signer spammer = signer;
  std::thread thread([&] { spam = Spam(options, node.address(), spammer, stop); });
  const Latency beside = Probe({node.address()}, trader, options.probes, signer);
  thread.join();
  std::printf("beside a flood of orders bound to be rejected:    p50 %.2f ms, p99 %.2f ms\n",
              beside.p50_ms, beside.p99_ms);
  std::printf("  the flood paid for %llu operations, and its account was empty\n",
              static_cast<unsigned long long>(spam));
}

void Run(const Options& options) {
  const double verify = VerificationsPerSecond();
  NetworkOptions network;
  network.boursed = options.boursed;
  network.accounts = options.load.accounts + 2;
  network.poor = CastOf(options).spammer;
  network.flags = {"--log-level", "warning"};
  const BenchNetwork node(network);
  Signer signer(StatusOf(node.address()).genesis_hash(), network.accounts);
  MeasureThroughput(options, node, signer, verify);
  MeasureLatency(options, node, signer);
}

}  // namespace
}  // namespace bourse::bench

int main(int argc, char** argv) {
  bourse::bench::Options options;
  CLI::App app("One node, from a signed order over gRPC to the synced disk and back");
  bourse::bench::AddLoadOptions(&options.load, &app);
  app.add_option("--probes", options.probes, "orders sent one by one")
      ->check(CLI::Range(10, 10'000));
  app.add_option("--boursed", options.boursed, "the node's program");
  CLI11_PARSE(app, argc, argv);
  const absl::Status verifier = bourse::CheckVerifier();
  if (!verifier.ok()) bourse::bench::Fail(std::string(verifier.message()));
  bourse::bench::Run(options);
  return 0;
}
