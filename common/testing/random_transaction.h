// Random transactions, the same for the same seed: valid ones of every kind, with a liking for
// the edges of ranges.
#pragma once

#include <random>

#include "common/transaction.h"

namespace bourse::testing {

// What DecodeTransaction accepts; not what a ledger would.
[[nodiscard]] Transaction RandomTransaction(std::mt19937_64& random);

}  // namespace bourse::testing
