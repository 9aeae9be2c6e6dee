#include "common/ed25519.h"

#include <sodium.h>

#include <algorithm>

#include "common/check.h"

namespace bourse {

KeyPair KeyPair::Generate() {
  CHECK(sodium_init() >= 0);
  std::array<std::uint8_t, 32> seed;
  randombytes_buf(seed.data(), seed.size());
  KeyPair pair = FromSeed(seed);
  sodium_memzero(seed.data(), seed.size());
  return pair;
}

KeyPair KeyPair::FromSeed(const std::array<std::uint8_t, 32>& seed) {
  KeyPair pair;
  crypto_sign_seed_keypair(pair.public_key_.bytes.data(), pair.secret_.data(), seed.data());
  return pair;
}

KeyPair::~KeyPair() { sodium_memzero(secret_.data(), secret_.size()); }

std::array<std::uint8_t, 32> KeyPair::seed() const {
  std::array<std::uint8_t, 32> out;
  std::copy_n(secret_.begin(), out.size(), out.begin());  // a secret key is seed ‖ public key
  return out;
}

Signature KeyPair::Sign(Bytes message) const {
  Signature out;
  crypto_sign_detached(out.bytes.data(), nullptr, message.data(), message.size(), secret_.data());
  return out;
}

bool Verify(const PublicKey& key, Bytes message, const Signature& signature) {
  return crypto_sign_verify_detached(signature.bytes.data(), message.data(), message.size(),
                                     key.bytes.data()) == 0;
}

bool IsValidPublicKey(const PublicKey& key) {
  return crypto_core_ed25519_is_valid_point(key.bytes.data()) == 1;
}

}  // namespace bourse
