#include "node/runtime/executed_block.h"

#include "common/hash.h"
#include "node/runtime/log.h"

namespace bourse::runtime {

consensus::Executed ExecutedOf(const ledger::BlockHeader& header) {
  return {header.height, header.hash, header.time, header.results_root, header.state_root};
}

void LogCommitted(const ExecutedBlock& block) {
  const ledger::BlockHeader& header = block.result.header;
  Log(header.transactions > 0 ? LogLevel::kDebug : LogLevel::kTrace, "committed a block",
      {{"height", header.height.value()},
       {"transactions", header.transactions},
       {"events", header.events},
       {"hash", ToHex(header.hash)},
       {"state_root", ToHex(header.state_root)}});
}

}  // namespace bourse::runtime
