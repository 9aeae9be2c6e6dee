// Workload: random blocks of a seed, and what an undisturbed exchange makes of them.
//
//   Workload workload(seed);
//   const Workload::Step& step = workload.At(Height(17));
//
// The blocks are made from the model's state, never from that of an exchange: so an exchange that
// goes wrong still gets the same blocks.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>

#include "common/hash.h"
#include "common/units.h"
#include "ledger/memory_store.h"
#include "node/exchange/application.h"
#include "node/exchange/exchange.h"
#include "tests/model/generator.h"
#include "tests/model/model.h"
#include "tests/model/world.h"

namespace bourse::determinism {

class Workload {
 public:
  struct Step {
    exchange::Block block;
    exchange::BlockResult result;
  };

  explicit Workload(std::uint64_t seed);

  [[nodiscard]] const model::World& world() const { return world_; }

  // Makes all blocks up to this height that it has not made yet. REQUIRES: height > 0. The
  // reference stays good.
  const Step& At(Height height);

  // Of the network at this height; 0 is the genesis.
  Hash256 StateRoot(Height height);

  // The undisturbed exchange's store, at the height of the last block made.
  [[nodiscard]] const ledger::MemoryStore& store() const { return store_; }

 private:
  void MakeNext();

  const model::World world_;
  model::Model model_;
  model::Generator generator_;
  ledger::MemoryStore store_;
  std::unique_ptr<exchange::Exchange> exchange_;
  Hash256 genesis_root_;
  std::deque<Step> steps_;
};

}  // namespace bourse::determinism
