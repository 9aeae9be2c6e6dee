// How long an order takes from submit to Final and to the certified receipt, in a network of nodes.
//
//   finality_bench                    four nodes on loopback
//   finality_bench --delay-ms 50      50 ms between nodes, each way (root; by the emulator)
//
// On an idle network, under load, and once one node has been stopped. Orders go to all running
// nodes in turn. When a block became final is read from the node's log, whose times and ours are of
// one clock. Beside the milliseconds stand the network delays that they are, and the time of a
// synced write on this disk, of which each block takes four in a row.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tests/bench/bench_network.h"
#include "tests/bench/order_load.h"
#include "tests/bench/process.h"

namespace bourse::bench {
namespace {

struct Options {
  std::uint32_t nodes = 4;
  std::uint32_t delay_ms = 0;
  std::uint32_t probes = 200;
  std::uint32_t load_per_second = 200;
  std::string boursed = BuiltBoursed();
  std::string emulator;
};

constexpr std::uint32_t kTrader = 0;  // whose orders are measured
constexpr std::uint32_t kLoaders = 8;

// The program that delays packets between namespaces, while it lives.
class Emulator {
 public:
  Emulator(const Options& options, std::string name) : name_(std::move(name)) {
    int to[2];
    int from[2];
    if (::pipe2(to, O_CLOEXEC) != 0 || ::pipe2(from, O_CLOEXEC) != 0) Fail("no pipes");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(to[0], STDIN_FILENO);
      ::dup2(from[1], STDOUT_FILENO);
      ::execl(options.emulator.c_str(), "emulator", "--hosts",
              std::to_string(options.nodes).c_str(), "--name", name_.c_str(), "--delay-us",
              std::to_string(options.delay_ms * 1000).c_str(), nullptr);
      std::_Exit(127);
    }
    ::close(to[0]);
    ::close(from[1]);
    input_ = to[1];
    char ready[8] = {};
    if (::read(from[0], ready, 6) != 6) Fail("the emulator needs root and /dev/net/tun");
  }
  ~Emulator() {
    ::close(input_);
    int status = 0;
    ::waitpid(pid_, &status, 0);
  }
  Emulator(const Emulator&) = delete;
  Emulator& operator=(const Emulator&) = delete;

 private:
  const std::string name_;
  pid_t pid_ = -1;
  int input_ = -1;
};

// One order: when it was sent (Unix microseconds), how long its receipt took, where and in which
// block it is.
struct Sample {
  std::size_t node = 0;
  std::int64_t sent_us = 0;
  double receipt_ms = 0;
  std::uint64_t height = 0;
};

Sample SendOne(v1::SubmitService::Stub& stub, std::size_t node, const v1::SubmitRequest& request) {
  grpc::ClientContext context;
  v1::SubmitResponse response;
  Sample sample{node, absl::ToUnixMicros(absl::Now()), 0, 0};
  const auto start = Clock::now();
  const grpc::Status status = stub.Submit(&context, request, &response);
  sample.receipt_ms = SecondsSince(start) * 1e3;
  if (!status.ok()) Fail(status.error_message());
  sample.height = response.receipt().height();
  return sample;
}

// When each block became final at a node, by its log: lines with msg="decided a block".
std::map<std::uint64_t, std::int64_t> DecidedTimes(const std::string& log) {
  std::map<std::uint64_t, std::int64_t> times;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("msg=\"decided a block\"") == std::string::npos) continue;
    const std::size_t height = line.find("height=");
    absl::Time time;
    std::string error;
    const std::string text = line.substr(3, line.find(' ') - 3);  // after "ts="
    if (height == std::string::npos || !absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
      continue;
    }
    times.emplace(std::stoull(line.substr(height + 7)), absl::ToUnixMicros(time));
  }
  return times;
}

Latency Percentiles(std::vector<double> millis) {
  if (millis.empty()) Fail("no samples");
  std::sort(millis.begin(), millis.end());
  return {millis[millis.size() / 2], millis[millis.size() * 99 / 100]};
}

