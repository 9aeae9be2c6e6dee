// Refusal: for how long a key is kept out that sent what no honest node sends. Pure; not
// thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>

namespace bourse::peer {

class Refusal {
 public:
  // In any unit. REQUIRES: 0 < min <= max.
  constexpr Refusal(std::int64_t min, std::int64_t max) : min_(min), max_(max) {}

  // It did so now: each time it is twice as long, up to the longest; the first time again once it
  // was let in for as long as the longest without a new offence.
  constexpr void Offend(std::int64_t now) {
    const bool forgiven = length_ == 0 || now - until_ > max_;
    length_ = forgiven ? min_ : std::min(max_, 2 * length_);
    until_ = now + length_;
  }

  [[nodiscard]] constexpr bool IsRefused(std::int64_t now) const {
    return length_ != 0 && now < until_;
  }

 private:
  std::int64_t min_;
  std::int64_t max_;
  std::int64_t length_ = 0;  // of the last time; 0: never yet
  std::int64_t until_ = 0;
};

}  // namespace bourse::peer
