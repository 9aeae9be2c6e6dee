// What each operation does, and why it is rejected.
#pragma once

#include <cstdint>

#include "common/transaction.h"
#include "ledger/records.h"
#include "tests/model/state.h"

namespace bourse::model {

// The transaction whose operation runs.
struct Caller {
  AccountId account;
  TxId txid;
  std::uint64_t nonce = 0;
  std::uint64_t valid_until = 0;
};

// Orders (orders.cc). A rejected operation leaves the state as it was, but for the bar that a
// cancel of an unknown client id leaves.
ledger::OperationResult Run(State& state, const Caller& caller, const PlaceOrder& op);
ledger::OperationResult Run(State& state, const Caller& caller, const CancelOrder& op);
ledger::OperationResult Run(State& state, const Caller& caller, const ReplaceOrder& op);
ledger::OperationResult Run(State& state, const Caller& caller, const CancelAll& op);

// Assets and markets (assets.cc).
ledger::OperationResult Run(State& state, const Caller& caller, const Transfer& op);
ledger::OperationResult Run(State& state, const Caller& caller, const CreateAsset& op);
ledger::OperationResult Run(State& state, const Caller& caller, const Mint& op);
ledger::OperationResult Run(State& state, const Caller& caller, const Burn& op);
ledger::OperationResult Run(State& state, const Caller& caller, const CreateMarket& op);

// Settles closing orders, the lowest ids first, as many as this block still may.
void SettleClosing(State& state);

// Adds an account, which owns its deposit. The event is told.
void CreateAccount(State& state, const AccountId& id);

ledger::OperationResult Rejected(RejectReason reason, std::uint64_t order_id = 0);

}  // namespace bourse::model
