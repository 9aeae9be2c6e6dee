// Random: numbers that a seed determines, for which peer is asked and how long is waited.
#pragma once

#include <cstdint>

namespace bourse::replica {

// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  [[nodiscard]] std::uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // From 0 to count - 1, near enough evenly. REQUIRES: count > 0.
  [[nodiscard]] std::uint64_t Below(std::uint64_t count) { return Next() % count; }
  // From half of it to one and a half of it, so that nodes don't march in step.
  [[nodiscard]] std::uint64_t Around(std::uint64_t value) { return value / 2 + Below(value + 1); }

 private:
  std::uint64_t state_;
};

}  // namespace bourse::replica
