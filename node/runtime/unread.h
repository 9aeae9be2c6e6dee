// Unread: a peer's message that is not handled yet. Its end tells the network, which reads only so
// much of a peer ahead; so whatever keeps a part of a message keeps this.
#pragma once

#include <cstddef>

#include "node/runtime/network.h"

namespace bourse::runtime {

class Unread {
 public:
  // The network must outlive it.
  Unread(Network* network, consensus::PeerId peer, std::size_t bytes)
      : network_(network), peer_(peer), bytes_(bytes) {}
  ~Unread() { network_->Consumed(peer_, bytes_); }
  Unread(const Unread&) = delete;
  Unread& operator=(const Unread&) = delete;

  [[nodiscard]] consensus::PeerId peer() const { return peer_; }

 private:
  Network* const network_;
  const consensus::PeerId peer_;
  const std::size_t bytes_;
};

}  // namespace bourse::runtime
