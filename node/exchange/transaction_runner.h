// Runs one transaction of a decided block: skip or charge, then its operations.
#pragma once

#include "common/transaction.h"
#include "ledger/records.h"
#include "node/exchange/asset_operations.h"
#include "node/exchange/core.h"
#include "node/exchange/order_operations.h"

namespace bourse::exchange {

// Why a transaction could not run in a block of `time`, if so. Its bytes are those of a transaction
// of this network.
[[nodiscard]] SkipReason WhySkipped(const Core& core, const SignedTransaction& transaction,
                                    TimeMicros time);

class TransactionRunner {
 public:
  // Both must outlive this.
  TransactionRunner(Core& core, BlockRun& run)
      : core_(core), run_(run), orders_(core, run), assets_(core, run) {}

  // What the block does before its transactions.
  void Begin();

  // Its receipt, with txid, height and index still to be set by the caller.
  ledger::Receipt Run(const SignedTransaction& transaction);

 private:
  std::vector<ledger::OperationResult> RunOperations(AccountIndex account,
                                                     const SignedTransaction& transaction);
  ledger::OperationResult RunOperation(AccountIndex account, const SignedTransaction& transaction,
                                       const Operation& operation);

  Core& core_;
  BlockRun& run_;
  OrderOperations orders_;
  AssetOperations assets_;
};

}  // namespace bourse::exchange
