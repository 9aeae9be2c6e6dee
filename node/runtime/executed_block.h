// ExecutedBlock: a block that is on disk, and what it did.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ledger/store.h"
#include "node/consensus/vote.h"
#include "node/exchange/application.h"

namespace bourse::runtime {

struct ExecutedBlock {
  consensus::Executed executed;
  std::shared_ptr<const std::vector<std::string>> transactions;
  exchange::BlockResult result;
  ledger::Batch changes;                      // of what api::OrderView follows
  std::shared_ptr<const ledger::View> after;  // the store, with this block and no later one
};

// What validators sign of a block that did this.
[[nodiscard]] consensus::Executed ExecutedOf(const ledger::BlockHeader& header);

void LogCommitted(const ExecutedBlock& block);

}  // namespace bourse::runtime
