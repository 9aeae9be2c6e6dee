// Each check by itself; see their files.
#pragma once

#include <memory>

#include "tests/sim/checks/check.h"

namespace bourse::sim {

// Executed blocks of all honest nodes are one chain, and each node's a beginning of it.
std::unique_ptr<Check> MakeChainsCheck(const CheckContext* context);
// Same roots, receipts and events at the same height.
std::unique_ptr<Check> MakeRootsCheck(const CheckContext* context);
// The ledger's laws hold after each block.
std::unique_ptr<Check> MakeLawsCheck(const CheckContext* context);
// No transaction takes effect twice.
std::unique_ptr<Check> MakeOnceCheck(const CheckContext* context);
// Every certificate that an honest node sends, or tells its client of, is good, by a count of its
// own.
std::unique_ptr<Check> MakeCertificatesCheck(const CheckContext* context);
// No slot has certificates that exclude each other.
std::unique_ptr<Check> MakeConflictsCheck(const CheckContext* context);
// What an honest key sent, across restarts, holds no pair that would be evidence.
std::unique_ptr<Check> MakeExclusiveCheck(const CheckContext* context);
// Nobody honest is blamed, and nobody stops.
std::unique_ptr<Check> MakeBlameCheck(const CheckContext* context);
// Honest nodes send a bounded number of messages in any stretch of time.
std::unique_ptr<Check> MakeStormCheck(const CheckContext* context);
// What a replica keeps is bounded.
std::unique_ptr<Check> MakeMemoryCheck(const CheckContext* context);
// A crash alone never damages a log.
std::unique_ptr<Check> MakeLogCheck(const CheckContext* context);

}  // namespace bourse::sim
