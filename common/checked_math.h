// Arithmetic that says when a result does not fit, instead of wrapping.
//
// Money is an integer from 0 to 2^63-1 (kMaxAtoms); products are taken in 128
// bits, so they are exact before they are checked.
#pragma once

#include <cstdint>
#include <optional>

#include "common/units.h"

namespace bourse {

// Pedantic builds warn of the built-in type; this is its one name here.
__extension__ using Uint128 = unsigned __int128;

inline constexpr std::uint64_t kMaxAtoms = (std::uint64_t{1} << 63) - 1;

// a + b, if it is at most 2^63-1.
[[nodiscard]] constexpr std::optional<std::uint64_t> CheckedAdd(std::uint64_t a, std::uint64_t b) {
  if (a > kMaxAtoms || b > kMaxAtoms - a) return std::nullopt;
  return a + b;
}

// a - b, if it is not negative.
[[nodiscard]] constexpr std::optional<std::uint64_t> CheckedSub(std::uint64_t a, std::uint64_t b) {
  if (b > a) return std::nullopt;
  return a - b;
}

// a · b, if it is at most 2^63-1.
[[nodiscard]] constexpr std::optional<std::uint64_t> CheckedMul(std::uint64_t a, std::uint64_t b) {
  const Uint128 product = Uint128{a} * b;
  if (product > kMaxAtoms) return std::nullopt;
  return static_cast<std::uint64_t>(product);
}

// ⌈a / b⌉, rounding up, in the house's favour; b > 0.
[[nodiscard]] constexpr Uint128 DivideRoundingUp(Uint128 a, std::uint64_t b) {
  return a / b + (a % b != 0 ? 1 : 0);
}

}  // namespace bourse
