// Dialer: opens connections to others and hands gRPC the ends, guarded.
//
//   dialer->Dial({.host = "node.example", .port = 7001}, [](absl::StatusOr<int> fd) {
//     if (fd.ok()) channel = grpc::CreateCustomInsecureChannelFromFd("peer", *fd, arguments);
//   });
//
// Whoever is dialled can attack gRPC as well as whoever dials; every byte that comes
// back passes a FrameGuard in the client's role. A channel made from a descriptor
// never reconnects: when it fails, dial again.
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "node/gate/connection_options.h"
#include "node/gate/counters.h"
#include "node/gate/loop.h"
#include "node/gate/tls.h"

namespace bourse::gate {

struct DialOptions {
  std::string host;  // a name or a numeric address
  std::uint16_t port = 0;
  std::optional<TlsOptions> tls;             // with accept_peer; without it the wire is plain
  std::int64_t connect_us_max = 10'000'000;  // name look-up and TCP; TLS has its own time
};

class Dialer {
 public:
  // A connected socket, which the receiver owns, or why there is none: NOT_FOUND for
  // an unknown name, UNAVAILABLE, DEADLINE_EXCEEDED, INVALID_ARGUMENT for bad TLS
  // options, UNAUTHENTICATED when TLS failed, CANCELLED by Stop.
  using Done = std::function<void(absl::StatusOr<int> fd)>;

  // `loop` may be shared with gates.
  Dialer(std::shared_ptr<Loop> loop, ConnectionOptions options = {});
  // As Stop.
  ~Dialer();
  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;

  // Calls `done` once, on the loop's thread: it must not block.
  void Dial(DialOptions options, Done done);

  // Closes all connections, ends all that is being dialled, and waits until that is
  // done. Not from the loop's thread.
  void Stop();

  [[nodiscard]] CountersSnapshot counters() const;

 private:
  class Impl;

  const std::shared_ptr<Loop> loop_;  // first, as it goes last
  std::shared_ptr<Impl> impl_;
};

}  // namespace bourse::gate
