// Fees of fills, exact whatever way an order is split.
//
// What an order has been charged after any fills is ⌈Σ(quote · rate) / 10^6⌉, quote in atoms and
// rate in ppm. All that an order needs to remember is its slack: what it has paid ahead of
// Σ(quote · rate), in millionths of an atom; 0 ≤ slack < 10^6.
//
//   paid:  |--------------------|         = charged · 10^6
//   due:   |-----------------|            = Σ(quote · rate)
//                             └slack┘
#pragma once

#include <cstdint>

#include "common/checked_math.h"
#include "common/units.h"

namespace bourse::ledger {

inline constexpr std::uint64_t kPpm = 1'000'000;

// What a fill of `quote` atoms is charged, rounded up, less what was paid ahead. At most `quote`
// for rates up to 10^6, as quote ≥ 1.
[[nodiscard]] constexpr std::uint64_t FeeOf(std::uint64_t quote, std::uint32_t rate_ppm,
                                            std::uint32_t slack) {
  const Uint128 due = Uint128{quote} * rate_ppm;
  if (due <= slack) return 0;
  return static_cast<std::uint64_t>(DivideRoundingUp(due - slack, kPpm));
}

// The slack after that fill was charged.
[[nodiscard]] constexpr std::uint32_t SlackAfter(std::uint64_t quote, std::uint32_t rate_ppm,
                                                 std::uint32_t slack) {
  const Uint128 paid = Uint128{FeeOf(quote, rate_ppm, slack)} * kPpm + slack;
  return static_cast<std::uint32_t>(paid - Uint128{quote} * rate_ppm);
}

}  // namespace bourse::ledger
