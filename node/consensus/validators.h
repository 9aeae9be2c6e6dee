// Validators: who votes in a network, and how many of them decide.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "common/ed25519.h"
#include "common/hash.h"
#include "common/strong_int.h"
#include "node/consensus/header.h"

namespace bourse::consensus {

// A validator's place in the genesis.
using ValidatorIndex = StrongInt<struct ValidatorIndexTag, std::uint16_t>;

// The validators of one network and epoch, weight 1 each.
class Validators {
 public:
  // REQUIRES: 1 to 1,000 different keys. `first_leaders`: who leads the slots from 0 on that it
  // names, instead of the usual; for tests that write a script of leaders.
  Validators(const Hash256& genesis_hash, std::vector<PublicKey> keys,
             std::vector<ValidatorIndex> first_leaders = {})
      : genesis_hash_(genesis_hash),
        keys_(std::move(keys)),
        first_leaders_(std::move(first_leaders)) {}

  [[nodiscard]] const Hash256& genesis_hash() const { return genesis_hash_; }
  [[nodiscard]] std::uint64_t epoch() const { return kFirstEpoch; }
  [[nodiscard]] std::size_t size() const { return keys_.size(); }
  [[nodiscard]] const PublicKey& key(ValidatorIndex index) const { return keys_[index.value()]; }
  [[nodiscard]] bool Has(ValidatorIndex index) const { return index.value() < keys_.size(); }
  [[nodiscard]] std::optional<ValidatorIndex> Find(const PublicKey& key) const;

  // How many may be Byzantine, and how many make a certificate: floor((n-1)/3), floor(2n/3) + 1.
  [[nodiscard]] std::size_t faults() const { return (keys_.size() - 1) / 3; }
  [[nodiscard]] std::size_t quorum() const { return 2 * keys_.size() / 3 + 1; }

  [[nodiscard]] ValidatorIndex LeaderOf(Slot slot) const {
    if (slot.value() < first_leaders_.size()) return first_leaders_[slot.value()];
    return ValidatorIndex(static_cast<std::uint16_t>(slot.value() % keys_.size()));
  }

 private:
  Hash256 genesis_hash_;
  std::vector<PublicKey> keys_;
  std::vector<ValidatorIndex> first_leaders_;
};

}  // namespace bourse::consensus
