// Recovery: what must come about within a bound, once all is healed. Its checks have names:
//
//   progress        every honest node executes a height that is new to the network
//   submitted       a transaction of then is final everywhere
//   heights         the network comes to as many heights as were asked for
//   voting          every validator with a whole log votes again, and none without one
//   leading         and leads a finalized block
//   receipts        every node knows every transaction that was ever reported final
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/model/random.h"
#include "tests/sim/counters.h"
#include "tests/sim/scenario.h"
#include "tests/sim/world.h"

namespace bourse::sim {

class Recovery {
 public:
  // Both must outlive it. Begins now.
  Recovery(const Scenario* scenario, World* world);

  // Runs the world until all has come about, or fails it.
  void Run();

  // How much of its bound each check took at most, in thousandths.
  [[nodiscard]] const Counters& nearness() const { return nearness_; }

 private:
  // Runs until every honest node of whom it is asked meets it.
  [[nodiscard]] bool Await(const char* check, std::uint64_t bound_us,
                           const std::function<bool(NodeIndex)>& is_met);
  [[nodiscard]] bool AwaitHeights();
  void SubmitOne();
  [[nodiscard]] bool IsVoter(NodeIndex node) const;
  [[nodiscard]] bool HasLed(NodeIndex node) const;
  void CheckReceipts();
  [[nodiscard]] std::uint64_t SlotBound() const;

  const Scenario& scenario_;
  World& world_;
  model::Random random_;
  std::uint64_t start_us_;
  std::uint64_t bound_us_ = 0;  // of progress
  Height height_;               // when it was healed
  Counters nearness_;
  std::vector<TxId> submitted_;  // a client's attempts
};

}  // namespace bourse::sim
