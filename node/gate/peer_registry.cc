#include "node/gate/peer_registry.h"

#include <charconv>

namespace bourse::gate {

std::optional<PeerInfo> PeerRegistry::Find(std::string_view peer) const {
  constexpr std::string_view kPrefix = "fd:";
  if (!peer.starts_with(kPrefix)) return std::nullopt;
  peer.remove_prefix(kPrefix.size());
  int fd = 0;
  const auto [end, error] = std::from_chars(peer.data(), peer.data() + peer.size(), fd);
  if (error != std::errc() || end != peer.data() + peer.size()) return std::nullopt;
  return Find(fd);
}

}  // namespace bourse::gate
