// Measures matching alone: the engine beside a textbook book, on streams A to D
// and, if asked, on nasty ones (E to J: nasty_streams.h).
//
//   matching_bench [--streams=ABCD] [--operations=10000000] [--runs=5]
//                  [--beside=PROGRAM]
//
// Runs of the books take turns, so that a slow minute of the machine hits all;
// medians are printed. Each operation is timed in one more run, which gives the
// latencies. PROGRAM is another engine (external_engine.h), whose runs take turns
// too. Exits with 1 when a book's trades are not the stream's.
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/apply_all.h"
#include "tests/bench/engine_book.h"
#include "tests/bench/external_engine.h"
#include "tests/bench/nasty_streams.h"
#include "tests/bench/order_stream.h"
#include "tests/bench/yardstick_book.h"

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace bourse::bench {
namespace {

// What A to D come to with 10 million operations: the engine, the yardstick and
// the generator are all measured by it.
constexpr std::uint64_t kStandardOperations = 10'000'000;
constexpr TradeTotals kStandardTotals[] = {
    {1'764'907, 57'886'931, 0x285ff4bf9bc51378u},
    {1'771'700, 58'011'252, 0x7d7685d2abd7948bu},
    {1'748'089, 57'553'084, 0x95e34600b178b664u},
    {1'745'479, 57'311'754, 0x8635e47e976fb61eu},
};

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// A clock of a few nanoseconds, where there is one.
std::uint64_t Ticks() {
#if defined(__x86_64__)
  unsigned core;
  const std::uint64_t ticks = __rdtscp(&core);
  _mm_lfence();
  return ticks;
#else
  return static_cast<std::uint64_t>(Clock::now().time_since_epoch().count());
#endif
}

double NanosecondsPerTick() {
  const Clock::time_point start = Clock::now();
  const std::uint64_t ticks = Ticks();
  while (SecondsSince(start) < 0.02) {
  }
  return SecondsSince(start) * 1e9 / static_cast<double>(Ticks() - ticks);
}

std::uint64_t Percentile(std::vector<std::uint32_t>* sample, double fraction) {
  const auto rank = static_cast<std::size_t>(fraction * static_cast<double>(sample->size() - 1));
  const auto at = sample->begin() + static_cast<std::ptrdiff_t>(rank);
  std::nth_element(sample->begin(), at, sample->end());
  return *at;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Latency {
  double p50_ns = 0;
  double p99_ns = 0;
  double p999_ns = 0;
};

struct Result {
  std::vector<double> ns_per_operation;  // a run each
  Latency latency;
  double bytes_per_order = 0;
  bool right = true;
};

template <typename Book>
Latency MeasureLatency(Book& book, const OrderStream& stream) {
  const double ns = NanosecondsPerTick();
  std::vector<std::uint32_t> empty(100'000);
  for (std::uint32_t& ticks : empty) {
    const std::uint64_t start = Ticks();
    ticks = static_cast<std::uint32_t>(Ticks() - start);
  }
  const std::uint64_t overhead = Percentile(&empty, 0.5);
  std::vector<std::uint32_t> sample;
  sample.reserve(stream.operations.size());
  const StreamOperation* const last = stream.operations.data() + stream.operations.size();
  for (const StreamOperation* next = stream.operations.data() + stream.prefill; next < last;
       ++next) {
    if (last - next > Book::kAhead) book.Prefetch(next);
    const std::uint64_t start = Ticks();
    book.Apply(*next);
    const std::uint64_t ticks = Ticks() - start;
    sample.push_back(static_cast<std::uint32_t>(ticks > overhead ? ticks - overhead : 0));
  }
  const auto percentile = [&](double fraction) {
    return static_cast<double>(Percentile(&sample, fraction)) * ns;
  };
  return {percentile(0.5), percentile(0.99), percentile(0.999)};
}

std::size_t HeapBytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// What the book itself holds; the caller's arrays do not count.
std::size_t MemoryBytes(const EngineBook& book, std::size_t) {
  return book.engine().memory_bytes();
}
std::size_t MemoryBytes(const YardstickBook&, std::size_t heap_before) {
  return HeapBytes() - heap_before;
}

// One run over the stream: timed as a whole, or operation by operation.
template <typename Book>
void Run(const OrderStream& stream, bool each, Result* result) {
  const std::size_t heap_before = HeapBytes();
  auto book = std::make_unique<Book>(stream);
  const StreamOperation* const first = stream.operations.data();
  ApplyAll(*book, first, first + stream.prefill);
  if (each) {
    result->latency = MeasureLatency(*book, stream);
  } else {
    const Clock::time_point start = Clock::now();
    ApplyAll(*book, first + stream.prefill, first + stream.operations.size());
    result->ns_per_operation.push_back(SecondsSince(start) * 1e9 /
                                       static_cast<double>(stream.spec.operations));
    result->bytes_per_order = static_cast<double>(MemoryBytes(*book, heap_before)) /
                              static_cast<double>(std::max<std::size_t>(book->resting(), 1));
  }
  if (!(book->totals() == stream.totals)) result->right = false;
}

void Print(char stream, const char* name, const Result& result, double yardstick_ns,
           double beside_ns) {
  const double ns = Median(result.ns_per_operation);
  std::printf("%-7c %-10s %8.1f %11.2f %9.2f %8.0f %8.0f %8.0f %12.0f  %s\n", stream, name, ns,
              yardstick_ns / ns, beside_ns / ns, result.latency.p50_ns, result.latency.p99_ns,
              result.latency.p999_ns, result.bytes_per_order, result.right ? "right" : "WRONG");
  std::fflush(stdout);
}

// A program's runs on a stream, which it reads from a file.
class Beside {
 public:
  Beside(const std::string& program, const OrderStream& stream) : program_(program) {
    if (program_.empty()) return;
    path_ = (std::filesystem::temp_directory_path() / ("bourse_stream_" + std::to_string(getpid())))
                .string();
    result_.right = WriteStreamFile(stream, path_);
  }
  ~Beside() {
    if (!path_.empty()) std::remove(path_.c_str());
  }
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;

  void Run(bool each) {
    if (program_.empty()) return;
    const ExternalRun run = RunExternal(program_, path_, each);
    if (each) {
      result_.latency = {run.p50_ns, run.p99_ns, run.p999_ns};
    } else {
      result_.ns_per_operation.push_back(run.ns_per_operation);
    }
    result_.right = result_.right && run.right;
  }

  [[nodiscard]] const Result& result() const { return result_; }
  [[nodiscard]] bool runs() const { return !program_.empty(); }

 private:
  const std::string program_;
  std::string path_;
  Result result_;
};

bool HasStandardTotals(const OrderStream& stream) {
  const StreamSpec& spec = stream.spec;
  if (spec.name > 'D' || spec.operations != kStandardOperations) return true;
  if (stream.totals == kStandardTotals[spec.name - 'A']) return true;
  std::printf("%c: the stream's trades are not the standard ones\n", spec.name);
  return false;
}

bool Measure(const OrderStream& stream, int runs, const std::string& program) {
  Result engine;
  Result yardstick;
  Beside beside(program, stream);
  for (int run = 0; run < runs; ++run) {
    Run<YardstickBook>(stream, false, &yardstick);
    beside.Run(false);
    Run<EngineBook>(stream, false, &engine);
  }
  Run<YardstickBook>(stream, true, &yardstick);
  beside.Run(true);
  Run<EngineBook>(stream, true, &engine);
  const double yardstick_ns = Median(yardstick.ns_per_operation);
  const double beside_ns = beside.runs() ? Median(beside.result().ns_per_operation) : 0;
  const char name = stream.spec.name;
  Print(name, "yardstick", yardstick, yardstick_ns, beside_ns);
  if (beside.runs()) Print(name, "beside", beside.result(), yardstick_ns, beside_ns);
  Print(name, "engine", engine, yardstick_ns, beside_ns);
  return engine.right && yardstick.right && beside.result().right && HasStandardTotals(stream);
}

// The value of --name=value, if `argument` is that.
bool Flag(std::string_view argument, std::string_view name, std::string* value) {
  if (!argument.starts_with(name)) return false;
  *value = argument.substr(name.size());
  return true;
}

int Main(int argc, char** argv) {
  std::string streams = "ABCD";
  std::string operations = std::to_string(kStandardOperations);
  std::string runs = "5";
  std::string program;
  for (int i = 1; i < argc; ++i) {
    if (Flag(argv[i], "--streams=", &streams) || Flag(argv[i], "--operations=", &operations) ||
        Flag(argv[i], "--runs=", &runs) || Flag(argv[i], "--beside=", &program)) {
      continue;
    }
    std::fprintf(
        stderr, "usage: %s [--streams=ABCDEFGHIJ] [--operations=N] [--runs=N] [--beside=PROGRAM]\n",
        argv[0]);
    return 2;
  }
  std::printf("%-7s %-10s %8s %11s %9s %8s %8s %8s %12s\n", "stream", "book", "ns/op",
              "x yardstick", "x beside", "p50 ns", "p99", "p99.9", "bytes/order");
  const std::uint64_t count = std::strtoull(operations.c_str(), nullptr, 10);
  const int rounds = std::max(std::atoi(runs.c_str()), 1);
  bool right = true;
  for (const StreamSpec& spec : StandardStreams(count)) {
    if (streams.find(spec.name) == std::string::npos) continue;
    right = Measure(MakeStream(spec), rounds, program) && right;
  }
  for (const StreamSpec& spec : NastyStreams(count)) {
    if (streams.find(spec.name) == std::string::npos) continue;
    right = Measure(MakeNastyStream(spec), rounds, program) && right;
  }
  return right ? 0 : 1;
}

}  // namespace
}  // namespace bourse::bench

int main(int argc, char** argv) { return bourse::bench::Main(argc, argv); }
