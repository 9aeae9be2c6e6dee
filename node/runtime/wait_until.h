// When somebody who waits for a transaction is answered at the latest.
#pragma once

#include <cstdint>

#include "absl/time/time.h"

namespace bourse::runtime {

// As Now::steady_us: some time before the caller's deadline, so that an answer that the outcome is
// unknown is there before it gives up; at most 15 minutes.
[[nodiscard]] std::uint64_t WaitUntil(absl::Time deadline);

}  // namespace bourse::runtime
