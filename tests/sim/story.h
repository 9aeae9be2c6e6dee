// Story: what a packet says, in a line, for --trace.
#pragma once

#include <string>

#include "tests/sim/packet.h"

namespace bourse::sim {

// "slot 12: Notar vote of 3 for 1a2b3c4d" and the like.
[[nodiscard]] std::string Describe(const Packet& packet);

}  // namespace bourse::sim