// The median time of a synced write of 4 KiB where the nodes have their disks.
double SyncMs() {
  std::string path = (std::filesystem::temp_directory_path() / "sync.XXXXXX").string();
  const int fd = ::mkstemp(path.data());
  if (fd < 0) Fail("can't make a temporary file");
  const std::string page(4096, 'x');
  std::vector<double> millis;
  for (int i = 0; i < 200; ++i) {
    const auto start = Clock::now();
    if (::write(fd, page.data(), page.size()) < 0 || ::fdatasync(fd) != 0) Fail("can't write");
    millis.push_back(SecondsSince(start) * 1e3);
  }
  ::close(fd);
  std::filesystem::remove(path);
  return Percentiles(millis).p50_ms;
}

class Bench {
 public:
  explicit Bench(const Options& options)
      : options_(options),
        name_(absl::StrCat("bf", ::getpid() % 10'000, "n")),
        emulator_(options.delay_ms == 0 ? nullptr : new Emulator(options, name_)),
        network_(MakeNetwork()),
        signer_(StatusOf(network_.address()).genesis_hash(), kLoaders + 1),
        running_(network_.size(), true) {}

  void Run() {
    const double sync_ms = SyncMs();
    std::printf("%u nodes, %u ms between them each way; a synced write takes %.2f ms\n",
                options_.nodes, options_.delay_ms, sync_ms);
    (void)Measure("warming up", 20, false);
    const Result idle = Measure("idle", options_.probes, true);
    const Result busy = Loaded("under load", true);
    network_.Kill(network_.size() - 1);
    running_.back() = false;
    // Its absence is known after 2 n slots.
    (void)Loaded("", false);
    const Result without = Loaded("under load, one of the nodes stopped", true);
    std::printf("with one stopped: %.2f of the blocks/s, p99 %.1f times that of all\n",
                without.blocks_per_second / busy.blocks_per_second,
                without.receipt.p99_ms / busy.receipt.p99_ms);
    (void)idle;
  }

 private:
  struct Result {
    Latency receipt{};
    double blocks_per_second = 0;
  };

  NetworkOptions MakeNetwork() const {
    NetworkOptions out;
    out.boursed = options_.boursed;
    out.nodes = options_.nodes;
    out.accounts = kLoaders + 1;
    out.flags = {"--log-level", "debug", "--slot-timeout-ms",
                 std::to_string(std::max(200u, options_.delay_ms * 8))};
    if (options_.delay_ms > 0) {
      out.wrapper = {"ip", "netns", "exec", name_ + "{i}"};
      out.host = "10.77.0.{i}";
      out.flags.emplace_back("--insecure");
    }
    return out;
  }

  // Sends orders one by one, each to any of the running nodes.
  Result Measure(const std::string& title, std::uint32_t count, bool print) {
    std::vector<std::unique_ptr<v1::SubmitService::Stub>> stubs;
    std::vector<std::size_t> nodes;
    for (std::size_t i = 0; i < network_.size(); ++i) {
      if (!running_[i]) continue;
      nodes.push_back(i);
      stubs.push_back(v1::SubmitService::NewStub(Connect(network_.address(i))));
    }
    const std::uint64_t before = StatusOf(network_.address()).height();
    const auto start = Clock::now();
    std::vector<Sample> samples;
    std::mt19937 random(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      const v1::SubmitRequest request = signer_.Sign(kTrader, {Order(i % 2, 500 + i % 2)});
      // Not in turn, as leaders are: all would be sent to the leader, or none.
      const std::size_t to = random() % nodes.size();
      samples.push_back(SendOne(*stubs[to], nodes[to], request));
    }
    const std::uint64_t blocks = StatusOf(network_.address()).height() - before;
    Result result;
    result.blocks_per_second = static_cast<double>(blocks) / SecondsSince(start);
    std::vector<double> millis;
    for (const Sample& sample : samples) millis.push_back(sample.receipt_ms);
    result.receipt = Percentiles(millis);
    if (print) Print(title, samples, result);
    return result;
  }

  void Print(const std::string& title, const std::vector<Sample>& samples, const Result& result) {
    std::vector<std::map<std::uint64_t, std::int64_t>> decided;
    for (std::size_t i = 0; i < network_.size(); ++i) {
      decided.push_back(DecidedTimes(network_.log(i)));
    }
    std::vector<double> finals;
    for (const Sample& sample : samples) {
      const auto it = decided[sample.node].find(sample.height);
      if (it == decided[sample.node].end()) continue;
      finals.push_back(static_cast<double>(it->second - sample.sent_us) / 1e3);
    }
    std::printf("%s: %.1f blocks/s\n", title.c_str(), result.blocks_per_second);
    if (!finals.empty()) PrintLatency("submit to Final", Percentiles(finals));
    PrintLatency("submit to certified receipt", result.receipt);
    std::fflush(stdout);
  }

  void PrintLatency(const char* what, const Latency& latency) const {
    std::printf("  %-28s p50 %8.2f ms  p99 %8.2f ms", what, latency.p50_ms, latency.p99_ms);
    if (options_.delay_ms > 0) {
      std::printf("   %.2f and %.2f delays", latency.p50_ms / options_.delay_ms,
                  latency.p99_ms / options_.delay_ms);
    }
    std::printf("\n");
  }

  // The same beside other accounts' orders at a steady rate, on streams to the running nodes.
  Result Loaded(const std::string& title, bool print) {
    std::atomic<bool> stop = false;
    std::vector<std::thread> threads;
    for (std::uint32_t i = 0; i < kLoaders; ++i) {
      threads.emplace_back(
          [this, i, &stop, signer = signer_]() mutable { LoadOne(i, signer, stop); });
    }
    // While it runs: these accounts' nonces go on where they end.
    const Result result = Measure(title, options_.probes, print);
    stop = true;
    for (std::thread& thread : threads) thread.join();
    return result;
  }

  void LoadOne(std::uint32_t i, Signer& signer, const std::atomic<bool>& stop) {
    std::size_t node = i % network_.size();
    if (!running_[node]) node = 0;
    const auto stub = v1::SubmitService::NewStub(Connect(network_.address(node)));
    signer.SkipTo(1 + i, next_nonce_[i]);
    const auto pause = std::chrono::microseconds(1'000'000 * kLoaders / options_.load_per_second);
    auto next = Clock::now();
    for (std::uint32_t n = 0; !stop; ++n) {
      v1::SubmitRequest request = signer.Sign(1 + i, {Order(n, 1'000 + n % 5)});
      request.set_wait(false);
      grpc::ClientContext context;
      v1::SubmitResponse response;
      const grpc::Status status = stub->Submit(&context, request, &response);
      if (!status.ok()) Fail(status.error_message());
      next_nonce_[i] = signer.next_nonce(1 + i);
      next += pause;
      std::this_thread::sleep_until(next);
    }
  }

  const Options options_;
  const std::string name_;
  std::unique_ptr<Emulator> emulator_;
  BenchNetwork network_;
  Signer signer_;
  std::vector<bool> running_;
  std::uint64_t next_nonce_[kLoaders] = {};
};

}  // namespace
}  // namespace bourse::bench

int main(int argc, char** argv) {
  bourse::bench::Options options;
  const std::filesystem::path here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  options.emulator = (here / "../e2e/network/emulator").lexically_normal().string();
  CLI::App app("From submit to Final and to the certified receipt, in a network of nodes");
  app.add_option("--nodes", options.nodes)->check(CLI::Range(4, 16));
  app.add_option("--delay-ms", options.delay_ms, "between nodes, each way; more than 0 needs root")
      ->check(CLI::Range(0, 1'000));
  app.add_option("--probes", options.probes, "orders that are measured")
      ->check(CLI::Range(10, 100'000));
  app.add_option("--load", options.load_per_second, "other orders a second, under load")
      ->check(CLI::Range(1, 100'000));
  app.add_option("--boursed", options.boursed, "the node's program");
  app.add_option("--emulator", options.emulator, "the network's program");
  CLI11_PARSE(app, argc, argv);
  const absl::Status verifier = bourse::CheckVerifier();
  if (!verifier.ok()) bourse::bench::Fail(std::string(verifier.message()));
  ::signal(SIGPIPE, SIG_IGN);
  bourse::bench::Bench(options).Run();
  return 0;
}
