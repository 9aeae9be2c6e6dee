// Packet: a message on its way, as bytes, and what can be known of the bytes alone.
//
// Decoding and checking signatures are pure, so they are done once a packet and not once a
// receiver: most of a simulation's time would go there.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "node/replica/message.h"

namespace bourse::sim {

struct Packet {
  std::shared_ptr<const std::string> bytes;
  // Nothing: no message, but garbage.
  std::optional<replica::Message> message;
  // Whether all its claims are good.
  bool claims_good = false;
};
using PacketPtr = std::shared_ptr<const Packet>;

}  // namespace bourse::sim
