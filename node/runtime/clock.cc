#include "node/runtime/clock.h"

#include <chrono>
#include <cstdint>

namespace bourse::runtime {
namespace {

template <typename Clock>
std::uint64_t Micros() {
  const auto since = Clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

}  // namespace

consensus::Now ReadClock() {
  return {TimeMicros(Micros<std::chrono::system_clock>()), Micros<std::chrono::steady_clock>()};
}

}  // namespace bourse::runtime
