// Harden: how a gRPC server behind the gate has to be built.
#pragma once

#include <grpcpp/server_builder.h>

#include <cstddef>

namespace bourse::gate {

struct HardeningOptions {
  std::size_t memory_bytes_max = 256u << 20;  // gRPC's own bookkeeping, softly
  int threads_max = 32;
  int calls_per_connection = 100;  // what gRPC announces; the guard closes above 128
};

// Sets what gRPC can bound by itself: no compression (a bomb of 2 MB gave 1.8 GB),
// calls of a connection, message and metadata sizes, window sizes, memory.
void Harden(grpc::ServerBuilder& builder, const HardeningOptions& options = {});

}  // namespace bourse::gate
