#include "tests/sim/counters.h"

#include <algorithm>

namespace bourse::sim {

void Add(const Counters& from, Counters* to) {
  for (const auto& [name, count] : from) (*to)[name] += count;
}

void Raise(const Counters& from, Counters* to) {
  for (const auto& [name, value] : from) {
    std::uint64_t& highest = (*to)[name];
    highest = std::max(highest, value);
  }
}

void Add(const consensus::SimplexCounters& from, Counters* to) {
  Add({{"simplex: proposed", from.proposed},
       {"simplex: proposed empty", from.empty_proposed},
       {"simplex: Notar votes", from.notar_votes},
       {"simplex: Skip votes", from.skip_votes},
       {"simplex: Final votes", from.final_votes},
       {"simplex: Notar after Skip", from.notar_after_skip},
       {"simplex: both certificates in one slot", from.both_certificates},
       {"simplex: frontier jumps by Final", from.frontier_jumps},
       {"simplex: Final certificates received", from.final_from_peer},
       {"simplex: votes held back", from.held_back},
       {"simplex: slots of gone leaders", from.gone_skips},
       {"simplex: proposals over skipped slots", from.parent_skipped_slots},
       {"simplex: Notar in a slot not active", from.notar_not_active},
       {"simplex: dropped as too late", from.dropped_late},
       {"simplex: standstills", from.standstills},
       {"simplex: votes sent again at start", from.votes_resent_at_start},
       {"simplex: blocks fetched", from.blocks_fetched}},
      to);
}

void Add(const replica::Counters& from, Counters* to) {
  Add({{"replica: bodies from the queue", from.bodies_from_queue},
       {"replica: transactions fetched", from.transactions_fetched},
       {"replica: candidates fetched", from.candidates_fetched},
       {"replica: runs of blocks fetched", from.block_runs_fetched},
       {"replica: own log replayed", from.own_log_replayed},
       {"replica: certificates of executions", from.certificates_of_executions},
       {"replica: logs rewritten", from.log_rewrites},
       {"replica: empty blocks for lag", from.empty_for_lag}},
      to);
}

}  // namespace bourse::sim
