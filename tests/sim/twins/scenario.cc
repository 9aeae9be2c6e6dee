#include "tests/sim/twins/scenario.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace bourse::sim::twins {
namespace {

// Where each instance goes.
using Renaming = std::array<std::size_t, kInstances>;

ScriptedSlot Renamed(const ScriptedSlot& slot, const Renaming& to) {
  std::uint32_t groups = 0;  // a bit an instance
  for (std::size_t i = 0; i < kInstances; ++i) groups |= (slot.split << 1 >> i & 1) << to[i];
  if ((groups & 1) != 0) groups = ~groups;
  ScriptedSlot renamed = slot;
  renamed.split = groups >> 1 & (kSplits - 1);
  // Validator 0 stays 0, whichever of its instances is called so.
  if (slot.leader != 0) renamed.leader = static_cast<std::uint32_t>(to[slot.leader]);
  return renamed;
}

Scenario Renamed(const Scenario& scenario, const Renaming& to) {
  Scenario renamed = scenario;
  for (ScriptedSlot& slot : renamed.slots) slot = Renamed(slot, to);
  return renamed;
}

}  // namespace

Scenario ScenarioOf(std::uint32_t number) {
  Scenario scenario;
  for (ScriptedSlot& slot : scenario.slots) {
    slot.timers_first = number % 2 != 0;
    slot.split = number / 2 % kSplits;
    slot.leader = number / (2 * kSplits) % kValidators;
    number /= 2 * kSplits * kValidators;
  }
  scenario.twinned = number;
  return scenario;
}

std::uint32_t NumberOf(const Scenario& scenario) {
  std::uint32_t number = scenario.twinned;
  for (std::size_t i = kScriptedSlots; i-- > 0;) {
    const ScriptedSlot& slot = scenario.slots[i];
    number = number * (2 * kSplits * kValidators) + slot.leader * 2 * kSplits + slot.split * 2 +
             (slot.timers_first ? 1 : 0);
  }
  return number;
}

bool IsFirstOfItsKind(const Scenario& scenario) {
  if (scenario.twinned != 0) return false;
  const std::uint32_t number = NumberOf(scenario);
  std::array<std::size_t, 3> others = {1, 2, 3};
  do {
    const Renaming kept = {0, others[0], others[1], others[2], 4};
    const Renaming exchanged = {4, others[0], others[1], others[2], 0};
    if (NumberOf(Renamed(scenario, kept)) < number) return false;
    if (NumberOf(Renamed(scenario, exchanged)) < number) return false;
  } while (std::next_permutation(others.begin(), others.end()));
  return true;
}

std::string Describe(const Scenario& scenario) {
  std::string text = absl::StrCat("validator ", scenario.twinned, " twinned");
  for (std::size_t s = 0; s < kScriptedSlots; ++s) {
    const ScriptedSlot& slot = scenario.slots[s];
    absl::StrAppend(&text, "; slot ", s, ": leader ", slot.leader, ", groups ");
    for (const std::uint32_t group : {0U, 1U}) {
      for (std::size_t i = 0; i < kInstances; ++i) {
        if ((slot.split << 1 >> i & 1) != group) continue;
        absl::StrAppend(&text, i + 1 == kInstances ? "t" : absl::StrCat(i));
      }
      if (group == 0) absl::StrAppend(&text, "|");
    }
    absl::StrAppend(&text, ", timers ", slot.timers_first ? "first" : "last");
  }
  return text;
}

}  // namespace bourse::sim::twins
