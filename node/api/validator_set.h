// The validators of a node's genesis, by place and by key.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "node/api/backend.h"
#include "node/consensus/validators.h"

namespace bourse::api {

[[nodiscard]] inline consensus::Validators ValidatorsOf(const NodeIdentity& identity) {
  std::vector<PublicKey> keys;
  for (const ledger::Validator& validator : identity.genesis.validators) {
    keys.push_back(validator.key);
  }
  return consensus::Validators(identity.genesis_hash, std::move(keys));
}

[[nodiscard]] inline const std::string& NameOf(const NodeIdentity& identity,
                                               consensus::ValidatorIndex validator) {
  return identity.genesis.validators[validator.value()].name;
}

}  // namespace bourse::api
