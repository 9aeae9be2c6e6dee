// CatchUpLog: tells the operator, now and then, how far a node is that catches up.
#pragma once

#include <cstdint>

#include "common/units.h"
#include "node/replica/replica.h"

namespace bourse::runtime {

// Not thread-safe.
class CatchUpLog {
 public:
  // After each turn.
  void Turned(const replica::Progress& progress, std::uint64_t now_us);

 private:
  bool catching_up_ = false;
  std::uint64_t began_us_ = 0;
  std::uint64_t said_us_ = 0;
  Height began_;  // what was executed then
};

}  // namespace bourse::runtime
