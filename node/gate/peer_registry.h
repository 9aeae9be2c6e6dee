// PeerRegistry: who is at the other end of a connection that gRPC knows as "fd:N".
//
// gRPC names a connection after the descriptor it was given. The entry is there
// from before gRPC gets it until the connection ends; a call that outlives its
// connection finds nothing, never another's entry. Thread-safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "node/gate/tls.h"

namespace bourse::gate {

struct PeerInfo {
  std::uint64_t id = 0;  // of the connection; a gate uses none twice
  std::string address;   // "192.0.2.1" or "2001:db8::1"
  std::uint16_t port = 0;
  std::optional<PeerKey> key;  // of its certificate, with mutual TLS
};

class PeerRegistry {
 public:
  // Its id tells connections apart that get the same descriptor one after another.
  void Add(int fd, PeerInfo info) {
    const std::lock_guard lock(mutex_);
    entries_.insert_or_assign(fd, std::move(info));
  }

  void Remove(int fd, std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    const auto it = entries_.find(fd);
    if (it != entries_.end() && it->second.id == id) entries_.erase(it);
  }

  [[nodiscard]] std::optional<PeerInfo> Find(int fd) const {
    const std::lock_guard lock(mutex_);
    const auto it = entries_.find(fd);
    if (it == entries_.end()) return std::nullopt;
    return it->second;
  }

  // By grpc::ServerContext::peer(): "fd:N".
  [[nodiscard]] std::optional<PeerInfo> Find(std::string_view peer) const;

 private:
  mutable std::mutex mutex_;                   // one that ThreadSanitizer sees
  std::unordered_map<int, PeerInfo> entries_;  // guarded by mutex_
};

}  // namespace bourse::gate
