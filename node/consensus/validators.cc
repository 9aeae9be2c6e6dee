#include "node/consensus/validators.h"

namespace bourse::consensus {

std::optional<ValidatorIndex> Validators::Find(const PublicKey& key) const {
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (keys_[i] == key) return ValidatorIndex(static_cast<std::uint16_t>(i));
  }
  return std::nullopt;
}

}  // namespace bourse::consensus
