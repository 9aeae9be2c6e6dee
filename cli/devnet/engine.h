// CometBFT beside the nodes of a devnet: finds it, prepares its home, starts it.
//
//   DIR/node1/cometbft/        its home, that `boursed init --engine cometbft` has made
//   DIR/node1.cometbft.log, node1.cometbft.pid
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/devnet/nodes_file.h"

namespace bourse::cli {

// `given`, else the one on PATH. kInvalidArgument: there is none of version 0.38; and how to get
// one.
[[nodiscard]] absl::StatusOr<std::string> FindCometBft(const std::string& given);

// Makes the key by which its peers know it, and lets them be on this computer; returns its ID.
// Output goes to `log`.
[[nodiscard]] absl::StatusOr<std::string> PrepareEngine(const std::string& cometbft,
                                                        const std::filesystem::path& home,
                                                        const std::filesystem::path& log);

// Flags of `boursed start` for a node that such an engine is to find. By a socket of the node's
// home; by a port of this computer if the path is too long for one.
[[nodiscard]] std::vector<std::string> EngineFlags(const std::filesystem::path& home,
                                                   const DevnetNode& node);

// What starts the engine of `node`, one of `nodes`; `home` is the node's.
[[nodiscard]] std::vector<std::string> EngineCommand(const std::string& cometbft,
                                                     const std::filesystem::path& home,
                                                     const DevnetNode& node,
                                                     const std::vector<DevnetNode>& nodes);

}  // namespace bourse::cli
