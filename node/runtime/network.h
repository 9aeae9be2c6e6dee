// Network: what a node needs of the streams to its peers. Thread-safe; nothing of it blocks.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/ed25519.h"
#include "node/api/network_state.h"
#include "node/consensus/simplex.h"
#include "node/replica/message.h"

namespace bourse::runtime {

class Network {
 public:
  virtual ~Network() = default;

  // May lose it, as any network. `more_follow`: others for this peer come at once, and share its
  // way.
  virtual void Send(consensus::PeerId peer, replica::Priority priority,
                    std::shared_ptr<const std::string> bytes, bool more_follow) = 0;
  // A message of so many bytes was handled: its peer may send more.
  virtual void Consumed(consensus::PeerId peer, std::size_t bytes) = 0;
  // `is_proof`: no honest node could have sent what it sent.
  virtual void Disconnect(consensus::PeerId peer, std::string_view reason, bool is_proof) = 0;

  // For people; without what only messages tell.
  [[nodiscard]] virtual std::vector<api::PeerState> List() const = 0;
};

// The network of a node that is alone.
class NoNetwork final : public Network {
 public:
  void Send(consensus::PeerId, replica::Priority, std::shared_ptr<const std::string>,
            bool) override {}
  void Consumed(consensus::PeerId, std::size_t) override {}
  void Disconnect(consensus::PeerId, std::string_view, bool) override {}
  std::vector<api::PeerState> List() const override { return {}; }
};

}  // namespace bourse::runtime
