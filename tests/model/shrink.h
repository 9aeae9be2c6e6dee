// Makes the story of a failure short.
#pragma once

#include <functional>
#include <vector>

#include "node/exchange/application.h"

namespace bourse::model {

using Blocks = std::vector<exchange::Block>;

// Leaves out transactions, then operations, as long as `fails` still returns true of what is left;
// calls it at most `max_tries` times. Blocks stay, though some get empty, so that heights and
// times stay as they are. REQUIRES: fails(blocks).
Blocks Shrink(Blocks blocks, const std::function<bool(const Blocks&)>& fails, int max_tries);

}  // namespace bourse::model
