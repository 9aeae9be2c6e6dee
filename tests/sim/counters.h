// Counters: which branches a run took, and how often; by name, so that runs add up.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "node/consensus/simplex.h"
#include "node/replica/replica.h"

namespace bourse::sim {

using Counters = std::map<std::string, std::uint64_t, std::less<>>;

void Add(const Counters& from, Counters* to);
// The higher of each.
void Raise(const Counters& from, Counters* to);
void Add(const consensus::SimplexCounters& from, Counters* to);
void Add(const replica::Counters& from, Counters* to);

}  // namespace bourse::sim
