// PeerNetwork: the Network of a running node: streams to its peers over TLS (node/peer).
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "node/peer/options.h"
#include "node/peer/transport.h"
#include "node/runtime/network.h"
#include "node/runtime/peers.h"

namespace bourse::runtime {

// Thread-safe, but for Start and Stop. Before Start and after Stop it is a network without peers.
class PeerNetwork final : public Network, private peer::Handler {
 public:
  PeerNetwork() = default;
  ~PeerNetwork() override { Stop(); }

  // Listens and dials; tells `peers`, which must outlive Stop, what comes. Errors as of
  // peer::Transport::Start.
  [[nodiscard]] absl::Status Start(peer::Options options, Peers* peers);
  // `peers` hears nothing any more when it returns.
  void Stop();

  // Where it listens; 0 if it does not.
  [[nodiscard]] std::uint16_t port() const;

  void Send(consensus::PeerId peer, replica::Priority priority,
            std::shared_ptr<const std::string> bytes, bool more_follow) override;
  void Consumed(consensus::PeerId peer, std::size_t bytes) override;
  void Disconnect(consensus::PeerId peer, std::string_view reason, bool is_proof) override;
  [[nodiscard]] std::vector<api::PeerState> List() const override;

 private:
  void OnUp(consensus::PeerId peer, const PublicKey& key) override { peers_->OnUp(peer, key); }
  void OnMessage(consensus::PeerId peer, std::string bytes) override {
    peers_->OnMessage(peer, bytes);
  }
  void OnDown(consensus::PeerId peer, const std::string& reason) override {
    peers_->OnDown(peer, reason);
  }

  [[nodiscard]] std::shared_ptr<peer::Transport> transport() const;

  Peers* peers_ = nullptr;
  // Held while it starts, so that who answers the first message waits until it can.
  mutable std::mutex mutex_;
  std::shared_ptr<peer::Transport> transport_;  // guarded by mutex_
};

}  // namespace bourse::runtime
