// Ed25519 signatures (RFC 8032, by libsodium).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "common/hash.h"

namespace bourse {

struct PublicKey {
  std::array<std::uint8_t, 32> bytes{};
  friend auto operator<=>(const PublicKey&, const PublicKey&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const PublicKey& v) {
    return H::combine(std::move(h), v.bytes);
  }
};

struct Signature {
  std::array<std::uint8_t, 64> bytes{};
  friend auto operator<=>(const Signature&, const Signature&) = default;
};

// A secret key with its public key. Wiped from memory when it goes.
class KeyPair {
 public:
  // From the system's random source. Not for the pure parts.
  [[nodiscard]] static KeyPair Generate();
  // Deterministic: the 32-byte seed of RFC 8032.
  [[nodiscard]] static KeyPair FromSeed(const std::array<std::uint8_t, 32>& seed);

  KeyPair(const KeyPair&) = default;
  KeyPair& operator=(const KeyPair&) = default;
  ~KeyPair();

  [[nodiscard]] const PublicKey& public_key() const { return public_key_; }
  [[nodiscard]] std::array<std::uint8_t, 32> seed() const;
  [[nodiscard]] Signature Sign(Bytes message) const;

 private:
  KeyPair() = default;
  PublicKey public_key_;
  std::array<std::uint8_t, 64> secret_{};
};

// True if `signature` by `key` over `message` is good: strictly, as libsodium decides, which
// CheckVerifier pins. Thread-safe.
[[nodiscard]] bool Verify(const PublicKey& key, Bytes message, const Signature& signature);

// True if the bytes are a point that can be a public key: canonical, and of the prime order that
// all honest keys have. Costs nearly as much as Verify.
[[nodiscard]] bool IsValidPublicKey(const PublicKey& key);

// Initializes libsodium, and checks that the verifier decides the twelve well-known edge cases
// (Chalkias, Garillot, Nikolaenko: "Taming the many EdDSAs", 2020) as all nodes do. Called once at
// start, before anything else here; an error means that this library must not join a network.
[[nodiscard]] absl::Status CheckVerifier();

}  // namespace bourse
