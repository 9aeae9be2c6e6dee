#include "node/api/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/codegen/service_type.h>
#include <grpcpp/server_posix.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "node/api/services.h"
#include "node/gate/gate.h"
#include "node/gate/server_hardening.h"

namespace bourse::api {

class Server::Impl {
 public:
  explicit Impl(Backend* backend) {
    services_.push_back(
        MakeSubmitService(backend, [this](std::string_view peer) { return SourceOfPeer(peer); }));
    services_.push_back(MakeAccountService(backend));
    services_.push_back(MakeMarketService(backend));
    services_.push_back(MakeLedgerService(backend));
    services_.push_back(MakeNodeService(backend));
  }

  absl::Status Start(ServerOptions options) {
    static std::once_flag plugins;  // they are the process's, not the server's
    std::call_once(plugins, [] {
      grpc::EnableDefaultHealthCheckService(true);
      grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    });
    grpc::ServerBuilder builder;
    gate::Harden(builder);
    for (const auto& service : services_) builder.RegisterService(service.get());
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) return absl::InternalError("gRPC can't start a server");
    Serving(true);

    gate::GateOptions gate_options;
    gate_options.address = options.address;
    gate_options.port = options.port;
    gate_options.tls = std::move(options.tls);
    auto gate = gate::Gate::Start(std::move(gate_options), [server = server_.get()](int fd) {
      grpc::AddInsecureChannelFromFd(server, fd);
    });
    if (!gate.ok()) return gate.status();
    gate_ = *std::move(gate);
    open_gate_.store(gate_.get());
    return absl::OkStatus();
  }

  void Serving(bool serving) {
    grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
    if (health != nullptr) health->SetServingStatus(serving);
  }

  void Stop(std::uint32_t grace_ms) {
    if (server_ == nullptr) return;
    if (gate_ != nullptr) {
      // Answers that are on their way get out before the gate closes what carries them.
      server_->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(grace_ms));
      gate_->Stop();
    } else {
      server_->Shutdown();
    }
    server_.reset();
  }

  [[nodiscard]] std::uint16_t port() const { return gate_->port(); }

 private:
  // All connections from an address are one source.
  [[nodiscard]] std::uint64_t SourceOfPeer(std::string_view peer) const {
    const gate::Gate* gate = open_gate_.load();
    if (gate == nullptr) return 0;
    const std::optional<gate::PeerInfo> info = gate->PeerOf(peer);
    return info ? std::hash<std::string>()(info->address) : 0;
  }

  std::vector<std::unique_ptr<grpc::Service>> services_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<gate::Gate> gate_;
  std::atomic<const gate::Gate*> open_gate_{nullptr};  // calls may come before gate_ is set
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options, Backend* backend) {
  auto impl = std::make_unique<Impl>(backend);
  const absl::Status started = impl->Start(std::move(options));
  if (!started.ok()) {
    impl->Stop(0);
    return started;
  }
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() { Stop(0); }

void Server::Drain() { impl_->Serving(false); }
void Server::Stop(std::uint32_t grace_ms) { impl_->Stop(grace_ms); }
std::uint16_t Server::port() const { return impl_->port(); }

}  // namespace bourse::api
