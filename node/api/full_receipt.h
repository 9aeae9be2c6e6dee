// FullReceipt: what one transaction did, with the swaps that it made.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/hash.h"
#include "common/units.h"
#include "ledger/event.h"
#include "ledger/records.h"
#include "ledger/store.h"

namespace bourse::api {

struct FullReceipt {
  ledger::Receipt receipt;
  TimeMicros block_time;
  std::vector<std::pair<std::uint32_t, ledger::Swap>> swaps;  // with their event indices
};

// Of a block that was just executed. `events` are the whole block's.
[[nodiscard]] FullReceipt MakeFullReceipt(const ledger::Receipt& receipt, TimeMicros block_time,
                                          const ledger::EventLog& events);

// From the ledger; nothing if no final transaction has this TXID.
[[nodiscard]] absl::StatusOr<std::optional<FullReceipt>> ReadFullReceipt(const ledger::View& view,
                                                                         const TxId& txid);

}  // namespace bourse::api
