// Natural numbers of any size, for decimals: a price times the powers of ten of two assets does
// not fit into 128 bits. Made for numbers of a few hundred bits; plain rather than fast.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bourse::cli {

class BigUint {
 public:
  BigUint() = default;
  explicit BigUint(std::uint64_t value);

  // REQUIRES: `digits` holds 0-9 only.
  [[nodiscard]] static BigUint FromDigits(std::string_view digits);
  [[nodiscard]] static BigUint PowerOfTen(std::uint32_t exponent);

  [[nodiscard]] bool IsZero() const { return limbs_.empty(); }
  [[nodiscard]] bool FitsU64() const { return limbs_.size() <= 2; }
  // REQUIRES: FitsU64().
  [[nodiscard]] std::uint64_t ToU64() const;
  [[nodiscard]] std::string ToDigits() const;

  friend BigUint operator+(const BigUint& a, const BigUint& b);
  friend BigUint operator*(const BigUint& a, const BigUint& b);
  friend std::strong_ordering operator<=>(const BigUint& a, const BigUint& b);
  friend bool operator==(const BigUint& a, const BigUint& b) = default;

  struct Division;
  // REQUIRES: divisor > 0.
  [[nodiscard]] Division DividedBy(const BigUint& divisor) const;

 private:
  void Trim();
  void SubtractSmallerOrEqual(const BigUint& other);
  void ShiftLeftByOne();
  void MultiplyAndAdd(std::uint32_t factor, std::uint32_t summand);
  std::uint32_t DivideInPlace(std::uint32_t divisor);  // returns the remainder

  std::vector<std::uint32_t> limbs_;  // least significant first, no leading zeros
};

struct BigUint::Division {
  BigUint quotient;
  BigUint remainder;
};

[[nodiscard]] BigUint GreatestCommonDivisor(BigUint a, BigUint b);

}  // namespace bourse::cli
