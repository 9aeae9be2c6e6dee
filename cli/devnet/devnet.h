// A local network in a folder of its own:
//
//   DIR/devnet.json     which nodes there are
//   DIR/genesis.json
//   DIR/keys/           alice.key, …: without passphrases
//   DIR/node1/          a node's home; its address is in node1/listen
//   DIR/node1.log, node1.pid
//   DIR/node1.cometbft.log, …: with CometBFT as the engine (cli/devnet/engine.h)
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
#include "cli/devnet/nodes_file.h"

namespace bourse::cli {

inline constexpr std::size_t kMaxDevnetNodes = 16;

struct DevnetPrograms {
  std::string boursed;
  std::string cometbft;  // empty: not needed
};

struct DevnetNodeState {
  DevnetNode node;
  pid_t pid = 0;         // 0: it does not run
  pid_t engine_pid = 0;  // of its CometBFT; 0: it does not run, or there is none
  std::string address;   // HOST:PORT; empty: it does not run
  std::filesystem::path log;
};

class Devnet {
 public:
  // Of a folder that Create has made. kNotFound if it is none.
  [[nodiscard]] static absl::StatusOr<Devnet> Open(const std::filesystem::path& dir);

  // Makes keys, genesis and the homes of `count` nodes: all of it or nothing. The first one serves
  // clients at `port`, each other at the next; 0: each at any free one. `dir` must be empty or not
  // exist. With CometBFT as the engine if its program is given.
  [[nodiscard]] static absl::StatusOr<Devnet> Create(const std::filesystem::path& dir,
                                                     std::size_t count, std::uint16_t port,
                                                     const DevnetPrograms& programs);

  [[nodiscard]] const std::filesystem::path& dir() const { return dir_; }
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] bool has_cometbft() const { return cometbft_; }
  [[nodiscard]] std::vector<DevnetNodeState> States() const;
  [[nodiscard]] bool AnyRunning() const;
  [[nodiscard]] bool AllRunning() const;
  // By its name, or its number alone. kInvalidArgument, with those that there are.
  [[nodiscard]] absl::StatusOr<DevnetNode> Find(const std::string& name) const;

  // Starts these nodes, those that don't run, and waits until all serve. On an error, those that it
  // started are stopped.
  [[nodiscard]] absl::Status Start(const std::vector<DevnetNode>& nodes,
                                   const DevnetPrograms& programs);
  [[nodiscard]] absl::Status StartAll(const DevnetPrograms& programs);
  // Stops these and waits until they have ended; at once (SIGKILL) if `kill` says so.
  [[nodiscard]] absl::Status Stop(const std::vector<DevnetNode>& nodes, bool kill);
  [[nodiscard]] absl::Status StopAll() { return Stop(nodes_, /*kill=*/false); }

  // Where the nodes serve from their next start on, as in Create. REQUIRES: none runs.
  void SetPort(std::uint16_t port);
  // REQUIRES: none runs.
  [[nodiscard]] absl::Status Delete();

 private:
  // What was started of a node.
  struct Launched {
    DevnetNode node;
    pid_t pid = 0;  // 0: it ran already
    pid_t engine_pid = 0;
  };

  Devnet(std::filesystem::path dir, std::vector<DevnetNode> nodes, bool cometbft)
      : dir_(std::move(dir)), nodes_(std::move(nodes)), cometbft_(cometbft) {}

  [[nodiscard]] std::filesystem::path HomeOf(const DevnetNode& node) const;
  [[nodiscard]] std::filesystem::path LogOf(const DevnetNode& node) const;
  [[nodiscard]] std::filesystem::path PidFileOf(const DevnetNode& node) const;
  [[nodiscard]] std::filesystem::path EngineHomeOf(const DevnetNode& node) const;
  [[nodiscard]] std::filesystem::path EngineLogOf(const DevnetNode& node) const;
  [[nodiscard]] std::filesystem::path EnginePidFileOf(const DevnetNode& node) const;
  [[nodiscard]] DevnetNodeState StateOf(const DevnetNode& node) const;
  // Ports for the nodes among themselves, and all of it into devnet.json.
  [[nodiscard]] absl::Status ChoosePeerPorts();
  [[nodiscard]] std::vector<std::string> CommandOf(const DevnetNode& node,
                                                   const std::string& boursed) const;
  // Each starts what does not run, and says so in `out`.
  [[nodiscard]] absl::Status Launch(const DevnetNode& node, const DevnetPrograms& programs,
                                    Launched* out) const;
  // An engine that does not find its node waits for seconds before it tries again.
  void AwaitListening(const Launched& launched) const;
  [[nodiscard]] absl::Status AwaitServing(const Launched& launched) const;
  // kUnavailable: not yet.
  [[nodiscard]] absl::Status AskWhetherItServes(const DevnetNode& node) const;
  // Sends a signal to processes, and waits until they have ended.
  struct Process {
    pid_t pid;
    std::string mark;  // among its arguments
    std::filesystem::path pid_file;
  };
  [[nodiscard]] static absl::Status End(const std::vector<Process>& processes, int signal);

  std::filesystem::path dir_;
  std::vector<DevnetNode> nodes_;
  bool cometbft_;
};

}  // namespace bourse::cli
