// HonestNode: the node's own code at a place of a simulated network. Replica, consensus log and
// exchange are the real ones; disk, network, clock and workers are the simulation's.
//
//   events ──► Replica::Step ──► turn: persist ──► send ──► execute, check, serve, …
//                    ▲                  (each arrow is a place to crash at)  │
//                    └───────────────────────────────────────────────────────┘
//
// Steps go on while a turn is being synced; their effects are the next turn's, together.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "node/exchange/exchange.h"
#include "node/replica/replica.h"
#include "tests/sim/actor.h"
#include "tests/sim/counters.h"
#include "tests/sim/crash_point.h"
#include "tests/sim/keyring.h"
#include "tests/sim/node_disk.h"
#include "tests/sim/probe.h"

namespace bourse::sim {

struct HonestOptions {
  replica::Options replica;  // but self, which the environment knows
  Role role = Role::kHonest;
  const Keyring* keyring = nullptr;
  Probe* probe = nullptr;
  std::uint64_t disk_seed = 0;
};

// How long work takes. Each piece takes a random time up to this; 0: none, and in order.
struct Speeds {
  std::uint64_t sync_us = 0;
  std::uint64_t verify_us = 0;
  std::uint64_t check_us = 0;
  std::uint64_t execute_us = 0;
};

class HonestNode final : public Actor {
 public:
  HonestNode(Environment* environment, const HonestOptions& options);
  ~HonestNode() override;

  [[nodiscard]] Role role() const override { return options_.role; }
  void Start() override;
  void Crash() override;
  void OnMessage(NodeIndex from, const PacketPtr& packet) override;
  void OnPeerUp(NodeIndex node) override;
  void OnPeerDown(NodeIndex node) override;
  void OnSubmit(const std::string& encoded) override;

  // Dies when it next comes by there; `on_crash` is to have Crash called before anything else.
  void CrashAt(CrashPoint point, std::function<void()> on_crash);
  void CancelCrash();
  // REQUIRES: it is down.
  void LoseLog();
  void LoseDisk();
  [[nodiscard]] bool has_lost_log() const { return disk_.was_log_lost(); }

  void set_speeds(const Speeds& speeds) { speeds_ = speeds; }

  [[nodiscard]] bool is_up() const { return replica_ != nullptr && !dying_; }
  // REQUIRES: is_up().
  [[nodiscard]] const replica::Replica& replica() const { return *replica_; }
  [[nodiscard]] const exchange::Exchange& exchange() const { return *exchange_; }
  [[nodiscard]] const NodeDisk& disk() const { return disk_; }
  // Executed and on disk, also while it is down.
  [[nodiscard]] Height height() const { return height_; }

  // What happened here so far, over all lives.
  [[nodiscard]] Counters CollectCounters() const;

 private:
  using What = decltype(replica::Event::what);
  using Screening = consensus::Simplex::Screening;

  void Step(What what);
  void ArmTimer();
  // True if the node dies here.
  [[nodiscard]] bool DiesAt(CrashPoint point);
  void Die();

  // Turns.
  void BeginTurn();
  void Persist(replica::Effects turn);
  void FinishTurn(replica::Effects turn);
  [[nodiscard]] bool SendAll(const replica::Effects& turn);
  void PerformRest(replica::Effects turn);

  // Work.
  void Use(NodeIndex from, const PacketPtr& packet, Screening screening);
  void CheckBody(const replica::CheckBody& check);
  [[nodiscard]] bool IsGood(const replica::CheckBody& check) const;
  void TakeIncoming(const replica::Incoming& incoming);
  void Admit(const std::string& encoded, std::optional<consensus::PeerId> from);
  void Serve(const replica::ServeBlocks& serve);
  void ExecuteNext();
  void Execute(const replica::Execute& execute);
  void Commit(const replica::Execute& execute, const exchange::BlockResult& result);

  [[nodiscard]] std::uint64_t Upto(std::uint64_t most_us);
  [[nodiscard]] TimeMicros CheckTime() const;

  Environment& environment_;
  HonestOptions options_;
  Probe& probe_;
  NodeDisk disk_;
  Speeds speeds_;
  Height height_;

  std::optional<CrashPoint> crash_at_;
  std::function<void()> on_crash_;
  bool dying_ = false;

  // Of one life.
  std::unique_ptr<exchange::Exchange> exchange_;
  std::unique_ptr<replica::Replica> replica_;
  std::map<NodeIndex, consensus::PeerId> peers_;
  std::map<consensus::PeerId, NodeIndex> nodes_;  // those that were ever connected
  replica::Effects waiting_;                      // the next turn's
  bool has_waiting_ = false;
  bool in_turn_ = false;
  std::deque<replica::Execute> executions_;
  bool executing_ = false;
  std::optional<std::uint64_t> armed_at_us_;

  std::uint64_t next_peer_ = 1;
  Counters counters_;
};

}  // namespace bourse::sim
