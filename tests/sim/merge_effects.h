// Effects of several steps as those of one: one sync, then all that is sent.
#pragma once

#include <string>
#include <vector>

#include "node/exchange/application.h"
#include "node/replica/replica.h"

namespace bourse::sim {

// `from` comes after what `to` holds.
void MergeEffects(replica::Effects from, replica::Effects* to);

// The block that a header and its transactions are to the exchange.
[[nodiscard]] exchange::Block BlockOf(const consensus::Header& header,
                                      const std::vector<std::string>& transactions);

}  // namespace bourse::sim
