#include "node/runtime/peer_network.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace bourse::runtime {
namespace {

std::string AddressOf(const peer::PeerStatus& status) {
  if (!status.address.empty()) return status.address;
  if (status.port == 0) return "";
  const bool six = status.host.find(':') != std::string::npos;
  return absl::StrCat(six ? "[" : "", status.host, six ? "]" : "", ":", status.port);
}

api::PeerState StateOf(const peer::PeerStatus& status) {
  api::PeerState out;
  out.key = status.key;
  out.address = AddressOf(status);
  out.connected = status.state == peer::PeerStatus::State::kUp;
  out.outbound = out.connected ? status.dialled : status.port != 0;
  if (out.connected) out.since = TimeMicros(static_cast<std::uint64_t>(status.since_us));
  out.bytes_in = status.bytes_in;
  out.bytes_out = status.bytes_out;
  out.queue_bytes = status.queue_bytes;
  out.last_error = status.last_error;
  return out;
}

}  // namespace

absl::Status PeerNetwork::Start(peer::Options options, Peers* peers) {
  const std::lock_guard lock(mutex_);
  peers_ = peers;
  absl::StatusOr<std::unique_ptr<peer::Transport>> transport =
      peer::Transport::Start(std::move(options), this);
  if (!transport.ok()) return transport.status();
  transport_ = *std::move(transport);
  return absl::OkStatus();
}

void PeerNetwork::Stop() {
  if (const auto transport = this->transport()) transport->Stop();
}

std::shared_ptr<peer::Transport> PeerNetwork::transport() const {
  const std::lock_guard lock(mutex_);
  return transport_;
}

std::uint16_t PeerNetwork::port() const {
  const auto transport = this->transport();
  return transport ? transport->port() : 0;
}

void PeerNetwork::Send(consensus::PeerId peer, replica::Priority priority,
                       std::shared_ptr<const std::string> bytes, bool more_follow) {
  if (const auto transport = this->transport()) {
    (void)transport->Send(peer, priority, std::move(bytes), more_follow);
  }
}

void PeerNetwork::Consumed(consensus::PeerId peer, std::size_t bytes) {
  if (const auto transport = this->transport()) transport->Consumed(peer, bytes);
}

void PeerNetwork::Disconnect(consensus::PeerId peer, std::string_view reason, bool is_proof) {
  if (const auto transport = this->transport()) transport->Disconnect(peer, reason, is_proof);
}

std::vector<api::PeerState> PeerNetwork::List() const {
  std::vector<api::PeerState> out;
  const auto transport = this->transport();
  if (!transport) return out;
  for (const peer::PeerStatus& status : transport->List()) out.push_back(StateOf(status));
  return out;
}

}  // namespace bourse::runtime
