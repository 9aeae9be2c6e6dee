// Decimals as people type and read them, turned into the integers of the protocol and back:
// exactly, without floating point and without rounding.
//
//   const Step lot = Step::Lot(100'000, 8);            // 0.001 BTC
//   lot.Count("quantity", "0.5");                      // 500
//   lot.Count("quantity", "0.5003");                   // "… use 0.500 or 0.501"
//   lot.Format(500);                                   // "0.500"
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "cli/big_uint.h"

namespace bourse::cli {

// What one step of a number is worth: an atom of an asset, a lot or a tick of a market.
// A fraction, as a tick need not be a finite decimal: of a market whose lot is 3 atoms, it is not.
class Step {
 public:
  // 1 / 10^decimals.
  [[nodiscard]] static Step Atom(std::uint32_t decimals);
  // Of base: lot_size / 10^base_decimals. REQUIRES: lot_size > 0.
  [[nodiscard]] static Step Lot(std::uint64_t lot_size, std::uint32_t base_decimals);
  // Of quote for one base: (tick_size / 10^quote_decimals) / lot.
  // REQUIRES: lot_size, tick_size > 0.
  [[nodiscard]] static Step Tick(std::uint64_t lot_size, std::uint32_t base_decimals,
                                 std::uint64_t tick_size, std::uint32_t quote_decimals);

  // How many steps `text` is: a decimal ("0.5") or a number of steps ("500lots", "500ticks",
  // "500atoms"). From 1 to 2^63-1. kInvalidArgument, with the nearest values that would do, says
  // what is wrong with it; `what` names it there ("quantity").
  [[nodiscard]] absl::StatusOr<std::uint64_t> Count(std::string_view what,
                                                    std::string_view text) const;

  // As a decimal, always with the same number of places. Cut off and marked with a final "…" in
  // a market whose tick is no finite decimal.
  [[nodiscard]] std::string Format(std::uint64_t count) const;

  // "0.001", or "1/3".
  [[nodiscard]] std::string size() const;

 private:
  Step(std::string unit, BigUint numerator, BigUint denominator);
  [[nodiscard]] absl::StatusOr<std::uint64_t> CountSteps(std::string_view what,
                                                         std::string_view text) const;
  [[nodiscard]] std::string Suggest(const BigUint& below) const;
  [[nodiscard]] std::string Show(const BigUint& count) const;

  std::string unit_;  // "atom", "lot", "tick"
  BigUint numerator_;
  BigUint denominator_;
  std::uint32_t places_ = 0;
  bool finite_ = true;
};

// Millionths: "0.5%" is 5,000. At most 1,000,000. Without its sign, "0.5" may be meant as half of
// a hundredth or as a half, and is refused.
[[nodiscard]] absl::StatusOr<std::uint32_t> ParsePercent(std::string_view what,
                                                         std::string_view text);

// A natural number of at most 2^64-1: an id, a height. kInvalidArgument names `what`.
[[nodiscard]] absl::StatusOr<std::uint64_t> ParseNumber(std::string_view what,
                                                        std::string_view text);

}  // namespace bourse::cli
