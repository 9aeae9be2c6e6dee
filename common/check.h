// CHECK: stops the process when one of our own invariants is broken.
//
// Nothing that arrives from outside may ever reach a failing CHECK: what a
// trader did wrong is a RejectReason, what a peer did wrong is a Status.
// Always on, in release builds too.
#pragma once

namespace bourse::internal {

// Prints `file:line: CHECK failed: condition` to stderr and aborts.
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);

}  // namespace bourse::internal

#define CHECK(condition)                               \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::bourse::internal::CheckFailed(__FILE__, __LINE__, #condition))
