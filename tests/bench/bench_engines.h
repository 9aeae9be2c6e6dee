// BenchEngines: the CometBFTs of a BenchNetwork, started as `bourse devnet up` does it.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

#include "cli/devnet/nodes_file.h"

namespace bourse::bench {

class BenchEngines {
 public:
  // One for each of these homes, which `boursed init --engine cometbft` has made.
  BenchEngines(std::string cometbft, std::vector<std::string> homes);
  ~BenchEngines();
  BenchEngines(const BenchEngines&) = delete;
  BenchEngines& operator=(const BenchEngines&) = delete;

  // What `boursed start` of node i needs to be told.
  [[nodiscard]] std::vector<std::string> NodeFlags(std::size_t i) const;
  // REQUIRES: all nodes serve.
  void Launch();
  // CPU time of all of them so far, in seconds.
  [[nodiscard]] double CpuSeconds() const;

 private:
  const std::string cometbft_;
  const std::vector<std::string> homes_;
  std::vector<cli::DevnetNode> nodes_;
  std::vector<pid_t> pids_;
};

}  // namespace bourse::bench
