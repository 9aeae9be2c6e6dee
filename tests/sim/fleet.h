// Fleet: many seeds, on several processes, and what they counted together.
#pragma once

#include <cstdint>
#include <string>

#include "tests/sim/counters.h"
#include "tests/sim/run_seed.h"

namespace bourse::sim {

struct FleetOptions {
  std::uint64_t first = 1;
  std::uint64_t last = 2'000;
  std::uint64_t count = 0;  // if set, instead of `last`
  int jobs = 1;
  bool zeros_allowed = false;  // a branch that was never taken is no failure
  RunOptions run;
};

// "3..20"; false if it is not.
[[nodiscard]] bool ParseSeeds(const std::string& text, FleetOptions* options);

// Each returns the process's exit code: 0 if nothing broke. Says to stdout what did, and how to see
// it again.
[[nodiscard]] int RunOne(std::uint64_t seed, bool trace, const FleetOptions& options);
[[nodiscard]] int RunFleet(const FleetOptions& options);

}  // namespace bourse::sim
