// ./dev sim: runs seeds, and says what broke.
//
//   simulate --seeds 1..2000 --jobs 2
//   simulate --seed 17 --trace

#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <string>

#include "tests/sim/byzantine/byzantine.h"
#include "tests/sim/fleet.h"

namespace bourse::sim {
namespace {

int RunMain(int argc, char** argv) {
  CLI::App app("Whole networks in virtual time, from a seed.");
  FleetOptions options;
  std::string seeds = "1..2000";
  std::uint64_t seed = 0;
  bool trace = false;
  app.add_option("--seeds", seeds, "which, as A..B")->capture_default_str();
  app.add_option("--count", options.count, "so many, from the first of --seeds on");
  auto* const one = app.add_option("--seed", seed, "this one alone, and what it counted");
  app.add_flag("--trace", trace, "tell the story of --seed, packet by packet")->needs(one);
  app.add_flag("--real-signatures", options.run.real_signatures, "Ed25519 instead of stubs");
  app.add_option("--jobs", options.jobs, "processes")->check(CLI::Range(1, 64));
  app.add_flag("--zeros-allowed", options.zeros_allowed, "counters may be zero");
  CLI11_PARSE(app, argc, argv);
  if (!ParseSeeds(seeds, &options)) {
    std::fprintf(stderr, "--seeds: A..B, with A no greater than B\n");
    return 2;
  }
  options.run.make_byzantine = byzantine::Make;
  return one->count() > 0 ? RunOne(seed, trace, options) : RunFleet(options);
}

}  // namespace
}  // namespace bourse::sim

int main(int argc, char** argv) { return bourse::sim::RunMain(argc, argv); }
