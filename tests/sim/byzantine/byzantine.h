// Byzantine validators: they run no honest code, know each other's keys, and break the protocol in
// ways that are drawn from a seed (behaviour.h). At most f of them may be in a network.
//
//   seat.role = Role::kByzantine;
//   seat.make = byzantine::Make(seed);
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/sim/actor.h"

namespace bourse::sim::byzantine {

[[nodiscard]] ActorFactory Make(std::uint64_t seed);

// With these behaviours alone, by name; each must be one of Names(). None: silence.
[[nodiscard]] ActorFactory MakeWith(std::vector<std::string> behaviours);
[[nodiscard]] std::vector<std::string> Names();

}  // namespace bourse::sim::byzantine
