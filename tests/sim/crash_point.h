// Where an honest node can be made to crash: between any two steps that must come in order.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace bourse::sim {

enum class CrashPoint : std::uint8_t {
  kAtOnce,
  kBeforePersist,    // the effects are known, nothing is written
  kWithinAppend,     // the write is torn
  kBeforeSync,       // all is written, nothing is synced
  kBeforeSend,       // synced, nothing is sent
  kWithinSends,      // half is sent
  kBeforeExecution,  // all is sent, nothing handed on
  kBeforeCommit,     // after FinalizeBlock, what it did is signed
  kAfterCommit,      // committed, and the replica not told
};

inline constexpr std::array<std::string_view, 9> kCrashPointNames = {
    "crash at once",
    "crash before persist",
    "crash within append",
    "crash before sync",
    "crash between sync and send",
    "crash within sends",
    "crash between send and execution",
    "crash between FinalizeBlock and Commit",
    "crash between Commit and its report"};

}  // namespace bourse::sim
