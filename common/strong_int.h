// StrongInt: an integer with a unit, which does not convert into another unit.
//
//   using PriceTicks = StrongInt<struct PriceTicksTag, std::uint64_t>;
//   PriceTicks price(64000);
//   price.value();  // 64000
//
// Built explicitly, compared with its own kind, without arithmetic: sums and
// products of money go through common/checked_math.h.
#pragma once

#include <compare>
#include <cstdint>
#include <utility>

namespace bourse {

template <typename Tag, typename Rep>
class StrongInt {
 public:
  using rep = Rep;

  constexpr StrongInt() = default;
  constexpr explicit StrongInt(Rep value) : value_(value) {}

  [[nodiscard]] constexpr Rep value() const { return value_; }

  friend constexpr auto operator<=>(StrongInt, StrongInt) = default;

  // For hashed containers (which nothing deterministic may iterate).
  template <typename H>
  friend H AbslHashValue(H h, StrongInt v) {
    return H::combine(std::move(h), v.value_);
  }

 private:
  Rep value_ = 0;
};

}  // namespace bourse
