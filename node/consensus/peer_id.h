// PeerId: a connection to another node, as everything above the transport names it.
#pragma once

#include <cstdint>

#include "common/strong_int.h"

namespace bourse::consensus {

// A fresh one for each connection: a peer that comes back has another.
using PeerId = StrongInt<struct PeerIdTag, std::uint64_t>;

}  // namespace bourse::consensus
