// The node's clocks.
#pragma once

#include "node/consensus/simplex.h"

namespace bourse::runtime {

[[nodiscard]] consensus::Now ReadClock();

}  // namespace bourse::runtime
