// The order in which a block's transactions run: not the proposer's to choose.
//
// Two phases: first the passive ones (IsPassive), which cannot take; then the rest. Within a phase
// in rounds: each account's next transaction by nonce, accounts in the order of
// BLAKE2b("bourse/order/1" ‖ parent hash ‖ account). So neither a proposer nor the number or salt
// of transactions buys a place.
#pragma once

#include <cstdint>
#include <vector>

#include "common/hash.h"
#include "common/transaction.h"

namespace bourse::exchange {

// Indices into `transactions` in the order in which they run. Transactions of one account and phase
// with the same nonce keep the block's order. Null entries (undecodable) are left out.
[[nodiscard]] std::vector<std::uint32_t> Schedule(
    const std::vector<const SignedTransaction*>& transactions, const Hash256& parent_hash);

}  // namespace bourse::exchange
