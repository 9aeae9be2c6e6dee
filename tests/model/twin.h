// Twin: an exchange and its model, fed with the same blocks.
#pragma once

#include <memory>
#include <string>

#include "common/hash.h"
#include "ledger/memory_store.h"
#include "node/exchange/exchange.h"
#include "tests/model/coverage.h"
#include "tests/model/model.h"
#include "tests/model/world.h"

namespace bourse::model {

class Twin {
 public:
  // REQUIRES: `world` outlives it.
  explicit Twin(const World& world);

  // Runs a block in both, and commits it. Returns where they differ, or break a law; empty if
  // nowhere.
  std::string Run(const exchange::Block& block);

  // Opens the exchange anew from its store, as after a crash of the process.
  void Restart();

  [[nodiscard]] const exchange::Exchange& exchange() const { return *exchange_; }
  [[nodiscard]] const Model& model() const { return model_; }
  [[nodiscard]] const State& state() const { return model_.state(); }
  [[nodiscard]] const Coverage& coverage() const { return coverage_; }
  // Of all blocks' roots so far, of state and of results: the same from every build.
  [[nodiscard]] const Hash256& digest() const { return digest_; }

 private:
  const World* world_;
  ledger::MemoryStore store_;
  std::unique_ptr<exchange::Exchange> exchange_;
  Model model_;
  Coverage coverage_;
  Hash256 digest_;
};

// Opens an exchange of `world` over a store, with what the store holds.
std::unique_ptr<exchange::Exchange> OpenExchange(const World& world, ledger::Store* store);

}  // namespace bourse::model
