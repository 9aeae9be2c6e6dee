// Model: the whole exchange once more, so simple that it is plainly right.
//
//   model::Model model(genesis, limits);
//   model::Outcome outcome = model.RunBlock(block);   // receipts, events
//   model.state();                                    // everything, as plain values
//
// Written from the rules (proto/bourse/v1, ARCHITECTURE.md), not from node/exchange, so that a
// misunderstanding of either shows as a difference. It shares with it only what is defined
// elsewhere: the transactions' codec, hashes, the shapes of records and events.
#pragma once

#include <vector>

#include "ledger/genesis.h"
#include "ledger/records.h"
#include "node/exchange/application.h"
#include "node/exchange/options.h"
#include "tests/model/state.h"

namespace bourse::model {

struct Outcome {
  std::vector<ledger::Receipt> receipts;  // in the block's order
  std::vector<ledger::Event> events;
};

class Model {
 public:
  // REQUIRES: a valid genesis.
  Model(const ledger::Genesis& genesis, const exchange::Limits& limits);

  Outcome RunBlock(const exchange::Block& block);

  [[nodiscard]] const State& state() const { return state_; }

 private:
  State state_;
};

}  // namespace bourse::model
