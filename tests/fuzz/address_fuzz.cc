// Any text as an address: what is read is written in the same way, but for its case.

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "common/address.h"
#include "common/bech32m.h"
#include "common/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bourse;
  const std::string text(reinterpret_cast<const char*>(data), size);

  const absl::StatusOr<AccountId> account = ParseAddress(text);
  if (account.ok()) CHECK(FormatAddress(*account) == absl::AsciiStrToLower(text));

  const absl::StatusOr<Bech32m> parts = DecodeBech32m(text);
  if (parts.ok()) CHECK(EncodeBech32m(*parts) == absl::AsciiStrToLower(text));
  CHECK(parts.ok() || !account.ok());

  // A good checksum over these very values, so that what lies behind it is reached too.
  Bech32m values{"bourse", {}};
  for (std::size_t i = 0; i < size && i < 52; ++i) {
    values.values.push_back(static_cast<std::uint8_t>(data[i] & 31));
  }
  const std::string made = EncodeBech32m(values);
  const absl::StatusOr<AccountId> decoded = ParseAddress(made);
  if (decoded.ok()) CHECK(FormatAddress(*decoded) == made);
  return 0;
}
