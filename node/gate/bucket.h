// TokenBucket: how much of something is fair in a span of time.
//
//   TokenBucket resets({.per_second = 100, .burst = 500});
//   if (!resets.Take(1, now_us)) ...  // more than 500 at once, or than 100 a second for long
//
// Pure: time is a parameter, in microseconds of any clock that does not run
// backwards (an earlier time counts as no time passed). Integers only, so a
// bucket's answer depends on what was taken and when, and on nothing else.
// Copyable; not thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace bourse::gate {

// What a bucket lets through: `burst` at once, then `per_second` for ever.
struct Rate {
  std::uint32_t per_second = 0;
  std::uint32_t burst = 0;
};

class TokenBucket {
 public:
  // Starts full.
  constexpr explicit TokenBucket(Rate rate)
      : rate_(rate), level_(static_cast<std::int64_t>(rate.burst) * kUnit) {}

  // Takes `count` tokens, into debt if it must: what has arrived has to be paid
  // for. False when the bucket is in debt now.
  constexpr bool Take(std::uint32_t count, std::int64_t now_us) {
    Refill(now_us);
    level_ = std::max(level_ - static_cast<std::int64_t>(count) * kUnit, kDeepest);
    return level_ >= 0;
  }

  // Microseconds until the debt is paid, 0 without one; rounds up. A bucket that
  // never refills answers an hour.
  [[nodiscard]] constexpr std::int64_t DebtUs(std::int64_t now_us) {
    Refill(now_us);
    if (level_ >= 0) return 0;
    if (rate_.per_second == 0) return kHourUs;
    return (-level_ + rate_.per_second - 1) / rate_.per_second;
  }

  // Nothing is missing: a forgotten bucket would be no different.
  [[nodiscard]] constexpr bool IsFull(std::int64_t now_us) {
    Refill(now_us);
    return level_ >= static_cast<std::int64_t>(rate_.burst) * kUnit;
  }

 private:
  static constexpr std::int64_t kUnit = 1'000'000;  // levels are in millionths of a token
  static constexpr std::int64_t kHourUs = 3'600'000'000;
  static constexpr std::int64_t kDeepest = std::numeric_limits<std::int64_t>::min() / 4;

  constexpr void Refill(std::int64_t now_us) {
    if (!started_) {
      started_ = true;
      last_us_ = now_us;
    }
    if (now_us <= last_us_ || rate_.per_second == 0) return;
    // As unsigned numbers, so that no pair of times can overflow.
    const std::uint64_t elapsed_us =
        static_cast<std::uint64_t>(now_us) - static_cast<std::uint64_t>(last_us_);
    last_us_ = now_us;
    const std::int64_t full = static_cast<std::int64_t>(rate_.burst) * kUnit;
    const std::uint64_t missing =
        static_cast<std::uint64_t>(full) - static_cast<std::uint64_t>(level_);
    if (elapsed_us > missing / rate_.per_second) {
      level_ = full;
    } else {
      level_ += static_cast<std::int64_t>(elapsed_us * rate_.per_second);
    }
  }

  Rate rate_;
  std::int64_t level_;
  std::int64_t last_us_ = 0;
  bool started_ = false;
};

}  // namespace bourse::gate
