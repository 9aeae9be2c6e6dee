// A local network in a folder of its own:
//
//   DIR/devnet.json     which nodes there are
//   DIR/genesis.json
//   DIR/keys/           alice.key, …: without passphrases
//   DIR/node1/          the node's home; its address is in node1/listen
//   DIR/node1.log, node1.pid
//
// One node for now; all of it goes over a list of nodes.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bourse::cli {

struct DevnetNode {
  std::string name;        // "node1"
  std::uint16_t port = 0;  // asked for; 0: any free one
};

struct DevnetNodeState {
  DevnetNode node;
  pid_t pid = 0;        // 0: it does not run
  std::string address;  // HOST:PORT; empty: it does not run
  std::filesystem::path log;
};

class Devnet {
 public:
  // Of a folder that Create has made. kNotFound if it is none.
  [[nodiscard]] static absl::StatusOr<Devnet> Open(const std::filesystem::path& dir);

  // Makes keys, genesis and the nodes' homes: all of it or nothing. `dir` must be empty or not
  // exist. `boursed` is the program's path.
  [[nodiscard]] static absl::StatusOr<Devnet> Create(const std::filesystem::path& dir,
                                                     const std::vector<DevnetNode>& nodes,
                                                     const std::string& boursed);

  [[nodiscard]] const std::filesystem::path& dir() const { return dir_; }
  [[nodiscard]] std::vector<DevnetNodeState> States() const;
  [[nodiscard]] bool AnyRunning() const;

  // Starts the nodes that don't run, and waits until all serve. On an error, those that it started
  // are stopped.
  [[nodiscard]] absl::Status Start(const std::string& boursed);
  // Stops all, and waits until they have stopped.
  [[nodiscard]] absl::Status Stop();
  // Where the first node serves from its next start on; 0: any free port. REQUIRES: none runs.
  [[nodiscard]] absl::Status SetPort(std::uint16_t port);
  // REQUIRES: none runs.
  [[nodiscard]] absl::Status Delete();

 private:
  Devnet(std::filesystem::path dir, std::vector<DevnetNode> nodes)
      : dir_(std::move(dir)), nodes_(std::move(nodes)) {}

  [[nodiscard]] std::filesystem::path HomeOf(const DevnetNode& node) const;
  [[nodiscard]] std::filesystem::path LogOf(const DevnetNode& node) const;
  [[nodiscard]] std::filesystem::path PidFileOf(const DevnetNode& node) const;
  [[nodiscard]] DevnetNodeState StateOf(const DevnetNode& node) const;
  [[nodiscard]] absl::Status StartNode(const DevnetNode& node, const std::string& boursed);
  [[nodiscard]] absl::Status AwaitServing(const DevnetNode& node, pid_t pid) const;

  std::filesystem::path dir_;
  std::vector<DevnetNode> nodes_;
};

}  // namespace bourse::cli
