// Economy: a small ledger to begin with, and traders with funds who never stop trading.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/units.h"
#include "ledger/genesis.h"
#include "tests/model/random.h"
#include "tests/sim/keyring.h"

namespace bourse::sim {

// Of a network of so many validators; the same one in each process. Two assets, one market, a few
// rich accounts, and fees.
[[nodiscard]] const ledger::Genesis& GenesisOf(std::size_t validators);

class Economy {
 public:
  // Both must outlive it.
  Economy(const ledger::Genesis* genesis, const Keyring* keyring);

  // A transaction that could run in a block of `time`, with a nonce not used before. It is valid
  // for as long as `lifetime_us` says, at most 10 minutes.
  [[nodiscard]] std::string Make(model::Random* random, TimeMicros time, std::uint64_t lifetime_us);

 private:
  [[nodiscard]] Operation MakeOperation(model::Random* random, std::size_t trader,
                                        std::uint64_t nonce) const;

  const ledger::Genesis& genesis_;
  const Hash256 genesis_hash_;
  const Keyring& keyring_;
  std::vector<std::uint64_t> next_nonce_;  // by trader
};

}  // namespace bourse::sim
