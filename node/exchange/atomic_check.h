// Atomic transactions: all operations are checked before any is applied, so nothing is ever undone.
//
// The check runs over an overlay: what the account's own earlier operations of this transaction
// would have changed (its funds, orders and client ids). As an atomic transaction holds only
// cancels, post-only replaces and post-only orders, nothing matches, and of everybody else's state
// only the best prices matter. What passes here can't be rejected when it is applied.
#pragma once

#include <cstddef>
#include <vector>

#include "common/result.h"
#include "common/transaction.h"
#include "common/units.h"
#include "node/exchange/core.h"

namespace bourse::exchange {

struct AtomicVerdict {
  RejectReason reason = RejectReason::kNone;  // of the first operation that would be rejected
  std::size_t operation = 0;                  // which one that is
  OrderId order;                              // of kDuplicateClientId: the order that has the id
};

// Of operations that would run now, in `run`, for `account`.
[[nodiscard]] AtomicVerdict CheckAtomic(const Core& core, const BlockRun& run, AccountIndex account,
                                        const std::vector<Operation>& operations);

}  // namespace bourse::exchange
