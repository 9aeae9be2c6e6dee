// Nemesis: does harm to a world, fault after fault, and in the end makes all good again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/model/random.h"
#include "tests/sim/counters.h"
#include "tests/sim/scenario.h"
#include "tests/sim/world.h"

namespace bourse::sim {

class Nemesis {
 public:
  // Both must outlive it.
  Nemesis(const Scenario* scenario, World* world);

  // From now on, until Heal.
  void Start();
  // Everybody is up and connected, clocks are right, all is as fast as it was; what is lost for
  // ever stays lost.
  void Heal();

  [[nodiscard]] std::uint64_t faults() const { return faults_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  using Fault = void (Nemesis::*)();

  void Next();
  // Counts it, and tells of it.
  void Tell(const std::string& kind, const std::string& details);
  // Calls back, unless all was healed before.
  void Later(std::uint64_t delay_us, std::function<void()> call);
  // A random time in the order of the timeouts.
  [[nodiscard]] std::uint64_t Duration();
  [[nodiscard]] NodeIndex AnyNode() { return random_.Below(world_.nodes()); }
  [[nodiscard]] std::vector<bool> AnySplit();

  // The faults.
  void CrashOne();
  void CrashAll();
  void LoseLog();
  void LoseDisk();
  void Split();
  void SplitOneWay();
  void Isolate();
  void ResetOne();
  void ResetAll();
  void BadClock();
  void ClocksSetBack();
  void SlowDisk();
  void SlowExecutor();
  void SlowLinks();
  void LateMessages();
  void HeavyLoss();

  void RestartLater(NodeIndex node, std::uint64_t down_us);
  void CutBetween(const std::vector<bool>& side, bool both_ways);
  [[nodiscard]] bool MayLose(NodeIndex node);
  void SetSpeeds(NodeIndex node, const Speeds& speeds);

  const Scenario& scenario_;
  World& world_;
  model::Random random_;
  bool healed_ = false;
  std::uint64_t faults_ = 0;
  std::size_t logs_lost_ = 0;
  Counters counters_;
};

}  // namespace bourse::sim
