// The node's clocks.
#pragma once

#include "node/consensus/engine.h"

namespace bourse::runtime {

[[nodiscard]] consensus::Now ReadClock();

}  // namespace bourse::runtime
