// Keyring: everybody's keys, and signatures that are real or stubs.
//
// A stub is a hash of key and bytes in the signature's first 8 bytes; the other 56 are the signer's
// to choose. So, as with Ed25519, a dishonest signer has many good signatures for the same bytes.
// Keys are real in both cases, as a ledger takes no others.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "common/ed25519.h"
#include "common/hash.h"
#include "common/transaction.h"
#include "node/replica/message.h"

namespace bourse::sim {

// The same keys in each process: those of validators, and those of traders.
[[nodiscard]] const KeyPair& ValidatorKey(std::size_t index);
[[nodiscard]] const KeyPair& TraderKey(std::size_t index);

class Keyring {
 public:
  explicit Keyring(bool real_signatures) : real_(real_signatures) {}

  [[nodiscard]] bool is_real() const { return real_; }
  [[nodiscard]] Signature Sign(const KeyPair& key, std::string_view bytes) const;
  [[nodiscard]] bool Verify(const PublicKey& key, std::string_view bytes,
                            const Signature& signature) const;
  [[nodiscard]] bool Verify(const std::vector<replica::Claim>& claims) const;

  // The encoded transaction, signed by `key`.
  [[nodiscard]] std::string Seal(const Transaction& transaction, const KeyPair& key) const;
  [[nodiscard]] bool Verify(const SignedTransaction& decoded, std::string_view encoded) const;

 private:
  const bool real_;
};

}  // namespace bourse::sim
