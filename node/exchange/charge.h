// What a transaction costs: known from its bytes alone, charged before it runs, kept if it fails.
#pragma once

#include <cstdint>

#include "common/transaction.h"
#include "ledger/genesis.h"

namespace bourse::exchange {

// In atoms of the fee asset. Can't overflow: a genesis bounds each price to 2^40.
[[nodiscard]] inline std::uint64_t ChargeOf(const ledger::FeeSchedule& fees,
                                            const SignedTransaction& signed_transaction) {
  std::uint64_t charge = fees.per_transaction + fees.per_byte * signed_transaction.size_bytes;
  for (const Operation& operation : signed_transaction.transaction.operations) {
    const bool cancels = std::holds_alternative<CancelOrder>(operation) ||
                         std::holds_alternative<CancelAll>(operation);
    charge += cancels ? fees.per_cancel : fees.per_operation;
  }
  return charge;
}

}  // namespace bourse::exchange
