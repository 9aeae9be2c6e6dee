// Audit: `boursed audit`, whether a node's ledger is what its blocks say.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "node/config/home.h"

namespace bourse::runtime {

// Opens the ledger of a home folder, whose node must not run, as a node would, and checks the laws
// of its state; then runs all of its blocks again from the genesis, signatures included, and
// compares everything (node/exchange/replay.h). Takes memory for the state twice, not for history.
// `progress` gets a line every few seconds. Returns the verdict, in a few lines, on a ledger that
// is sound. Errors say what an operator can do; kDataLoss and kInternal mean that the ledger is not
// sound, and say where.
[[nodiscard]] absl::StatusOr<std::string> AuditHome(
    const config::Home& home, const std::function<void(const std::string&)>& progress);

}  // namespace bourse::runtime
