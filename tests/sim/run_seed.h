// A seed from start to end: harm, while at least so many heights are finalized; then all is healed,
// and everybody has to make progress within a bound.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "tests/sim/actor.h"
#include "tests/sim/counters.h"
#include "tests/sim/scenario.h"
#include "tests/sim/world.h"

namespace bourse::sim {

struct RunOptions {
  bool real_signatures = false;
  std::function<void(const std::string&)> trace;  // nothing: no story
  // The Byzantine validators' behaviour, drawn from a seed. Nothing: there are none.
  std::function<ActorFactory(std::uint64_t seed)> make_byzantine;
};

struct Outcome {
  Failure failure;  // nothing broke while `check` is empty
  Counters counters;
  std::uint64_t heights = 0;
  std::uint64_t faults = 0;
  std::uint64_t virtual_us = 0;
  std::uint64_t calls = 0;
  // How near the checks that have bounds came to them, in thousandths.
  Counters nearness;
};

[[nodiscard]] Outcome RunSeed(std::uint64_t seed, const RunOptions& options);

}  // namespace bourse::sim
