// What benchmarks share: a clock, an end for errors, and the table of steps.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "absl/status/status.h"

namespace bourse::bench {

using Clock = std::chrono::steady_clock;

[[nodiscard]] inline double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Ends the program with the error: a benchmark has no use for half of its numbers.
inline void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

// Prints what each step took, an operation, and as a share of what the core could do if it only
// checked the signatures: machines differ.
class StepTable {
 public:
  // `signatures_s`: seconds for the signatures of all operations.
  StepTable(std::uint64_t operations, double signatures_s)
      : operations_(static_cast<double>(operations)), signatures_s_(signatures_s) {
    std::printf("%-38s %10s %14s %14s\n", "step, one core", "ns/op", "operations/s",
                "of signatures");
  }
  void Row(const char* name, double seconds) const {
    std::printf("%-38s %10.0f %14.0f %13.2fx\n", name, seconds / operations_ * 1e9,
                operations_ / seconds, signatures_s_ / seconds);
  }

 private:
  double operations_;
  double signatures_s_;
};

}  // namespace bourse::bench
