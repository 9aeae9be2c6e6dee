#include "cli/big_uint.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "common/check.h"

namespace bourse::cli {

BigUint::BigUint(std::uint64_t value) {
  for (; value != 0; value >>= 32) limbs_.push_back(static_cast<std::uint32_t>(value));
}

BigUint BigUint::FromDigits(std::string_view digits) {
  BigUint out;
  for (const char digit : digits) {
    out.MultiplyAndAdd(10, static_cast<std::uint32_t>(digit - '0'));
  }
  return out;
}

BigUint BigUint::PowerOfTen(std::uint32_t exponent) {
  BigUint out(1);
  for (std::uint32_t i = 0; i < exponent; ++i) out.MultiplyAndAdd(10, 0);
  return out;
}

std::uint64_t BigUint::ToU64() const {
  CHECK(FitsU64());
  std::uint64_t out = 0;
  for (std::size_t i = limbs_.size(); i-- > 0;) out = out << 32 | limbs_[i];
  return out;
}

std::string BigUint::ToDigits() const {
  if (IsZero()) return "0";
  std::string out;
  for (BigUint left = *this; !left.IsZero();) {
    out.push_back(static_cast<char>('0' + left.DivideInPlace(10)));
  }
  std::reverse(out.begin(), out.end());
  return out;
}

BigUint operator+(const BigUint& a, const BigUint& b) {
  BigUint out;
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < std::max(a.limbs_.size(), b.limbs_.size()) || carry != 0; ++i) {
    if (i < a.limbs_.size()) carry += a.limbs_[i];
    if (i < b.limbs_.size()) carry += b.limbs_[i];
    out.limbs_.push_back(static_cast<std::uint32_t>(carry));
    carry >>= 32;
  }
  return out;
}

BigUint operator*(const BigUint& a, const BigUint& b) {
  BigUint out;
  out.limbs_.assign(a.limbs_.size() + b.limbs_.size(), 0);
  for (std::size_t i = 0; i < a.limbs_.size(); ++i) {
    std::uint64_t carry = 0;
    for (std::size_t j = 0; j < b.limbs_.size(); ++j) {
      carry += std::uint64_t{a.limbs_[i]} * b.limbs_[j] + out.limbs_[i + j];
      out.limbs_[i + j] = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    out.limbs_[i + b.limbs_.size()] = static_cast<std::uint32_t>(carry);
  }
  out.Trim();
  return out;
}

std::strong_ordering operator<=>(const BigUint& a, const BigUint& b) {
  if (a.limbs_.size() != b.limbs_.size()) return a.limbs_.size() <=> b.limbs_.size();
  for (std::size_t i = a.limbs_.size(); i-- > 0;) {
    if (a.limbs_[i] != b.limbs_[i]) return a.limbs_[i] <=> b.limbs_[i];
  }
  return std::strong_ordering::equal;
}

BigUint::Division BigUint::DividedBy(const BigUint& divisor) const {
  CHECK(!divisor.IsZero());
  Division out;
  out.quotient.limbs_.assign(limbs_.size(), 0);
  for (std::size_t bit = limbs_.size() * 32; bit-- > 0;) {
    out.remainder.ShiftLeftByOne();
    if ((limbs_[bit / 32] >> (bit % 32) & 1) != 0) out.remainder = out.remainder + BigUint(1);
    if (out.remainder < divisor) continue;
    out.remainder.SubtractSmallerOrEqual(divisor);
    out.quotient.limbs_[bit / 32] |= std::uint32_t{1} << (bit % 32);
  }
  out.quotient.Trim();
  return out;
}

void BigUint::Trim() {
  while (!limbs_.empty() && limbs_.back() == 0) limbs_.pop_back();
}

void BigUint::SubtractSmallerOrEqual(const BigUint& other) {
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < limbs_.size(); ++i) {
    const std::uint64_t taken = borrow + (i < other.limbs_.size() ? other.limbs_[i] : 0);
    borrow = taken > limbs_[i] ? 1 : 0;
    limbs_[i] = static_cast<std::uint32_t>((borrow << 32) + limbs_[i] - taken);
  }
  Trim();
}

void BigUint::ShiftLeftByOne() {
  std::uint32_t carry = 0;
  for (std::uint32_t& limb : limbs_) {
    const std::uint32_t top = limb >> 31;
    limb = limb << 1 | carry;
    carry = top;
  }
  if (carry != 0) limbs_.push_back(carry);
}

void BigUint::MultiplyAndAdd(std::uint32_t factor, std::uint32_t summand) {
  std::uint64_t carry = summand;
  for (std::uint32_t& limb : limbs_) {
    carry += std::uint64_t{limb} * factor;
    limb = static_cast<std::uint32_t>(carry);
    carry >>= 32;
  }
  if (carry != 0) limbs_.push_back(static_cast<std::uint32_t>(carry));
}

std::uint32_t BigUint::DivideInPlace(std::uint32_t divisor) {
  std::uint64_t remainder = 0;
  for (std::size_t i = limbs_.size(); i-- > 0;) {
    remainder = remainder << 32 | limbs_[i];
    limbs_[i] = static_cast<std::uint32_t>(remainder / divisor);
    remainder %= divisor;
  }
  Trim();
  return static_cast<std::uint32_t>(remainder);
}

BigUint GreatestCommonDivisor(BigUint a, BigUint b) {
  while (!b.IsZero()) {
    BigUint remainder = a.DividedBy(b).remainder;
    a = std::move(b);
    b = std::move(remainder);
  }
  return a;
}

}  // namespace bourse::cli
