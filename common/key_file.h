// Files with one secret key each, encrypted with a passphrase: Argon2id and secretbox of
// libsodium. This one reads and writes files and draws randomness: it is for the command line and
// for a node's start, not for the pure parts.
//
//   bourse-key 1
//   address bourse1…
//   encryption argon2id-secretbox   or: none, without the four lines that follow
//   passes 3
//   memory_kib 262144
//   salt <32 hex digits>
//   nonce <48 hex digits>
//   secret <hex digits>             the 32-byte seed of RFC 8032, encrypted or open
//   checksum <64 hex digits>        of all before: tells damage from a wrong passphrase
//
// The address can be read without the passphrase. A file is written once and never changed.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/ed25519.h"

namespace bourse {

// What one guess of a passphrase costs: libsodium's "moderate", about a second and 256 MiB.
struct KeyFileCost {
  std::uint32_t passes = 3;            // 1 to 16
  std::uint32_t memory_kib = 262'144;  // 8 to 1,048,576
};

struct KeyFile {
  struct Lock {
    KeyFileCost cost;
    std::array<std::uint8_t, 16> salt{};
    std::array<std::uint8_t, 24> nonce{};
  };

  PublicKey public_key;
  std::optional<Lock> lock;  // none: the secret is not encrypted
  std::string secret;        // 32 bytes, encrypted 48
};

// Encrypts the key, with a new salt and nonce. An empty passphrase leaves it open, as devnets and
// nodes that start unattended have theirs. kResourceExhausted: not enough memory.
[[nodiscard]] absl::StatusOr<KeyFile> LockKey(const KeyPair& key, std::string_view passphrase,
                                              const KeyFileCost& cost = {});

// The key pair. The passphrase is not looked at where the file is not encrypted.
// kInvalidArgument: the passphrase is wrong, or there is none and the file needs one.
// kDataLoss: the secret is not that of the address. kResourceExhausted: not enough memory.
[[nodiscard]] absl::StatusOr<KeyPair> UnlockKey(const KeyFile& file, std::string_view passphrase);

[[nodiscard]] std::string FormatKeyFile(const KeyFile& file);

// Reads what FormatKeyFile writes, and nothing else: kInvalidArgument if it is no key file,
// kUnimplemented if it is of a later version, kDataLoss if it is damaged.
[[nodiscard]] absl::StatusOr<KeyFile> ParseKeyFile(std::string_view text);

// Writes a new file that only its owner can read, synced to disk: whole or not at all.
// kAlreadyExists if there is a file of this name, which stays as it is.
[[nodiscard]] absl::Status WriteKeyFile(const std::string& path, const KeyFile& file);

// Reads and parses. kNotFound; kFailedPrecondition if others than its owner can read or write it,
// with what to do; else as ParseKeyFile. Texts begin with the path.
[[nodiscard]] absl::StatusOr<KeyFile> ReadKeyFile(const std::string& path);

}  // namespace bourse
