// TurnTimes: how long the turns of a loop take, and what of it was spent waiting for the disk.
#pragma once

#include <algorithm>
#include <cstdint>

namespace bourse::runtime {

// In microseconds. Not thread-safe.
struct TurnTimes {
  std::uint64_t turns = 0;
  std::uint64_t busy_us = 0;  // all turns, syncs included
  std::uint64_t longest_us = 0;
  std::uint64_t syncs = 0;
  std::uint64_t sync_us = 0;

  void AddTurn(std::uint64_t us) {
    ++turns;
    busy_us += us;
    longest_us = std::max(longest_us, us);
  }
  void AddSync(std::uint64_t us) {
    ++syncs;
    sync_us += us;
  }
};

}  // namespace bourse::runtime
