// The ledger's laws, and the books', on the exchange's state in memory.
#pragma once

#include "absl/status/status.h"
#include "node/exchange/core.h"

namespace bourse::exchange {

// kInternal with the law that is broken, or where the engine's books and the orders of the state
// differ. Takes time linear in the state.
[[nodiscard]] absl::Status CheckLaws(const Core& core);

}  // namespace bourse::exchange
