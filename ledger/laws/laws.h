// The laws of the ledger: what is true after every block, whatever the block held.
//
// One a file, each a pure check of the whole state: conservation.h, reserves.h, books.h. Tests and
// simulation check them after every block, and an audit on a real ledger. A broken law is our bug;
// the text says where it shows.
#pragma once

#include <span>

#include "absl/status/status.h"
#include "common/units.h"
#include "ledger/genesis.h"
#include "ledger/records.h"
#include "ledger/state.h"

namespace bourse::ledger {

struct OpenOrder {
  Order order;
  bool in_book = true;  // rather than carried or closing
};

// What the laws look at. References must outlive it.
struct Books {
  const State& state;
  const FeeSchedule& fees;
  AssetIndex fee_asset;
  std::span<const OpenOrder> orders;  // every order in the state
};

// All laws; kInternal with the first that is broken. Takes time linear in the state.
[[nodiscard]] absl::Status CheckLaws(const Books& books);

}  // namespace bourse::ledger
