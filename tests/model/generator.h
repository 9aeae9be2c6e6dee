// Generator: random blocks, biased towards what is rare and what goes wrong.
//
//   Generator generator(seed, world);
//   exchange::Block block = generator.NextBlock(model.state());
//
// A function of the seed and of the states it is shown. Signatures are zeros: FinalizeBlock, whose
// blocks are decided, does not check them.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/transaction.h"
#include "node/exchange/application.h"
#include "tests/model/operation_generator.h"
#include "tests/model/random.h"
#include "tests/model/state.h"
#include "tests/model/world.h"

namespace bourse::model {

class Generator {
 public:
  Generator(std::uint64_t seed, const World& world);

  // The block after `state`.
  exchange::Block NextBlock(const State& state);

 private:
  std::string MakeTransaction(const State& state, TimeMicros time);
  AccountId ChooseAccount(const State& state);
  std::uint64_t ChooseNonce(const State& state, const AccountId& account);
  TimeMicros ChooseValidUntil(TimeMicros time);
  std::vector<Operation> MakeOperations(const State& state, Transaction& transaction,
                                        TimeMicros time);
  // One field that no mempool would let pass.
  void Spoil(const State& state, Transaction& transaction, TimeMicros time);
  std::string MakeGarbage(const State& state, TimeMicros time);

  const World* world_;
  Random random_;
  OperationGenerator operations_;
  std::set<std::pair<AccountId, std::uint64_t>> nonces_;  // chosen in this block
  std::vector<std::string> history_;                      // of recent blocks, to replay
};

}  // namespace bourse::model
