// HeaderAudit: whether a ledger holds what CometBFT finalized, and told it what is true.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/hash.h"
#include "common/units.h"
#include "ledger/store.h"
#include "node/cometbft/rpc.h"

namespace bourse::cometbft {

// CometBFT's hash of a list of transactions: SHA-256 over a tree of their SHA-256 (RFC 6962).
[[nodiscard]] Hash256 DataHash(const std::vector<std::string>& transactions);

// As Rpc::Headers.
using FetchHeaders =
    std::function<absl::StatusOr<std::vector<EngineHeader>>(Height first, Height last)>;

struct AuditedChain {
  Hash256 genesis_hash;
  Hash256 genesis_state_root;
  Height head;
};

// That the app hashes of all blocks, from the genesis, give the one that the ledger keeps.
[[nodiscard]] absl::Status CheckAppHash(const ledger::View& view, const AuditedChain& chain);

// That each block is the engine's: its hash, time, transactions and, in the header after it, the
// app hash that its roots give. The last one's app hash is only known to an engine that is ahead.
// Returns of how many blocks the app hash was compared. kDataLoss: they differ, and where; errors
// of `fetch`.
[[nodiscard]] absl::StatusOr<std::uint64_t> CompareHeaders(const ledger::View& view,
                                                           const AuditedChain& chain,
                                                           const FetchHeaders& fetch);

}  // namespace bourse::cometbft
