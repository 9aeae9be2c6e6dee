#include "common/address.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/bech32m.h"

namespace bourse {
namespace {

constexpr char kPrefix[] = "bourse";
constexpr std::size_t kValues = 52;                           // 256 bits, five at a time
constexpr std::size_t kSize = sizeof(kPrefix) + kValues + 6;  // the 1 is in the place of the NUL

std::vector<std::uint8_t> ToFives(const AccountId& account) {
  std::vector<std::uint8_t> values;
  values.reserve(kValues);
  std::uint32_t bits = 0;
  int size = 0;
  for (const std::uint8_t byte : account.bytes) {
    bits = bits << 8 | byte;
    for (size += 8; size >= 5; size -= 5) values.push_back(bits >> (size - 5) & 31);
  }
  values.push_back(static_cast<std::uint8_t>(bits << (5 - size) & 31));
  return values;
}

// Of kValues values; false if the last one has bits beyond the account's.
bool FromFives(const std::vector<std::uint8_t>& values, AccountId* account) {
  std::uint32_t bits = 0;
  int size = 0;
  std::size_t at = 0;
  for (const std::uint8_t value : values) {
    bits = bits << 5 | value;
    size += 5;
    if (size < 8) continue;
    size -= 8;
    account->bytes[at++] = static_cast<std::uint8_t>(bits >> size);
  }
  return (bits & ((1u << size) - 1)) == 0;
}

template <typename... Parts>
absl::Status Invalid(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat("address: ", parts...));
}

}  // namespace

std::string FormatAddress(const AccountId& account) {
  return EncodeBech32m({kPrefix, ToFives(account)});
}

absl::StatusOr<AccountId> ParseAddress(std::string_view text) {
  const std::string start = absl::AsciiStrToLower(std::string(text.substr(0, sizeof(kPrefix))));
  if (start != absl::StrCat(kPrefix, "1")) return Invalid("must start with '", kPrefix, "1'");
  if (text.size() != kSize) {
    return Invalid("must have ", kSize, " characters, has ", text.size());
  }
  const absl::StatusOr<Bech32m> parts = DecodeBech32m(text);
  if (!parts.ok()) return Invalid(parts.status().message());
  // With a '1' further back, the prefix is another.
  AccountId account;
  if (parts->prefix != kPrefix || !FromFives(parts->values, &account)) {
    return Invalid("is no account's");
  }
  return account;
}

}  // namespace bourse
