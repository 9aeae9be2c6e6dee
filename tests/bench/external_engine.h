// An engine that is a program of its own, run beside ours on the same stream.
#pragma once

#include <string>

#include "tests/bench/order_stream.h"

namespace bourse::bench {

// Writes a stream for such a program: a header of 256 bytes, of which the fields
// that engines ask for are filled in, and the operations, 32 bytes each. False:
// the file cannot be written.
[[nodiscard]] bool WriteStreamFile(const OrderStream& stream, const std::string& path);

// What a run of one said.
struct ExternalRun {
  double ns_per_operation = 0;
  double p50_ns = 0;
  double p99_ns = 0;
  double p999_ns = 0;
  bool right = false;  // its trades are the stream's
};

// Runs `program STREAM t`, which times the stream as a whole, or `program STREAM
// l`, which times each operation, and reads `ns/op=`, `p50=`, `p99=`, `p99.9=` and
// `AGREE` from what it prints.
[[nodiscard]] ExternalRun RunExternal(const std::string& program, const std::string& stream_path,
                                      bool each);

}  // namespace bourse::bench
