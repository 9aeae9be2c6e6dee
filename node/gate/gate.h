// Gate: accepts connections and hands them to gRPC, guarded.
//
//   auto gate = Gate::Start({.address = "127.0.0.1", .port = 0},
//                           [&](int fd) { grpc::AddInsecureChannelFromFd(server.get(), fd); });
//   if (!gate.ok()) ...
//   LOG("listening on port ", (*gate)->port());
//   ...
//   (*gate)->Stop();   // then server->Shutdown()
//
// gRPC listens on nothing itself. A service learns who calls by
// gate->PeerOf(context->peer()).
//
// Thread-safe, once started.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "node/gate/admission_options.h"
#include "node/gate/connection_options.h"
#include "node/gate/counters.h"
#include "node/gate/loop.h"
#include "node/gate/peer_registry.h"
#include "node/gate/tls.h"

namespace bourse::gate {

struct GateOptions {
  std::string address = "127.0.0.1";  // numeric, IPv4 or IPv6; "::" means all of both
  std::uint16_t port = 0;             // 0: any free one
  std::optional<TlsOptions> tls;      // without it the wire is plain
  ConnectionOptions connection;
  AdmissionOptions admission;
  // File descriptors that the gate leaves to the rest of the process (the database).
  // It serves fewer connections rather than take more: each needs three.
  int descriptors_reserved = 128;
  // Shared with other gates and dialers; null: the gate's own.
  std::shared_ptr<Loop> loop;
};

class Gate {
 public:
  // Takes a connected socket, whose other end the gate serves, and owns it. Runs on
  // the loop's thread: must not block, nor call the gate back other than by PeerOf.
  using HandOver = std::function<void(int fd)>;

  // Listens. INVALID_ARGUMENT for a bad address, certificate or key;
  // ALREADY_EXISTS for a port in use; PERMISSION_DENIED; RESOURCE_EXHAUSTED.
  static absl::StatusOr<std::unique_ptr<Gate>> Start(GateOptions options, HandOver hand_over);

  // As Stop.
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  // Listens no more and closes all connections; waits until that is done. Not from
  // the loop's thread. A second call has no effect.
  void Stop();

  // Where it listens.
  [[nodiscard]] std::uint16_t port() const;

  // Ends the connection with this PeerInfo::id at once, if there still is one. Does not wait for
  // it.
  void Close(std::uint64_t connection);

  // Who is at the other end, by grpc::ServerContext::peer() ("fd:N") or by the
  // descriptor handed over. Nothing when the connection has ended.
  [[nodiscard]] std::optional<PeerInfo> PeerOf(std::string_view peer) const;
  [[nodiscard]] std::optional<PeerInfo> PeerOf(int fd) const;

  [[nodiscard]] CountersSnapshot counters() const;

 private:
  class Impl;
  Gate(std::shared_ptr<Loop> loop, std::shared_ptr<Impl> impl);

  const std::shared_ptr<Loop> loop_;  // first, as it goes last
  std::shared_ptr<Impl> impl_;
};

}  // namespace bourse::gate
