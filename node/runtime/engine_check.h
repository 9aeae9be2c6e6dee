// Whether a node's home is for the engine that is to order its blocks. A network keeps the one that
// it began with.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "ledger/store.h"
#include "node/config/home.h"

namespace bourse::runtime {

// By the files that `boursed init` has made, and by what is in the ledger, which is of this home.
// `engine` is one of config.h. kFailedPrecondition, with what to do; errors of the store.
[[nodiscard]] absl::Status CheckEngine(const config::Home& home, std::string_view engine,
                                       const ledger::View& ledger);

}  // namespace bourse::runtime
