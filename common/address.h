// How people read and type account ids: "bourse1" and 58 characters, the last six a checksum
// (bech32m, BIP 350). TXIDs, hashes and asset ids are hexadecimal; see common/hash.h.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/transaction.h"

namespace bourse {

[[nodiscard]] std::string FormatAddress(const AccountId& account);

// Reads what FormatAddress writes, in lower or in upper case. kInvalidArgument, with a text for
// people, for anything else. The id need not be a valid public key.
[[nodiscard]] absl::StatusOr<AccountId> ParseAddress(std::string_view text);

}  // namespace bourse
