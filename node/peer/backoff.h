// Backoff: how long to wait before the next try. Pure; not thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>

namespace bourse::peer {

class Backoff {
 public:
  // In any unit. REQUIRES: 0 < min <= max.
  constexpr Backoff(std::int64_t min, std::int64_t max) : min_(min), max_(max), next_(min) {}

  // `random` is any number: a wait of three quarters to five quarters of the step, so that those
  // who failed together do not try together. The step doubles each time, up to the largest.
  constexpr std::int64_t Next(std::uint64_t random) {
    const std::int64_t step = next_;
    next_ = std::min(max_, 2 * step);
    return step * 3 / 4 +
           static_cast<std::int64_t>(random % static_cast<std::uint64_t>(step / 2 + 1));
  }

  constexpr void Reset() { next_ = min_; }

 private:
  std::int64_t min_;
  std::int64_t max_;
  std::int64_t next_;
};

}  // namespace bourse::peer
