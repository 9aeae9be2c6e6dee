// TuneTcp: what every TCP socket of the gate is set to.
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace bourse::gate {

// Small messages leave at once, and never wait behind more than this that the kernel has taken and
// could not send yet: it would take megabytes, and whoever writes could no longer choose what goes
// first.
inline constexpr int kUnsentBytes = 128 * 1024;

// What the kernel refuses is left alone.
inline void TuneTcp(int fd) {
  const int yes = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  ::setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsentBytes, sizeof(kUnsentBytes));
}

}  // namespace bourse::gate
