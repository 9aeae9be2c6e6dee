// Server: the node's gRPC server behind its gate. Every connection comes through the gate.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "node/api/backend.h"
#include "node/gate/tls.h"

namespace bourse::api {

struct ServerOptions {
  std::string address = "127.0.0.1";  // numeric
  std::uint16_t port = 0;             // 0: any free one
  std::optional<gate::TlsOptions> tls;
};

// The five services, the standard health service and server reflection. Thread-safe.
class Server {
 public:
  // Starts to serve; the backend must outlive it. Errors as of gate::Gate::Start.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options,
                                                                     Backend* backend);

  // As Stop.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Health says NOT_SERVING from now on.
  void Drain();
  // Ends all calls, those that have not ended by themselves after `grace_ms` by force, and closes
  // all connections. REQUIRES: the backend answers what it was asked, or has.
  void Stop(std::uint32_t grace_ms);

  [[nodiscard]] std::uint16_t port() const;

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bourse::api
