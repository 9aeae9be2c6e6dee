#include "node/runtime/wait_until.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "node/runtime/clock.h"

namespace bourse::runtime {
namespace {

constexpr absl::Duration kDeadlineMargin = absl::Milliseconds(100);

}  // namespace

std::uint64_t WaitUntil(absl::Time deadline) {
  constexpr std::uint64_t kLongest = 900'000'000;  // an expired transaction is answered before
  const std::uint64_t now = ReadClock().steady_us;
  if (deadline == absl::InfiniteFuture()) return now + kLongest;
  const absl::Duration left = deadline - absl::Now();
  const std::int64_t wait_us =
      absl::ToInt64Microseconds(left - std::min(kDeadlineMargin, left / 4));
  return now + std::min(kLongest, static_cast<std::uint64_t>(std::max<std::int64_t>(0, wait_us)));
}

}  // namespace bourse::runtime
