// Replay: the last law of the ledger. Its blocks, run again from its genesis, give what it holds.
//
//   ledger::MemoryStore scratch;
//   auto counts = Replay(*store->Snapshot(), &scratch, {});
//   if (!counts.ok()) …  // the message names the height and what differs
//
// Everything is compared, byte by byte: each block's header with its roots, TXIDs, receipts, swaps
// and events; at the end all records of the state, and that there is nothing else.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"
#include "common/hash.h"
#include "common/units.h"
#include "ledger/store.h"
#include "node/exchange/options.h"

namespace bourse::exchange {

struct ReplayOptions {
  // Those under which the blocks were made.
  Limits limits = {};
  // Whether each block must also be one that validators may accept: bounds, signatures. Most of a
  // replay's time.
  bool check_proposals = true;
  // Called after each block.
  std::function<void(Height done, Height total)> progress = nullptr;
};

struct ReplayCounts {
  std::uint64_t blocks = 0;
  std::uint64_t transactions = 0;
  std::uint64_t events = 0;
  Hash256 state_root;  // of the last block
};

// Replays `from`, which must not change meanwhile, with `scratch`, an empty store, for the state
// (history is compared, and not kept). Checks the laws of the state at the end. kDataLoss where
// `from` differs; kInternal where a law is broken; errors of the stores as they are.
[[nodiscard]] absl::StatusOr<ReplayCounts> Replay(const ledger::View& from, ledger::Store* scratch,
                                                  const ReplayOptions& options);

}  // namespace bourse::exchange
