// SocketPair: the two ends between a connection and gRPC.
#pragma once

#include <sys/socket.h>

#include <optional>

namespace bourse::gate {

struct SocketPair {
  int ours = -1;    // the connection's
  int theirs = -1;  // for gRPC
};

// Both non-blocking and closed on exec; the caller owns them. Nothing when
// descriptors have run out.
inline std::optional<SocketPair> MakeSocketPair() {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) != 0) {
    return std::nullopt;
  }
  return SocketPair{.ours = fds[0], .theirs = fds[1]};
}

}  // namespace bourse::gate
