// A node of a test: its ledger and its disk in memory, so that it can be stopped and go on.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/ed25519.h"
#include "ledger/genesis.h"
#include "ledger/memory_store.h"
#include "node/runtime/node.h"
#include "node/storage/testing/power_loss_disk.h"

namespace bourse::runtime::testing {

[[nodiscard]] KeyPair Key(std::uint8_t number);
// Validators have the keys 100, 101, …; the accounts of the keys 1 and 2 a million BRS each.
[[nodiscard]] KeyPair ValidatorKey(std::size_t validator);
[[nodiscard]] ledger::Genesis TestGenesis(std::size_t validators);

// A transfer of one atom from one of the two accounts to the other, valid for so long from now on.
[[nodiscard]] std::string EncodedTransfer(const Hash256& genesis_hash, std::uint8_t from,
                                          std::uint64_t nonce, std::uint64_t valid_us = 60'000'000);

// Submits, and waits for the answer.
[[nodiscard]] api::SubmitResult SubmitAndWait(Node& node, const std::string& encoded,
                                              bool wait = true,
                                              absl::Time deadline = absl::InfiniteFuture());

// A store whose writes fail once it is told so.
class BreakableStore final : public ledger::MemoryStore {
 public:
  absl::Status Apply(const ledger::Batch& batch) override {
    if (broken.load()) return absl::UnavailableError("the disk is gone");
    return MemoryStore::Apply(batch);
  }
  std::atomic<bool> broken{false};
};

class TestNode {
 public:
  // With the genesis in its ledger, and an empty log.
  TestNode(const ledger::Genesis& genesis, KeyPair key);
  ~TestNode() { Stop(); }

  // Opens what the disks hold. `network` must outlive it.
  [[nodiscard]] absl::Status Open(Network* network, const ledger::Genesis& genesis);
  [[nodiscard]] absl::Status Open(Network* network) { return Open(network, genesis_); }
  void Start(std::function<void(const absl::Status&)> on_failure);
  // Stops the node and forgets it; its disks remain.
  void Stop();
  // As if the log had been deleted.
  void LoseLog() { has_log_ = false; }

  [[nodiscard]] Node& node() { return *node_; }
  [[nodiscard]] bool is_open() const { return node_ != nullptr; }
  [[nodiscard]] BreakableStore& store() { return store_; }
  [[nodiscard]] const KeyPair& key() const { return key_; }

  std::uint64_t idle_us = 20'000;
  std::uint64_t slot_timeout_us = 100'000;

 private:
  const ledger::Genesis genesis_;
  const KeyPair key_;
  BreakableStore store_;
  storage::testing::PowerLossDisk disk_{1};
  bool has_log_ = true;
  std::unique_ptr<storage::ConsensusLog> log_;
  std::unique_ptr<Node> node_;
};

}  // namespace bourse::runtime::testing
