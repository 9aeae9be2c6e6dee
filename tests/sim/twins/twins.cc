// Runs scenarios of Twins and says what they led to; exits with 1 at the first that failed.
//
//   twins            every scenario once, those that differ by names alone together
//   twins --all      every one, names and all: 4 times 2,097,152
//   twins NUMBER     this one
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/sim/twins/network.h"
#include "tests/sim/twins/scenario.h"

namespace bourse::sim::twins {
namespace {

struct Totals {
  std::uint64_t scenarios = 0, steps = 0, equivocated = 0, two_certificates = 0,
                notar_after_skip = 0, jumped = 0, finalized_while_split = 0, evidence = 0;
  std::uint32_t most_tail_slots = 0;
  std::uint32_t failed = 0;  // a scenario, if `failure` is not empty
  std::string failure;

  void Add(std::uint32_t number, const Outcome& outcome) {
    ++scenarios;
    steps += outcome.steps;
    equivocated += outcome.equivocated;
    two_certificates += outcome.two_certificates;
    notar_after_skip += outcome.notar_after_skip;
    jumped += outcome.jumped;
    finalized_while_split += outcome.finalized_while_split;
    evidence += outcome.evidence;
    most_tail_slots = std::max(most_tail_slots, outcome.tail_slots);
    if (failure.empty() && !outcome.failure.empty()) {
      failure = outcome.failure;
      failed = number;
    }
  }

  void Add(const Totals& other) {
    scenarios += other.scenarios;
    steps += other.steps;
    equivocated += other.equivocated;
    two_certificates += other.two_certificates;
    notar_after_skip += other.notar_after_skip;
    jumped += other.jumped;
    finalized_while_split += other.finalized_while_split;
    evidence += other.evidence;
    most_tail_slots = std::max(most_tail_slots, other.most_tail_slots);
    if (failure.empty() || (!other.failure.empty() && other.failed < failed)) {
      failure = other.failure;
      failed = other.failed;
    }
  }
};

Totals RunAll(bool names_too) {
  constexpr std::uint32_t kChunk = 4'096;
  const std::uint32_t end = names_too ? kValidators * kScenariosOfOne : kScenariosOfOne;
  std::atomic<std::uint32_t> next = 0;
  std::atomic<bool> failed = false;
  std::mutex mutex;
  Totals totals;
  const auto work = [&] {
    Totals own;
    while (!failed) {
      const std::uint32_t from = next.fetch_add(kChunk);
      if (from >= end) break;
      for (std::uint32_t number = from; number < from + kChunk && !failed; ++number) {
        const Scenario scenario = ScenarioOf(number);
        if (!names_too && !IsFirstOfItsKind(scenario)) continue;
        own.Add(number, Run(scenario));
        if (!own.failure.empty()) failed = true;
      }
    }
    const std::lock_guard lock(mutex);
    totals.Add(own);
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) {
    threads.emplace_back(work);
  }
  for (std::thread& thread : threads) thread.join();
  return totals;
}

int Report(const Totals& totals) {
  const auto line = [](const char* what, std::uint64_t count) {
    std::printf("  %-58s %9llu\n", what, static_cast<unsigned long long>(count));
  };
  std::printf("Twins: four validators, one twinned; leaders, splits and timers of %u slots\n",
              kScriptedSlots);
  line("scenarios of each twinned validator", kScenariosOfOne);
  line("scenarios run", totals.scenarios);
  line("steps of the core", totals.steps);
  line("scenarios with two candidates in a slot", totals.equivocated);
  line("... with Notar and Skip certificates in a slot", totals.two_certificates);
  line("... where an honest validator voted Notar after Skip", totals.notar_after_skip);
  line("... where a Final certificate moved a frontier", totals.jumped);
  line("... that finalized before the network healed", totals.finalized_while_split);
  line("... with evidence against the twinned validator", totals.evidence);
  line("most slots of a healed tail until all had finalized in it", totals.most_tail_slots);
  if (!totals.failure.empty()) {
    std::printf("scenario %u failed: %s\n  %s\n", totals.failed, totals.failure.c_str(),
                Describe(ScenarioOf(totals.failed)).c_str());
    return 1;
  }
  // A run that reaches none of these says nothing.
  const bool reached = totals.equivocated != 0 && totals.two_certificates != 0 &&
                       totals.notar_after_skip != 0 && totals.finalized_while_split != 0 &&
                       totals.evidence != 0;
  if (!reached) std::printf("a branch was never reached\n");
  return reached ? 0 : 1;
}

int RunOne(std::uint32_t number) {
  const Scenario scenario = ScenarioOf(number);
  const Outcome outcome = Run(scenario);
  std::printf("%s\n%u steps, tail of %u slots: %s\n", Describe(scenario).c_str(), outcome.steps,
              outcome.tail_slots, outcome.failure.empty() ? "good" : outcome.failure.c_str());
  return outcome.failure.empty() ? 0 : 1;
}

int Main(int argc, char** argv) {
  if (argc == 1) return Report(RunAll(false));
  if (argc == 2 && std::strcmp(argv[1], "--all") == 0) return Report(RunAll(true));
  const unsigned long number = argc == 2 ? std::strtoul(argv[1], nullptr, 10) : ~0UL;
  if (number < kValidators * kScenariosOfOne) return RunOne(static_cast<std::uint32_t>(number));
  std::fprintf(stderr, "usage: twins [--all | 0 to %u]\n", kValidators * kScenariosOfOne - 1);
  return 2;
}

}  // namespace
}  // namespace bourse::sim::twins

int main(int argc, char** argv) { return bourse::sim::twins::Main(argc, argv); }
