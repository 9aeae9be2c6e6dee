// BLAKE2b-256, the one hash of Bourse (RFC 7693, by libsodium).
//
// What is hashed starts with a domain string ("bourse/tx/1"), so that no two
// kinds of thing can ever share a hash.
#pragma once

#include <sodium.h>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace bourse {

using Bytes = std::span<const std::uint8_t>;

// The bytes of a string, as hash and signature functions take them.
inline Bytes AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view AsText(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// 32 bytes that are a hash, and compare as big-endian numbers do.
struct Hash256 {
  std::array<std::uint8_t, 32> bytes{};

  friend auto operator<=>(const Hash256&, const Hash256&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Hash256& v) {
    std::uint64_t word;  // a hash is random enough for any eight bytes to do
    std::memcpy(&word, v.bytes.data(), sizeof(word));
    return H::combine(std::move(h), word);
  }
};

// The id of a transaction or a swap.
using TxId = Hash256;

// Hashes what is fed to it, in pieces. Not thread-safe; any number may exist.
class Hasher {
 public:
  // Starts with `domain`'s bytes, without a length.
  explicit Hasher(std::string_view domain);

  Hasher& Update(Bytes bytes);
  Hasher& Update(std::string_view text) { return Update(AsBytes(text)); }
  Hasher& Update(const Hash256& hash) { return Update(Bytes(hash.bytes)); }
  // Little-endian.
  Hasher& UpdateU32(std::uint32_t value);
  Hasher& UpdateU64(std::uint64_t value);

  // Once only, last.
  [[nodiscard]] Hash256 Finish();

 private:
  crypto_generichash_state state_;
};

// Hash of `bytes` alone: the caller's first bytes are the domain.
[[nodiscard]] Hash256 HashOf(Bytes bytes);

// Lower-case hexadecimal, and back: 64 characters exactly, else false.
[[nodiscard]] std::string ToHex(Bytes bytes);
[[nodiscard]] inline std::string ToHex(const Hash256& hash) { return ToHex(Bytes(hash.bytes)); }
[[nodiscard]] bool FromHex(std::string_view text, Hash256* hash);

}  // namespace bourse
