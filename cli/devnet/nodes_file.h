// devnet.json: which nodes a devnet has, and what orders their blocks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bourse::cli {

struct DevnetNode {
  std::string name;             // "node1"
  std::uint16_t port = 0;       // for clients, asked for; 0: any free one
  std::uint16_t peer_port = 0;  // for the other nodes
  // With CometBFT:
  std::uint16_t rpc_port = 0;  // of its RPC
  std::uint16_t app_port = 0;  // where it finds the node, if a socket's path would be too long
  std::string engine_id;       // by which its peers know it
};

struct DevnetNodes {
  bool cometbft = false;
  std::vector<DevnetNode> all;
};

// kNotFound: there is no devnet in the folder; kInvalidArgument: the file is damaged.
[[nodiscard]] absl::StatusOr<DevnetNodes> ReadNodes(const std::filesystem::path& dir);
[[nodiscard]] absl::Status WriteNodes(const std::filesystem::path& dir, const DevnetNodes& nodes);

}  // namespace bourse::cli
