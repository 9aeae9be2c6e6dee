// One scenario of Twins (Bano et al., "Twins: BFT Systems Made Robust", OPODIS 2021), and all of
// them in order.
//
// Four validators; one of them runs twice with the same key, as an attacker would who copies the
// key and changes nothing else: five instances of honest code, at most one fault. In each of the
// first three slots a script says who leads, which of the instances reach which (two groups), and
// whether timers fire before messages are delivered, or after. Then the network heals.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace bourse::sim::twins {

inline constexpr std::uint32_t kValidators = 4;
inline constexpr std::uint32_t kInstances = kValidators + 1;  // the last is the twin
inline constexpr std::uint32_t kScriptedSlots = 3;
inline constexpr std::uint32_t kSplits = 1U << (kInstances - 1);  // two groups, unordered

// Of one twinned validator: leaders, splits and timers of each slot.
inline constexpr std::uint32_t kScenariosOfOne =
    (kValidators * kSplits * 2) * (kValidators * kSplits * 2) * (kValidators * kSplits * 2);

struct ScriptedSlot {
  std::uint32_t leader = 0;  // 0 to 3
  std::uint32_t split = 0;   // 0 to 15: bit i-1 set: instance i is not in instance 0's group
  bool timers_first = false;

  [[nodiscard]] bool Connects(std::size_t a, std::size_t b) const {
    return ((split << 1 >> a) & 1) == ((split << 1 >> b) & 1);
  }
};

struct Scenario {
  std::uint32_t twinned = 0;  // 0 to 3
  std::array<ScriptedSlot, kScriptedSlots> slots;
};

// REQUIRES: `number` < kValidators · kScenariosOfOne. One to one.
[[nodiscard]] Scenario ScenarioOf(std::uint32_t number);
[[nodiscard]] std::uint32_t NumberOf(const Scenario& scenario);

// Whether it is the first of those that are the same but for the names of instances: validator 0
// is twinned, and neither another order of the three others nor exchanging the twins gives a lower
// number. To run these is to run all.
[[nodiscard]] bool IsFirstOfItsKind(const Scenario& scenario);

[[nodiscard]] std::string Describe(const Scenario& scenario);

}  // namespace bourse::sim::twins
