// Law: what an account has reserved is what its open orders need and its deposits come to, to the
// atom; and its counts of orders are right.
#pragma once

#include "absl/status/status.h"
#include "ledger/laws/laws.h"

namespace bourse::ledger {

[[nodiscard]] absl::Status CheckReserves(const Books& books);

}  // namespace bourse::ledger
