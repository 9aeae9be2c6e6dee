// Core: the exchange's state in memory, all of it; and the run of one block over it.
#pragma once

#include <cstdint>

#include "common/check.h"
#include "common/hash.h"
#include "common/units.h"
#include "ledger/event.h"
#include "ledger/genesis.h"
#include "ledger/records.h"
#include "ledger/state.h"
#include "matching/engine.h"
#include "node/exchange/client_ids.h"
#include "node/exchange/options.h"
#include "node/exchange/order_table.h"

namespace bourse::exchange {

struct Core {
  Limits limits;
  Hash256 genesis_hash;
  ledger::FeeSchedule fees;
  AssetIndex fee_asset;
  ledger::Head head;
  ledger::State state;
  OrderTable orders;
  ClientIds client_ids;
  matching::Engine engine;  // its book 0 stands for no market, so that ids agree
};

// Adds a market with its book, which have the same number.
inline MarketId AddMarket(Core& core, const ledger::Market& market) {
  const MarketId id = core.state.AddMarket(market);
  const MarketId book = core.engine.AddMarket();
  CHECK(id == book);
  return id;
}

// What a block has while it runs.
struct BlockRun {
  Height height;
  TimeMicros time;
  std::uint32_t next_sequence = 0;
  std::uint32_t fills_left = 0;
  std::uint32_t closures_left = 0;
  ledger::EventLog events{};

  // Ids of orders and priorities, each once.
  OrderId NextOrderId() { return MakeOrderId(height, next_sequence++); }
};

}  // namespace bourse::exchange
