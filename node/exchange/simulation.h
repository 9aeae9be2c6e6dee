// Dry runs: what a transaction would do now, without doing it.
//
// The real operations run on a small copy of the state: the accounts, orders and client ids that
// the transaction can reach. So a dry run cannot differ from the real one in its rules, nor change
// anything. It is alone in its block: orders that are carried over or closing stay as they are.
#pragma once

#include "common/transaction.h"
#include "common/units.h"
#include "ledger/event.h"
#include "ledger/records.h"
#include "node/exchange/core.h"

namespace bourse::exchange {

struct Simulation {
  ledger::Receipt receipt;
  ledger::EventLog events;
};

// At `now`, or just after the last block if that is later. Costs a copy of what the transaction can
// reach: at most max_fills_per_operation orders for each operation, and the account's own.
[[nodiscard]] Simulation Simulate(const Core& core, const SignedTransaction& transaction,
                                  TimeMicros now);

}  // namespace bourse::exchange
