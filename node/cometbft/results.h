// Results: what a block did, as CometBFT is told.
#pragma once

#include <string>
#include <vector>

#include "bourse/abci/abci.pb.h"
#include "node/exchange/application.h"

namespace bourse::cometbft {

// One result a transaction, in the block's order. CometBFT's next header commits to code and data:
// the code is 0 or the SkipReason, the data the receipt's canonical bytes. The event, for indexers,
// has the TXID, the account, and each market that it touched.
[[nodiscard]] abci::ResponseFinalizeBlock ResultsOf(const std::vector<std::string>& transactions,
                                                    const exchange::BlockResult& result);

}  // namespace bourse::cometbft
