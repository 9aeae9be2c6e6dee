// Law: an asset's supply is what accounts have, free and reserved, and what its fee pot holds; and
// it is at most its cap. No balance is negative (they are unsigned, and never over 2^63-1).
#pragma once

#include "absl/status/status.h"
#include "ledger/laws/laws.h"

namespace bourse::ledger {

[[nodiscard]] absl::Status CheckConservation(const Books& books);

}  // namespace bourse::ledger
