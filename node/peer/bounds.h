// The gate's and gRPC's bounds for connections between nodes: few connections, one call on each,
// and that for ever.
#pragma once

#include "node/gate/connection_options.h"
#include "node/gate/gate.h"
#include "node/gate/server_hardening.h"

namespace bourse::peer {

// For both sides of a connection.
[[nodiscard]] gate::ConnectionOptions PeerConnection();
// Without address, certificate and loop.
[[nodiscard]] gate::GateOptions PeerGate();
[[nodiscard]] gate::HardeningOptions PeerHardening();

}  // namespace bourse::peer
