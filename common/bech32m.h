// Bech32m (BIP 350): text with a prefix and a checksum that finds any four mistyped characters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace bourse {

struct Bech32m {
  std::string prefix;                // 1 to 83 characters, lower case
  std::vector<std::uint8_t> values;  // of 5 bits each
};

// The text, in lower case. The caller keeps prefix and values valid, and the text within 90
// characters.
[[nodiscard]] std::string EncodeBech32m(const Bech32m& parts);

// Of text in lower or in upper case. kInvalidArgument says what is wrong with it.
[[nodiscard]] absl::StatusOr<Bech32m> DecodeBech32m(std::string_view text);

}  // namespace bourse
