// Harden: how a gRPC server or channel behind the gate has to be built.
#pragma once

#include <grpcpp/server_builder.h>
#include <grpcpp/support/channel_arguments.h>

#include <cstddef>

namespace bourse::gate {

struct HardeningOptions {
  std::size_t memory_bytes_max = 256u << 20;  // gRPC's own bookkeeping, softly
  int threads_max = 32;
  int calls_per_connection = 100;  // what gRPC announces; the guard closes above 128
  // What a call receives and its service has not read yet. At least what is on its way between two
  // ends for a message to come at the speed of the line.
  int window_bytes = 64 * 1024;
};

// Sets what gRPC can bound by itself: no compression (a bomb of 2 MB gave 1.8 GB),
// calls of a connection, message and metadata sizes, window sizes, memory.
void Harden(grpc::ServerBuilder& builder, const HardeningOptions& options = {});

// The same for a channel, as far as it concerns one; it never asks for another way to connect.
[[nodiscard]] grpc::ChannelArguments HardenedArguments(const HardeningOptions& options = {});

}  // namespace bourse::gate
