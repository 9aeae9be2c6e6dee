// CometBFT beside the nodes of a devnet: finds it, prepares its home, starts it.
//
//   DIR/node1/cometbft/        its home, that `boursed init --engine cometbft` has made
//   DIR/node1.cometbft.log, node1.cometbft.pid
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace bourse::cli {

// `given`, else the one on PATH. kInvalidArgument: there is none of version 0.38; and how to get
// one.
[[nodiscard]] absl::StatusOr<std::string> FindCometBft(const std::string& given);

// Makes the key by which its peers know it, and lets them be on this computer; returns its ID.
// Output goes to `log`.
[[nodiscard]] absl::StatusOr<std::string> PrepareEngine(const std::string& cometbft,
                                                        const std::filesystem::path& home,
                                                        const std::filesystem::path& log);

struct EnginePlace {
  std::string id;
  std::uint16_t peer_port = 0;
  std::uint16_t rpc_port = 0;
};

// What starts it, all of it on this computer; `app_socket` is its node's.
[[nodiscard]] std::vector<std::string> EngineCommand(const std::string& cometbft,
                                                     const std::filesystem::path& home,
                                                     const std::filesystem::path& app_socket,
                                                     const EnginePlace& self,
                                                     const std::vector<EnginePlace>& others);

}  // namespace bourse::cli
