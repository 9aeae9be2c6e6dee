#include "common/bech32m.h"

#include <algorithm>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace bourse {
namespace {

constexpr std::string_view kCharacters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t kMaxSize = 90;
constexpr std::size_t kChecksumSize = 6;
constexpr std::uint32_t kFinal = 0x2bc830a3;  // what tells Bech32m from Bech32

// The BCH code of BIP 173 over GF(32), one value at a time.
class Checksum {
 public:
  explicit Checksum(std::string_view prefix) {
    for (const char c : prefix) Add(static_cast<std::uint8_t>(c >> 5));
    Add(0);
    for (const char c : prefix) Add(static_cast<std::uint8_t>(c & 31));
  }
  void Add(std::uint8_t value) {
    constexpr std::uint32_t kGenerator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                            0x2a1462b3};
    const std::uint32_t top = state_ >> 25;
    state_ = (state_ & 0x1ffffff) << 5 ^ value;
    for (int bit = 0; bit < 5; ++bit) {
      if ((top >> bit & 1) != 0) state_ ^= kGenerator[bit];
    }
  }
  [[nodiscard]] std::uint32_t state() const { return state_; }

 private:
  std::uint32_t state_ = 1;
};

absl::Status Invalid(std::string_view text) {
  return absl::InvalidArgumentError(absl::string_view(text.data(), text.size()));
}

// Lower case, and only if all of it is in one case and printable.
absl::StatusOr<std::string> Lowered(std::string_view text) {
  const auto printable = [](char c) { return c > ' ' && c < 127; };
  if (!std::all_of(text.begin(), text.end(), printable)) {
    return Invalid("a space, or a character that no address has");
  }
  std::string lower(text), upper(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), absl::ascii_tolower);
  std::transform(upper.begin(), upper.end(), upper.begin(), absl::ascii_toupper);
  if (text != lower && text != upper) return Invalid("upper and lower case are mixed");
  return lower;
}

}  // namespace

std::string EncodeBech32m(const Bech32m& parts) {
  Checksum checksum(parts.prefix);
  std::string text = absl::StrCat(parts.prefix, "1");
  for (const std::uint8_t value : parts.values) {
    checksum.Add(value);
    text.push_back(kCharacters[value]);
  }
  for (std::size_t i = 0; i < kChecksumSize; ++i) checksum.Add(0);
  const std::uint32_t sum = checksum.state() ^ kFinal;
  for (std::size_t i = kChecksumSize; i-- > 0;) text.push_back(kCharacters[sum >> (5 * i) & 31]);
  return text;
}

absl::StatusOr<Bech32m> DecodeBech32m(std::string_view text) {
  if (text.size() > kMaxSize) {
    return Invalid(absl::StrCat(text.size(), " characters, at most ", kMaxSize, " are allowed"));
  }
  const absl::StatusOr<std::string> lowered = Lowered(text);
  if (!lowered.ok()) return lowered.status();
  const std::size_t separator = lowered->rfind('1');
  if (separator == std::string::npos || separator == 0) {
    return Invalid("a prefix and '1' must come first");
  }
  if (lowered->size() - separator - 1 < kChecksumSize) return Invalid("too short");

  Bech32m parts{lowered->substr(0, separator), {}};
  Checksum checksum(parts.prefix);
  for (const char c : lowered->substr(separator + 1)) {
    const std::size_t value = kCharacters.find(c);
    if (value == std::string_view::npos) {
      return Invalid(absl::StrCat("character '", std::string(1, c), "' is not used in addresses"));
    }
    parts.values.push_back(static_cast<std::uint8_t>(value));
    checksum.Add(parts.values.back());
  }
  if (checksum.state() != kFinal) {
    return Invalid("the checksum is wrong: a character is mistyped or missing");
  }
  parts.values.resize(parts.values.size() - kChecksumSize);
  return parts;
}

}  // namespace bourse
