// Scenario: what a seed stands for: how many nodes of which kind, how fast everything is, and what
// may go wrong. Within what the protocol promises: at most f validators are Byzantine or lose their
// log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "node/replica/replica.h"
#include "tests/sim/honest_node.h"
#include "tests/sim/network.h"

namespace bourse::sim {

struct Scenario {
  std::uint64_t seed = 0;
  std::size_t validators = 4;
  std::size_t byzantine = 0;  // of them
  std::size_t full_nodes = 0;
  bool joins_late = false;           // the full node starts when there are blocks already
  std::size_t logs_may_be_lost = 0;  // of validators
  replica::Options replica;
  NetworkOptions network;
  Speeds speeds;
  std::uint64_t faults_min = 5;
  std::uint64_t faults_every_us = 0;  // on average
  std::uint64_t load_every_us = 0;    // a transaction, on average
  std::uint64_t heights_min = 50;

  [[nodiscard]] std::size_t faulty_max() const { return (validators - 1) / 3; }
  [[nodiscard]] std::uint64_t timeout_us() const { return replica.simplex.timeout_us; }
  [[nodiscard]] std::uint64_t standstill_us() const { return replica.simplex.standstill_us; }
};

[[nodiscard]] Scenario DrawScenario(std::uint64_t seed);

// In a line.
[[nodiscard]] std::string Describe(const Scenario& scenario);

}  // namespace bourse::sim
