// The five instances of one scenario of Twins, and what is checked of them at every step.
//
//   Outcome outcome = Run(ScenarioOf(number));
//   if (!outcome.failure.empty()) ...
//
// The bare consensus core: bodies are at hand and good, what is persisted is never lost, and a
// message takes no time. What crosses between groups is lost: messages of a scripted slot by that
// slot's groups, later ones always. Each instance fires the timer of each scripted slot once, when
// the slot becomes active (timers first) or when nothing is left to deliver (timers last). Then the
// network heals, everyone connects anew, and all of them must finalize a block of a slot in the
// tail.
#pragma once

#include <cstdint>
#include <string>

#include "tests/sim/twins/scenario.h"

namespace bourse::sim::twins {

// What a scenario led to; to see that the scenarios reach what they are made for.
struct Outcome {
  // Nothing was wrong if empty: else which check failed, and how.
  std::string failure;

  bool equivocated = false;       // a slot with two candidates
  bool two_certificates = false;  // Notar and Skip certificates of one slot
  bool notar_after_skip = false;  // an honest validator voted Notar where it had voted Skip
  bool jumped = false;            // a frontier that jumped by a Final certificate
  bool finalized_while_split = false;
  bool evidence = false;  // against the twinned validator
  std::uint32_t steps = 0;
  std::uint32_t tail_slots = 0;  // slots that the tail took until all had finalized in it
};

[[nodiscard]] Outcome Run(const Scenario& scenario);

}  // namespace bourse::sim::twins
