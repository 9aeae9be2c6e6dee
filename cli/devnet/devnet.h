// A local network in a folder of its own:
//
//   DIR/devnet.json     which nodes there are
//   DIR/genesis.json
//   DIR/keys/           alice.key, …: without passphrases
//   DIR/node1/          a node's home; its address is in node1/listen
//   DIR/node1.log, node1.pid
//
// All nodes are validators, and each knows the addresses of all others.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bourse::cli {

inline constexpr std::size_t kMaxDevnetNodes = 16;

struct DevnetNode {
  std::string name;             // "node1"
  std::uint16_t port = 0;       // for clients, asked for; 0: any free one
  std::uint16_t peer_port = 0;  // for the other nodes
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

  // Makes keys, genesis and the homes of `count` nodes: all of it or nothing. The first one serves
  // clients at `port`, each other at the next; 0: each at any free one. `dir` must be empty or not
  // exist. `boursed` is the program's path.
  [[nodiscard]] static absl::StatusOr<Devnet> Create(const std::filesystem::path& dir,
                                                     std::size_t count, std::uint16_t port,
                                                     const std::string& boursed);

  [[nodiscard]] const std::filesystem::path& dir() const { return dir_; }
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] std::vector<DevnetNodeState> States() const;
  [[nodiscard]] bool AnyRunning() const;
  [[nodiscard]] bool AllRunning() const;
  // By its name, or its number alone. kInvalidArgument, with those that there are.
  [[nodiscard]] absl::StatusOr<DevnetNode> Find(const std::string& name) const;

  // Starts these nodes, those that don't run, and waits until all serve. On an error, those that it
  // started are stopped.
  [[nodiscard]] absl::Status Start(const std::vector<DevnetNode>& nodes,
                                   const std::string& boursed);
  [[nodiscard]] absl::Status StartAll(const std::string& boursed);
  // Stops these and waits until they have ended; at once (SIGKILL) if `kill` says so.
  [[nodiscard]] absl::Status Stop(const std::vector<DevnetNode>& nodes, bool kill);
  [[nodiscard]] absl::Status StopAll() { return Stop(nodes_, /*kill=*/false); }

  // Where the nodes serve from their next start on, as in Create. REQUIRES: none runs.
  void SetPort(std::uint16_t port);
  // REQUIRES: none runs.
  [[nodiscard]] absl::Status Delete();

 private:
  Devnet(std::filesystem::path dir, std::vector<DevnetNode> nodes)
      : dir_(std::move(dir)), nodes_(std::move(nodes)) {}

  [[nodiscard]] std::filesystem::path HomeOf(const DevnetNode& node) const;
  [[nodiscard]] std::filesystem::path LogOf(const DevnetNode& node) const;
  [[nodiscard]] std::filesystem::path PidFileOf(const DevnetNode& node) const;
  [[nodiscard]] DevnetNodeState StateOf(const DevnetNode& node) const;
  // Ports for the nodes among themselves, and all of it into devnet.json.
  [[nodiscard]] absl::Status ChoosePeerPorts();
  [[nodiscard]] std::vector<std::string> CommandOf(const DevnetNode& node,
                                                   const std::string& boursed) const;
  [[nodiscard]] absl::StatusOr<pid_t> Launch(const DevnetNode& node,
                                             const std::string& boursed) const;
  [[nodiscard]] absl::Status AwaitServing(const DevnetNode& node, pid_t pid) const;

  std::filesystem::path dir_;
  std::vector<DevnetNode> nodes_;
};

}  // namespace bourse::cli
