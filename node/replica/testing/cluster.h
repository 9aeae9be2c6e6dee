// Cluster: replicas and a network between them in virtual time, for tests. Signatures are stubs.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "node/replica/message.h"
#include "node/replica/random.h"
#include "node/replica/replica.h"

namespace bourse::replica::testing {

struct ClusterOptions {
  std::size_t validators = 4;
  std::size_t full_nodes = 0;
  std::uint64_t seed = 1;
  std::uint64_t delay_us = 1'000;  // of a message, and up to as much more
  std::uint32_t loss_permille = 0;
  std::uint64_t log_bytes_max = 64 << 20;
  std::uint64_t execution_us = 200;  // from a block's delivery until it is executed
};

// One node: what of it survives a crash, and the replica while it runs.
struct TestNode {
  std::vector<std::string> log;
  std::vector<Execute> archive;  // block of height i + 1
  std::vector<consensus::Executed> results;
  std::map<Height, consensus::ExecutionCertificate> certified;
  std::set<Height> certified_now;  // in this life
  std::size_t evidence = 0;
  std::size_t misbehaviour = 0;
  bool diverges = false;   // computes other roots than others
  std::string fatal;       // fails the test unless it diverges
  std::uint32_t life = 0;  // events of an earlier one are void
  std::unique_ptr<Replica> replica;
};

class Cluster {
 public:
  explicit Cluster(const ClusterOptions& options);

  void Start(std::size_t node);
  void StartAll();
  void Crash(std::size_t node);
  void LoseLog(std::size_t node) { log_is_lost_[node] = true; }

  // Whether a message may pass; by default all.
  std::function<bool(std::size_t from, std::size_t to, const Message& message)> passes;

  // What a faulty node, or link, makes of a message.
  std::function<void(std::size_t from, std::size_t to, Message* message)> tamper;

  // A client's transaction of about so many bytes, given to a node. Returns its bytes.
  std::string Submit(std::size_t node, std::size_t bytes = 100);

  void RunFor(std::uint64_t duration_us);
  // Fails the test if it does not come true within a virtual minute.
  void RunUntil(const std::function<bool()>& condition, const std::string& what);

  [[nodiscard]] TestNode& node(std::size_t i) { return nodes_[i]; }
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] Height HeightOf(std::size_t i) const { return Height(nodes_[i].archive.size()); }
  [[nodiscard]] bool Executed(std::size_t i, const std::string& transaction) const;
  // Fails the test if two nodes executed different blocks at a height.
  void ExpectOneChain() const;

 private:
  void Step(std::size_t node, decltype(Event::what) what);
  void Perform(std::size_t node, Effects effects);
  void Transmit(std::size_t from, PeerId to, std::shared_ptr<const std::string> bytes);
  void Receive(std::size_t from, std::size_t to, const std::string& bytes);
  void Run(std::size_t node, Execute block);
  void Serve(std::size_t node, const ServeBlocks& request);
  void Later(std::size_t node, std::uint64_t delay_us, std::function<void()> what);
  void Connect(std::size_t a, std::size_t b);
  [[nodiscard]] bool DoOne(std::uint64_t end_us);
  [[nodiscard]] Now At() const;

  const ClusterOptions options_;
  consensus::Validators validators_;
  Random random_;
  std::vector<TestNode> nodes_;
  std::map<std::size_t, bool> log_is_lost_;
  std::multimap<std::uint64_t, std::function<void()>> queue_;
  std::uint64_t now_us_ = 1'000'000;
  std::uint64_t submitted_ = 0;
};

}  // namespace bourse::replica::testing
