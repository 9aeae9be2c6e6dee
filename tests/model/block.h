// The steps of a block, in the order in which they run.
#pragma once

#include <vector>

#include "ledger/records.h"
#include "node/exchange/application.h"
#include "tests/model/operations.h"
#include "tests/model/state.h"

namespace bourse::model {

// (1) Client ids whose time has passed.
void ForgetClientIds(State& state);
// (2) Orders that expired leave the book, or those carried over.
void CloseExpired(State& state);
// (3) SettleClosing, in operations.h.
// (4) Carried orders go on, the lowest ids first.
void ContinueCarried(State& state);
// (5) Passive transactions, then (6) the others. Receipts in the block's order.
std::vector<ledger::Receipt> RunTransactions(State& state, const exchange::Block& block);

}  // namespace bourse::model
