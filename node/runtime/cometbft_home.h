// CometBftHome: from the files of a home folder to a node whose blocks CometBFT orders, ready to
// start.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "ledger/rocks_store.h"
#include "node/config/config.h"
#include "node/config/home.h"
#include "node/runtime/cometbft_node.h"

namespace bourse::runtime {

// In the order in which they need each other.
struct CometBftHome {
  std::unique_ptr<ledger::RocksStore> store;
  std::unique_ptr<CometBftNode> node;
};

// Errors say what an operator can do.
[[nodiscard]] absl::StatusOr<CometBftHome> OpenCometBftHome(const config::Home& home,
                                                            const config::Config& config);

}  // namespace bourse::runtime
