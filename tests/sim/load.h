// Load: clients that submit transactions to nodes, some of them twice, some too late.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/model/random.h"
#include "tests/sim/scenario.h"
#include "tests/sim/world.h"

namespace bourse::sim {

class Load {
 public:
  // Both must outlive it.
  Load(const Scenario* scenario, World* world);

  // From now on, for ever.
  void Start();

 private:
  void SubmitSome();
  void SubmitOne();

  const Scenario& scenario_;
  World& world_;
  model::Random random_;
};

}  // namespace bourse::sim
