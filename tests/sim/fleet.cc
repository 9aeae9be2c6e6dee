#include "tests/sim/fleet.h"

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <utility>
#include <vector>

#include "common/check.h"

namespace bourse::sim {
namespace {

// The seed that is being run, for what a failed CHECK has to say.
volatile std::sig_atomic_t current_seed_high = 0;
volatile std::sig_atomic_t current_seed_low = 0;

constexpr std::uint64_t kHalf = 1 << 24;

void SayWhichSeed(int signal) {
  char text[128];
  const std::uint64_t seed = static_cast<std::uint64_t>(current_seed_high) * kHalf +
                             static_cast<std::uint64_t>(current_seed_low);
  const int size = std::snprintf(
      text, sizeof(text), "FAILED seed %llu: the process died; again: ./dev sim --seed %llu\n",
      static_cast<unsigned long long>(seed), static_cast<unsigned long long>(seed));
  if (size > 0 && write(STDOUT_FILENO, text, static_cast<std::size_t>(size)) < 0) _exit(2);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void Watch(std::uint64_t seed) {
  current_seed_high = static_cast<std::sig_atomic_t>(seed / kHalf);
  current_seed_low = static_cast<std::sig_atomic_t>(seed % kHalf);
  std::signal(SIGABRT, SayWhichSeed);
  std::signal(SIGSEGV, SayWhichSeed);
}

void SayFailure(std::uint64_t seed, const Failure& failure, bool real_signatures) {
  const char* const commit = std::getenv("BOURSE_COMMIT");
  std::printf(
      "FAILED seed %llu: check \"%s\" at %llu us: %s\n  commit %s; again: ./dev sim --seed "
      "%llu --trace%s\n",
      static_cast<unsigned long long>(seed), failure.check.c_str(),
      static_cast<unsigned long long>(failure.at_us), failure.what.c_str(),
      commit != nullptr ? commit : "unknown", static_cast<unsigned long long>(seed),
      real_signatures ? " --real-signatures" : "");
}

struct Totals {
  std::uint64_t seeds = 0;
  std::uint64_t failures = 0;
  std::uint64_t heights = 0;
  std::uint64_t heights_min = ~std::uint64_t{0};
  std::uint64_t faults = 0;
  std::uint64_t faults_min = ~std::uint64_t{0};
  std::uint64_t virtual_us = 0;
  std::uint64_t calls = 0;
  Counters nearness;
  Counters counters;
};

void Take(const Outcome& outcome, Totals* totals) {
  ++totals->seeds;
  if (!outcome.failure.check.empty()) ++totals->failures;
  totals->heights += outcome.heights;
  totals->heights_min = std::min(totals->heights_min, outcome.heights);
  totals->faults += outcome.faults;
  totals->faults_min = std::min(totals->faults_min, outcome.faults);
  totals->virtual_us += outcome.virtual_us;
  totals->calls += outcome.calls;
  Raise(outcome.nearness, &totals->nearness);
  Add(outcome.counters, &totals->counters);
}

void Merge(const Totals& from, Totals* to) {
  to->seeds += from.seeds;
  to->failures += from.failures;
  to->heights += from.heights;
  to->heights_min = std::min(to->heights_min, from.heights_min);
  to->faults += from.faults;
  to->faults_min = std::min(to->faults_min, from.faults_min);
  to->virtual_us += from.virtual_us;
  to->calls += from.calls;
  Raise(from.nearness, &to->nearness);
  Add(from.counters, &to->counters);
}

// As a process tells them to the one that started it.
std::string Write(const Totals& totals) {
  std::ostringstream out;
  out << totals.seeds << ' ' << totals.failures << ' ' << totals.heights << ' '
      << totals.heights_min << ' ' << totals.faults << ' ' << totals.faults_min << ' '
      << totals.virtual_us << ' ' << totals.calls << '\n';
  for (const auto& [name, count] : totals.counters) out << "+ " << count << ' ' << name << '\n';
  for (const auto& [name, value] : totals.nearness) out << "^ " << value << ' ' << name << '\n';
  return out.str();
}

bool Read(const std::string& text, Totals* totals) {
  std::istringstream in(text);
  in >> totals->seeds >> totals->failures >> totals->heights >> totals->heights_min >>
      totals->faults >> totals->faults_min >> totals->virtual_us >> totals->calls;
  if (!in) return false;
  char kind = 0;
  std::uint64_t value = 0;
  while (in >> kind >> value) {
    std::string name;
    in.ignore(1);
    std::getline(in, name);
    (kind == '+' ? totals->counters : totals->nearness)[name] = value;
  }
  return true;
}

Totals RunShare(const FleetOptions& options, std::uint64_t first) {
  Totals totals;
  for (std::uint64_t seed = first; seed <= options.last;
       seed += static_cast<std::uint64_t>(options.jobs)) {
    Watch(seed);
    const Outcome outcome = RunSeed(seed, options.run);
    if (!outcome.failure.check.empty()) {
      SayFailure(seed, outcome.failure, options.run.real_signatures);
      std::fflush(stdout);
    }
    Take(outcome, &totals);
  }
  return totals;
}

// A process for a share; the file descriptor on which it tells its totals.
int StartShare(const FleetOptions& options, std::uint64_t first, pid_t* process) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  *process = fork();
  CHECK(*process >= 0);
  if (*process > 0) {
    close(ends[1]);
    return ends[0];
  }
  close(ends[0]);
  const std::string text = Write(RunShare(options, first));
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t size = write(ends[1], text.data() + written, text.size() - written);
    if (size <= 0) _exit(1);
    written += static_cast<std::size_t>(size);
  }
  _exit(0);
}

std::string ReadAll(int file) {
  std::string text;
  char buffer[4096];
  while (true) {
    const ssize_t size = read(file, buffer, sizeof(buffer));
    if (size <= 0) break;
    text.append(buffer, static_cast<std::size_t>(size));
  }
  close(file);
  return text;
}

// False if a process did not come to its end.
bool RunShares(const FleetOptions& options, Totals* totals) {
  std::vector<std::pair<int, pid_t>> shares;
  for (int job = 0; job < options.jobs; ++job) {
    pid_t process = 0;
    const int file = StartShare(options, options.first + static_cast<std::uint64_t>(job), &process);
    shares.emplace_back(file, process);
  }
  bool all_ended = true;
  for (const auto& [file, process] : shares) {
    Totals share;
    const bool is_told = Read(ReadAll(file), &share);
    int status = 0;
    waitpid(process, &status, 0);
    if (!is_told || status != 0) {
      all_ended = false;
      continue;
    }
    Merge(share, totals);
  }
  return all_ended;
}

std::uint64_t SayCounters(const Counters& counters) {
  std::uint64_t zeros = 0;
  for (const auto& [name, count] : counters) {
    std::printf("%14llu  %s%s\n", static_cast<unsigned long long>(count), name.c_str(),
                count == 0 ? "   <== NEVER" : "");
    if (count == 0) ++zeros;
  }
  return zeros;
}

void SayTotals(const Totals& totals, double seconds) {
  const auto seeds = static_cast<double>(std::max<std::uint64_t>(totals.seeds, 1));
  std::printf("How near to their bounds, of 1000:");
  for (const auto& [name, value] : totals.nearness) {
    std::printf(" %s %llu", name.c_str(), static_cast<unsigned long long>(value));
  }
  std::printf(
      "\n%llu seeds, %llu failed; heights %.1f a seed, at least %llu; faults %.1f a seed, "
      "at least %llu\n%.1f virtual hours, %.0f calls a seed; %.1f s, %.1f ms a seed\n",
      static_cast<unsigned long long>(totals.seeds),
      static_cast<unsigned long long>(totals.failures), static_cast<double>(totals.heights) / seeds,
      static_cast<unsigned long long>(totals.heights_min),
      static_cast<double>(totals.faults) / seeds,
      static_cast<unsigned long long>(totals.faults_min),
      static_cast<double>(totals.virtual_us) / 3.6e9, static_cast<double>(totals.calls) / seeds,
      seconds, seconds * 1'000 / seeds);
}

}  // namespace

bool ParseSeeds(const std::string& text, FleetOptions* options) {
  unsigned long long first = 0;
  unsigned long long last = 0;
  int read = 0;
  if (std::sscanf(text.c_str(), "%llu..%llu%n", &first, &last, &read) != 2) return false;
  if (static_cast<std::size_t>(read) != text.size()) return false;
  options->first = first;
  options->last = options->count > 0 ? first + options->count - 1 : last;
  return options->first <= options->last;
}

int RunOne(std::uint64_t seed, bool trace, const FleetOptions& options) {
  Watch(seed);
  RunOptions run = options.run;
  if (trace) run.trace = [](const std::string& line) { std::puts(line.c_str()); };
  const Outcome outcome = RunSeed(seed, run);
  Totals totals;
  Take(outcome, &totals);
  SayCounters(totals.counters);
  SayTotals(totals, 0);
  if (outcome.failure.check.empty()) return 0;
  SayFailure(seed, outcome.failure, run.real_signatures);
  return 1;
}

int RunFleet(const FleetOptions& options) {
  mallopt(M_TRIM_THRESHOLD, 1 << 30);  // the next seed needs it again
  mallopt(M_MMAP_THRESHOLD, 512 << 20);
  mallopt(M_TOP_PAD, 16 << 20);
  prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);  // a hundred small books would clear 2 MiB each
  const auto begin = std::chrono::steady_clock::now();
  Totals totals;
  const bool all_ended = RunShares(options, &totals);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  const std::uint64_t zeros = SayCounters(totals.counters);
  SayTotals(totals, seconds.count());
  if (zeros > 0) {
    std::printf("%llu branches were never taken\n", static_cast<unsigned long long>(zeros));
  }
  const bool is_good = all_ended && totals.failures == 0 && (zeros == 0 || options.zeros_allowed);
  return is_good ? 0 : 1;
}

}  // namespace bourse::sim
