#include "cli/decimal.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/checked_math.h"

namespace bourse::cli {
namespace {

constexpr std::size_t kMaxTextBytes = 80;
constexpr std::uint32_t kPlacesOfInfinite = 12;

struct Decimal {
  BigUint digits;
  std::uint32_t places = 0;
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool AllDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsDigit);
}

std::string Quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text.substr(0, kMaxTextBytes)) out += c < ' ' || c == 0x7f ? '?' : c;
  return out + (text.size() > kMaxTextBytes ? "...'" : "'");
}

absl::Status Wrong(std::string_view what, std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat(std::string(what), " ", Quoted(text), " ", std::string(why)));
}

absl::StatusOr<Decimal> ParseDecimal(std::string_view what, std::string_view text) {
  if (text.empty()) return Wrong(what, text, "is empty: write a number such as 0.5");
  if (text.size() > kMaxTextBytes) return Wrong(what, text, "is too long");
  if (text.front() == '-') return Wrong(what, text, "is negative");
  if (text.find(',') != std::string_view::npos) {
    return Wrong(what, text, "holds a comma: write decimals with a point, and thousands plainly");
  }
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view part =
      point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  const bool good = (whole.empty() || AllDigits(whole)) && (part.empty() || AllDigits(part)) &&
                    !(whole.empty() && part.empty());
  if (!good) return Wrong(what, text, "is not a number: write it as 0.5");
  return Decimal{BigUint::FromDigits(absl::StrCat(std::string(whole), std::string(part))),
                 static_cast<std::uint32_t>(part.size())};
}

// How often `factor` divides `*value`, which is left without it.
std::uint32_t TakeFactor(BigUint* value, std::uint64_t factor) {
  std::uint32_t times = 0;
  for (;;) {
    BigUint::Division division = value->DividedBy(BigUint(factor));
    if (!division.remainder.IsZero()) return times;
    *value = std::move(division.quotient);
    ++times;
  }
}

std::string WithPoint(std::string digits, std::uint32_t places) {
  if (places == 0) return digits;
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  digits.insert(digits.size() - places, 1, '.');
  return digits;
}

}  // namespace

Step::Step(std::string unit, BigUint numerator, BigUint denominator) : unit_(std::move(unit)) {
  const BigUint divisor = GreatestCommonDivisor(numerator, denominator);
  numerator_ = numerator.DividedBy(divisor).quotient;
  denominator_ = denominator.DividedBy(divisor).quotient;
  BigUint rest = denominator_;
  const std::uint32_t twos = TakeFactor(&rest, 2);
  const std::uint32_t fives = TakeFactor(&rest, 5);
  finite_ = rest == BigUint(1);
  places_ = finite_ ? std::max(twos, fives) : kPlacesOfInfinite;
}

Step Step::Atom(std::uint32_t decimals) {
  return {"atom", BigUint(1), BigUint::PowerOfTen(decimals)};
}

Step Step::Lot(std::uint64_t lot_size, std::uint32_t base_decimals) {
  return {"lot", BigUint(lot_size), BigUint::PowerOfTen(base_decimals)};
}

Step Step::Tick(std::uint64_t lot_size, std::uint32_t base_decimals, std::uint64_t tick_size,
                std::uint32_t quote_decimals) {
  return {"tick", BigUint(tick_size) * BigUint::PowerOfTen(base_decimals),
          BigUint(lot_size) * BigUint::PowerOfTen(quote_decimals)};
}

absl::StatusOr<std::uint64_t> Step::CountSteps(std::string_view what, std::string_view text) const {
  const std::string_view digits = text.substr(0, text.find_first_not_of("0123456789"));
  const std::string_view unit = text.substr(digits.size());
  if (unit != unit_ && unit != unit_ + "s") {
    return Wrong(what, text,
                 absl::StrCat("is not a number: write it as 0.5, or as a number of ", unit_,
                              "s: 500", unit_, "s"));
  }
  const BigUint count = BigUint::FromDigits(digits);
  if (count.IsZero()) return Wrong(what, text, "is zero");
  if (count > BigUint(kMaxAtoms)) return Wrong(what, text, "is over 2^63-1");
  return count.ToU64();
}

absl::StatusOr<std::uint64_t> Step::Count(std::string_view what, std::string_view text) const {
  const bool in_steps = text.size() <= kMaxTextBytes && !text.empty() && IsDigit(text.front()) &&
                        text.back() >= 'a' && text.back() <= 'z';
  if (in_steps) return CountSteps(what, text);
  absl::StatusOr<Decimal> decimal = ParseDecimal(what, text);
  if (!decimal.ok()) return decimal.status();
  if (decimal->digits.IsZero()) {
    return Wrong(what, text, absl::StrCat("is zero: the least is ", Show(BigUint(1))));
  }
  const BigUint::Division division =
      (decimal->digits * denominator_).DividedBy(BigUint::PowerOfTen(decimal->places) * numerator_);
  if (division.quotient > BigUint(kMaxAtoms)) {
    return Wrong(what, text, absl::StrCat("is too large: the most is ", Format(kMaxAtoms)));
  }
  if (!division.remainder.IsZero()) {
    return Wrong(what, text,
                 absl::StrCat("is no multiple of the ", unit_, " ", size(), ": use ",
                              Suggest(division.quotient)));
  }
  return division.quotient.ToU64();
}

std::string Step::Suggest(const BigUint& below) const {
  const BigUint above = below + BigUint(1);
  if (below.IsZero()) return Show(above);
  if (above > BigUint(kMaxAtoms)) return Show(below);
  return absl::StrCat(Show(below), " or ", Show(above));
}

// As it can be typed: in steps, where no decimal is exact.
std::string Step::Show(const BigUint& count) const {
  const bool exact = finite_ || (count * numerator_).DividedBy(denominator_).remainder.IsZero();
  return exact ? Format(count.ToU64()) : absl::StrCat(count.ToDigits(), unit_, "s");
}

std::string Step::Format(std::uint64_t count) const {
  const BigUint::Division division =
      (BigUint(count) * numerator_ * BigUint::PowerOfTen(places_)).DividedBy(denominator_);
  std::string out = WithPoint(division.quotient.ToDigits(), places_);
  if (!division.remainder.IsZero()) out += "…";
  return out;
}

std::string Step::size() const {
  if (finite_) return Format(1);
  return absl::StrCat(numerator_.ToDigits(), "/", denominator_.ToDigits());
}

absl::StatusOr<std::uint32_t> ParsePercent(std::string_view what, std::string_view text) {
  if (!text.ends_with('%')) return Wrong(what, text, "has no percent sign: write it as 0.5%");
  const absl::StatusOr<Decimal> decimal = ParseDecimal(what, text.substr(0, text.size() - 1));
  if (!decimal.ok()) return decimal.status();
  const BigUint::Division division =
      (decimal->digits * BigUint(10'000)).DividedBy(BigUint::PowerOfTen(decimal->places));
  if (!division.remainder.IsZero()) return Wrong(what, text, "has places under 0.0001%");
  if (division.quotient > BigUint(1'000'000)) return Wrong(what, text, "is over 100%");
  return static_cast<std::uint32_t>(division.quotient.ToU64());
}

absl::StatusOr<std::uint64_t> ParseNumber(std::string_view what, std::string_view text) {
  if (!AllDigits(text) || text.size() > 20) return Wrong(what, text, "is not a number");
  const BigUint value = BigUint::FromDigits(text);
  if (!value.FitsU64()) return Wrong(what, text, "is over 2^64-1");
  return value.ToU64();
}

}  // namespace bourse::cli
