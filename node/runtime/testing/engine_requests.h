// What CometBFT asks of its application, for tests in its stead.
#pragma once

#include <string>
#include <vector>

#include "bourse/abci/abci.pb.h"
#include "common/units.h"
#include "node/runtime/engine_application.h"

namespace bourse::runtime::testing {

[[nodiscard]] abci::Request CheckTxOf(const std::string& transaction,
                                      abci::CheckTxType type = abci::CHECK_TX_TYPE_NEW);
[[nodiscard]] abci::Request ProposalOf(Height height, TimeMicros time,
                                       const std::vector<std::string>& transactions);
// FinalizeBlock; the block's hash follows from its height.
[[nodiscard]] abci::Request BlockOf(Height height, TimeMicros time,
                                    const std::vector<std::string>& transactions);
[[nodiscard]] abci::Request CommitOf();

// Asks, and waits for the answer.
[[nodiscard]] abci::Response Ask(EngineApplication& application, abci::Request request);
// The two of a block that runs; returns what FinalizeBlock answered.
abci::ResponseFinalizeBlock RunBlock(EngineApplication& application, Height height, TimeMicros time,
                                     const std::vector<std::string>& transactions);

}  // namespace bourse::runtime::testing
