#include "node/runtime/genesis_check.h"

#include "absl/strings/str_cat.h"
#include "common/hash.h"
#include "ledger/genesis.h"

namespace bourse::runtime {

absl::Status CheckGenesis(const api::NodeIdentity& identity) {
  const Hash256 expected = ledger::GenesisHash(identity.genesis);
  if (expected == identity.genesis_hash) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("genesis.json does not fit the ledger: the file's hash is ", ToHex(expected),
                   ", the ledger began with ", ToHex(identity.genesis_hash),
                   "; put the right file back, or use another home folder"));
}

}  // namespace bourse::runtime
