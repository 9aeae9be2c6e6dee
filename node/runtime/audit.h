// Audit: `boursed audit`, whether a node's ledger is what its blocks say.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "node/config/home.h"

namespace bourse::runtime {

// Opens the ledger of a home folder, whose node must not run, as a node would, and checks the laws
// of its state; then runs all of its blocks again from the genesis, signatures included, and
// compares everything (node/exchange/replay.h). Takes memory for the state twice, not for history.
// A ledger that CometBFT ordered is compared with the headers of an engine of its network, too, if
// one is given: `engine_rpc`, as config::Config::engine_rpc.
// `progress` gets a line every few seconds. Returns the verdict, in a few lines, on a ledger that
// is sound. Errors say what an operator can do; kDataLoss and kInternal mean that the ledger is not
// sound, and say where.
[[nodiscard]] absl::StatusOr<std::string> AuditHome(
    const config::Home& home, const std::optional<std::string>& engine_rpc,
    const std::function<void(const std::string&)>& progress);

}  // namespace bourse::runtime
