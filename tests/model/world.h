// World: a network to test in, drawn from a seed: genesis, small bounds, and people.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/transaction.h"
#include "ledger/genesis.h"
#include "node/exchange/options.h"

namespace bourse::model {

struct World {
  ledger::Genesis genesis;
  Hash256 genesis_hash;
  exchange::Limits limits;           // small, so that tests reach them
  std::vector<AccountId> members;    // accounts of the genesis: rich, modest and poor
  std::vector<AccountId> strangers;  // valid keys without an account
  std::vector<AccountId> invalid;    // no points of the curve
};

// Asset codes that people create, over and over.
std::vector<std::string> AssetCodes();

// Prices around which a market of the genesis trades, in ticks.
inline constexpr std::uint64_t kMidPrice = 1'000;

World MakeWorld(std::uint64_t seed);

}  // namespace bourse::model
