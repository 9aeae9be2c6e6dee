// Whether a node's genesis.json is the one that its ledger began with.
#pragma once

#include "absl/status/status.h"
#include "node/api/backend.h"

namespace bourse::runtime {

// Compares the identity's genesis with its hash, which is the ledger's. kFailedPrecondition, with
// what to do.
[[nodiscard]] absl::Status CheckGenesis(const api::NodeIdentity& identity);

}  // namespace bourse::runtime
