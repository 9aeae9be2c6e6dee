// NodeHome: from the files of a home folder to a node and its network, ready to start.
#pragma once

#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "common/ed25519.h"
#include "ledger/rocks_store.h"
#include "node/config/config.h"
#include "node/config/home.h"
#include "node/peer/options.h"
#include "node/runtime/node.h"
#include "node/runtime/peer_network.h"
#include "node/storage/consensus_log.h"
#include "node/storage/disk.h"

namespace bourse::runtime {

inline constexpr char kVersion[] = "0.1.0";

// In the order in which they need each other.
struct NodeHome {
  std::unique_ptr<ledger::RocksStore> store;
  std::unique_ptr<storage::Disk> disk;
  std::unique_ptr<storage::ConsensusLog> log;  // null: it may not vote
  std::unique_ptr<PeerNetwork> network;
  std::unique_ptr<Node> node;
  std::optional<peer::Options> peers;  // of the network
};

// Threads that verify signatures, as they are set or as the computer suggests.
[[nodiscard]] int WorkerCount(const config::Config& config);

// Errors say what an operator can do.
[[nodiscard]] absl::StatusOr<NodeHome> OpenNodeHome(const config::Home& home,
                                                    const config::Config& config);

}  // namespace bourse::runtime
