// Daemon: `boursed start`, from the home folder to the clean stop.
#pragma once

#include "absl/status/status.h"
#include "node/config/config.h"
#include "node/config/home.h"
#include "node/runtime/node_home.h"

namespace bourse::runtime {

// Serves until SIGTERM or SIGINT. REQUIRES: the log has started; no other thread runs. Errors say
// what an operator can do.
[[nodiscard]] absl::Status RunDaemon(const config::Home& home, const config::Config& config);

}  // namespace bourse::runtime
