// BenchNetwork: real nodes in folders of their own, stopped and removed at the end.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/ed25519.h"
#include "tests/bench/bench_engines.h"

namespace bourse::bench {

struct NetworkOptions {
  std::string boursed;  // the program
  std::uint32_t nodes = 1;
  std::uint32_t accounts = 1;       // funded with KeyOf(0), KeyOf(1), … (bench_keys.h)
  std::uint32_t poor = 0xffffffff;  // one of them, that can pay for little
  // Node i runs by this command before its own ("{i}" stands for i, from 1 on); empty: directly.
  std::vector<std::string> wrapper;
  std::string host = "127.0.0.1";  // "{i}" likewise
  std::vector<std::string> flags;  // of `boursed start`
  std::string cometbft;            // the program, to order the blocks; empty: the nodes do
};

// The node's program, of the same build as this one.
[[nodiscard]] std::string BuiltBoursed();

class BenchNetwork {
 public:
  // Starts all nodes and waits until they serve; their CometBFTs may still be starting.
  explicit BenchNetwork(NetworkOptions options);
  ~BenchNetwork();
  BenchNetwork(const BenchNetwork&) = delete;
  BenchNetwork& operator=(const BenchNetwork&) = delete;

  // Where node i, from 0 on, serves clients.
  [[nodiscard]] const std::string& address(std::size_t i = 0) const { return nodes_[i].address; }
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] std::string log(std::size_t i) const;
  void Kill(std::size_t i);
  // CPU time of all nodes and their engines so far, in seconds.
  [[nodiscard]] double CpuSeconds() const;

 private:
  struct Node {
    std::string home;
    std::string address;
    std::string key;
    pid_t pid = -1;
  };

  [[nodiscard]] bool on_cometbft() const { return !options_.cometbft.empty(); }
  [[nodiscard]] std::string Filled(std::string text, std::size_t i) const;
  [[nodiscard]] std::string PeerAddress(std::size_t i) const;
  void MakeKey(Node* node) const;
  void Initialize(std::size_t i) const;
  void Launch(std::size_t i);
  void AwaitServing(std::size_t i);
  [[nodiscard]] nlohmann::json GenesisJson() const;

  const NetworkOptions options_;
  std::string folder_;
  std::vector<Node> nodes_;
  std::unique_ptr<BenchEngines> engines_;  // with CometBFT
};

}  // namespace bourse::bench
