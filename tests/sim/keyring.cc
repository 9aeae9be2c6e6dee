#include "tests/sim/keyring.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <deque>
#include <string>

namespace bourse::sim {
namespace {

const KeyPair& MadeKey(std::deque<KeyPair>* made, std::uint8_t kind, std::size_t index) {
  while (made->size() <= index) {
    std::array<std::uint8_t, 32> seed{};
    seed[0] = kind;
    seed[1] = static_cast<std::uint8_t>(made->size());
    seed[2] = static_cast<std::uint8_t>(made->size() >> 8);
    made->push_back(KeyPair::FromSeed(seed));
  }
  return (*made)[index];
}

std::uint64_t Mix(std::uint64_t state, std::uint64_t word) {
  state = (state ^ word) * 0x9fb21c651e98df25;
  return state ^ (state >> 32);
}

std::uint64_t MixAll(std::uint64_t state, std::string_view bytes) {
  state = Mix(state, bytes.size());
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const std::size_t size = std::min(bytes.size(), sizeof(word));
    std::memcpy(&word, bytes.data(), size);
    state = Mix(state, word);
    bytes.remove_prefix(size);
  }
  return state;
}

std::uint64_t Stub(const PublicKey& key, std::string_view bytes) {
  return MixAll(MixAll(0x8ebc6af09c88c6e3, AsText(key.bytes)), bytes);
}

}  // namespace

const KeyPair& ValidatorKey(std::size_t index) {
  static std::deque<KeyPair>* const made = new std::deque<KeyPair>;
  return MadeKey(made, 1, index);
}

const KeyPair& TraderKey(std::size_t index) {
  static std::deque<KeyPair>* const made = new std::deque<KeyPair>;
  return MadeKey(made, 2, index);
}

Signature Keyring::Sign(const KeyPair& key, std::string_view bytes) const {
  if (real_) return key.Sign(AsBytes(bytes));
  Signature signature;
  const std::uint64_t stub = Stub(key.public_key(), bytes);
  std::memcpy(signature.bytes.data(), &stub, sizeof(stub));
  return signature;
}

bool Keyring::Verify(const PublicKey& key, std::string_view bytes,
                     const Signature& signature) const {
  if (real_) return bourse::Verify(key, AsBytes(bytes), signature);
  const std::uint64_t stub = Stub(key, bytes);
  return std::memcmp(signature.bytes.data(), &stub, sizeof(stub)) == 0;
}

bool Keyring::Verify(const std::vector<replica::Claim>& claims) const {
  return std::all_of(claims.begin(), claims.end(), [this](const replica::Claim& claim) {
    return Verify(claim.key, claim.bytes, claim.signature);
  });
}

std::string Keyring::Seal(const Transaction& transaction, const KeyPair& key) const {
  const std::string body = EncodeTransaction(transaction);
  const std::string signed_bytes = SigningBytes(transaction.genesis_hash, AsBytes(body));
  return EncodeSignedTransaction(body, Sign(key, signed_bytes));
}

bool Keyring::Verify(const SignedTransaction& decoded, std::string_view encoded) const {
  if (real_) return VerifySignature(decoded, AsBytes(encoded));
  const Transaction& transaction = decoded.transaction;
  const std::string body = EncodeTransaction(transaction);
  return Verify(transaction.signer, SigningBytes(transaction.genesis_hash, AsBytes(body)),
                decoded.signature);
}

}  // namespace bourse::sim
