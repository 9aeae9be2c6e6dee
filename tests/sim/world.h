// World: a network of actors in virtual time, under the eyes of the checks.
//
//   World world(options, seats);
//   world.Start();
//   while (world.failure().check.empty() && …) world.RunNext();
//
// Everything in it is a function of its options. It injects no faults by itself: see nemesis.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/actor.h"
#include "tests/sim/checks/check.h"
#include "tests/sim/counters.h"
#include "tests/sim/economy.h"
#include "tests/sim/honest_node.h"
#include "tests/sim/keyring.h"
#include "tests/sim/network.h"
#include "tests/sim/place.h"
#include "tests/sim/probe.h"
#include "tests/sim/scheduler.h"

namespace bourse::sim {

// Who sits at a place. Without a factory: an honest node, or for kTwin honest code under a shared
// key.
struct Seat {
  std::optional<consensus::ValidatorIndex> validator;  // nothing: a full node
  Role role = Role::kHonest;
  ActorFactory make;
  bool starts_down = false;
};

struct WorldOptions {
  std::uint64_t seed = 0;
  std::size_t validators = 4;
  replica::Options replica;  // of honest nodes
  NetworkOptions network;
  bool real_signatures = false;
  // Called with each line of the story. Nothing: no story.
  std::function<void(const std::string&)> trace;
  // What a node may send, on average to each peer, within so long a time.
  std::uint64_t storm_window_us = 1'000'000;
  std::uint64_t storm_messages_max = 10'000;
};

// What broke first: nothing while `check` is empty.
struct Failure {
  std::string check;
  std::string what;
  std::uint64_t at_us = 0;
};

class World final : public Probe {
 public:
  World(const WorldOptions& options, std::vector<Seat> seats);
  ~World() override;

  // All nodes start that do not start down, and connect with one another.
  void Start();
  // False if nothing is left to do.
  bool RunNext();
  // Runs until `done` says so, or there is a failure, or the time is over. True if done.
  bool RunUntil(const std::function<bool()>& done, std::uint64_t until_us);

  [[nodiscard]] std::uint64_t now_us() const { return scheduler_.now_us(); }
  [[nodiscard]] std::uint64_t calls() const { return scheduler_.calls(); }
  [[nodiscard]] std::size_t nodes() const { return seats_.size(); }
  [[nodiscard]] const Seat& seat(NodeIndex node) const { return seats_[node]; }
  [[nodiscard]] const Failure& failure() const { return failure_; }
  void Fail(std::string_view check, std::string what);
  void After(std::uint64_t delay_us, std::function<void()> call) {
    scheduler_.After(delay_us, std::move(call));
  }

  [[nodiscard]] Network& network() { return network_; }
  // Null: not honest code.
  [[nodiscard]] HonestNode* honest(NodeIndex node) const { return honest_[node]; }
  [[nodiscard]] bool IsUp(NodeIndex node) const { return up_[node]; }

  // An honest node dies at this point, when it comes by. `then` is called when it is down.
  void CrashAt(NodeIndex node, CrashPoint point, std::function<void()> then);
  // Nothing happens if it is up, or about to go down.
  void Restart(NodeIndex node);
  // If both are up.
  void Connect(NodeIndex a, NodeIndex b);
  void LoseLog(NodeIndex node);
  void LoseDisk(NodeIndex node);

  // By how much a node's clock is wrong.
  void SetClock(NodeIndex node, std::int64_t offset_us);
  // The right time, but no earlier than the last block.
  [[nodiscard]] TimeMicros BlockTime() const;
  // A trader's transaction, valid for so long.
  [[nodiscard]] std::string MakeTransaction(model::Random* random, std::uint64_t lifetime_us);
  void Submit(NodeIndex node, const std::string& encoded);

  // Executed by any honest node.
  [[nodiscard]] Height highest() const { return highest_; }
  // Slot and leader of the block at each height, from 1 on.
  struct Block {
    consensus::Slot slot;
    std::uint64_t first_executed_us = 0;
  };
  [[nodiscard]] const std::vector<Block>& chain() const { return chain_; }
  // The TXIDs that took effect, in order.
  [[nodiscard]] const std::vector<TxId>& applied() const { return applied_; }
  // When this node's validator last sent a vote of its own; 0: never.
  [[nodiscard]] std::uint64_t last_vote_us(NodeIndex node) const { return last_vote_us_[node]; }
  [[nodiscard]] Counters CollectCounters() const;
  // How near each check came to its bound, in thousandths.
  [[nodiscard]] Counters CollectNearness() const;

  [[nodiscard]] bool tracing() const { return options_.trace != nullptr; }
  void Trace(const std::string& line);

  // Probe.
  void OnStep(NodeIndex node, const replica::Replica& replica) override;
  void OnExecuted(NodeIndex node, const ExecutedBlock& block) override;
  void OnCertified(NodeIndex node, const consensus::ExecutionCertificate& certificate) override;
  void OnEvidence(NodeIndex node, const consensus::Evidence& evidence) override;
  void OnMisbehaviour(NodeIndex node, NodeIndex peer, const std::string& what) override;
  void OnFatal(NodeIndex node, const std::string& why) override;
  void OnLogRead(NodeIndex node, bool is_whole, bool was_lost) override;

 private:
  [[nodiscard]] Network::Handler MakeHandler();
  void MakeActor(NodeIndex node);
  void Down(NodeIndex node);
  void Send(NodeIndex from, const std::vector<NodeIndex>& to,
            std::shared_ptr<const std::string> bytes);
  [[nodiscard]] PacketPtr MakePacket(std::shared_ptr<const std::string> bytes);

  const WorldOptions options_;
  const std::vector<Seat> seats_;
  const ledger::Genesis& genesis_;
  const Keyring keyring_;
  const consensus::Validators validators_;
  Economy economy_;
  Scheduler scheduler_;
  Network network_;
  Surroundings surroundings_;
  CheckContext context_;
  Checks checks_;
  std::vector<std::unique_ptr<Place>> places_;
  std::vector<std::unique_ptr<Actor>> actors_;
  std::vector<HonestNode*> honest_;
  std::vector<bool> up_;
  std::vector<bool> going_down_;  // dead, and its Crash not called yet
  std::vector<std::uint64_t> last_vote_us_;
  PacketPtr last_packet_;

  Failure failure_;
  Height highest_;
  TimeMicros highest_time_;
  std::vector<Block> chain_;
  std::vector<TxId> applied_;
  Counters counters_;
};

}  // namespace bourse::sim
