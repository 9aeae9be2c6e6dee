#include "node/runtime/daemon.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "node/api/server.h"
#include "node/runtime/cometbft_home.h"
#include "node/runtime/log.h"
#include "node/runtime/node.h"
#include "node/runtime/node_home.h"

namespace bourse::runtime {
namespace {

// Calls that have not ended by themselves when the node stops are given so long.
constexpr std::uint32_t kStopGraceMs = 2'000;

// SIGTERM and SIGINT as something to wait for. Made before any thread, so that all inherit it.
class StopSignals {
 public:
  StopSignals() {
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  void Wait() const {
    int number = 0;
    while (sigwait(&set_, &number) != 0) {
    }
  }
  static void Raise() { kill(getpid(), SIGTERM); }

 private:
  sigset_t set_;
};

absl::StatusOr<api::ServerOptions> MakeServerOptions(const config::Home& home,
                                                     const config::Config& config) {
  const absl::StatusOr<config::Endpoint> endpoint = config::ParseEndpoint(config.listen);
  if (!endpoint.ok()) return endpoint.status();
  api::ServerOptions options;
  options.address = endpoint->address;
  options.port = endpoint->port;
  if (!config.tls_cert.empty()) {
    const std::filesystem::path base(home.path);
    absl::StatusOr<gate::TlsOptions> tls =
        gate::ReadTlsFiles((base / config.tls_cert).string(), (base / config.tls_key).string());
    if (!tls.ok()) return tls.status();
    options.tls = *std::move(tls);
  }
  return options;
}

std::string EndpointText(const std::string& address, std::uint16_t port) {
  const bool six = address.find(':') != std::string::npos;
  return absl::StrCat(six ? "[" : "", address, six ? "]" : "", ":", port);
}

// What made the node stop by itself, if anything.
class Failure {
 public:
  void Set(const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    status_ = status;
  }
  [[nodiscard]] absl::Status Get() {
    absl::MutexLock lock(&mutex_);
    return status_;
  }

 private:
  absl::Mutex mutex_;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

// Without keys nobody could connect.
absl::StatusOr<std::string> StartNetwork(const config::Home& home, NodeHome* parts) {
  if (parts->peers->peers.empty()) return std::string("none");
  const bool listens = parts->peers->listen.has_value();
  const std::string address = listens ? parts->peers->listen->address : "";
  const absl::Status started =
      parts->network->Start(*std::move(parts->peers), &parts->node->peer_events());
  if (!started.ok()) return started;
  if (!listens) return std::string("none");
  const std::string endpoint = EndpointText(address, parts->network->port());
  const absl::Status written = config::WriteFile(home.peer_listen(), endpoint + "\n");
  if (!written.ok()) return written;
  return endpoint;
}

void ForgetAddresses(const config::Home& home) {
  std::error_code error;
  std::filesystem::remove(home.listen(), error);
  std::filesystem::remove(home.peer_listen(), error);
}

std::string RoleOf(const Node& node) {
  const auto index = node.validators().Find(node.identity().node_key);
  if (!index) return "full node";
  return absl::StrCat("validator ", node.identity().genesis.validators[index->value()].name, " of ",
                      node.validators().size());
}

// A node that runs, on its way to those who ask it.
struct Running {
  api::Backend* backend;
  std::string role;
  std::string peers_at;        // of the log's line
  std::function<void()> stop;  // answers all that wait
};

// Serves clients until a signal or a failure; then stops the node and all that it has.
absl::Status Serve(const config::Home& home, const config::Config& config,
                   const StopSignals& signals, const Running& node) {
  absl::StatusOr<api::ServerOptions> options = MakeServerOptions(home, config);
  if (!options.ok()) return options.status();
  const std::string address = options->address;
  absl::StatusOr<std::unique_ptr<api::Server>> server =
      api::Server::Start(*std::move(options), node.backend);
  if (!server.ok()) return server.status();
  const std::string endpoint = EndpointText(address, (*server)->port());
  const absl::Status written = config::WriteFile(home.listen(), endpoint + "\n");
  if (!written.ok()) return written;
  const api::NodeIdentity& identity = node.backend->identity();
  Log(LogLevel::kInfo, "serving",
      {{"address", endpoint},
       {"tls", config.tls_cert.empty() ? "no" : "yes"},
       {"peers_at", node.peers_at},
       {"role", node.role},
       {"home", home.path},
       {"chain", identity.genesis.chain_name},
       {"genesis_hash", ToHex(identity.genesis_hash)}});

  signals.Wait();
  Log(LogLevel::kInfo, "stopping");
  ForgetAddresses(home);
  (*server)->Drain();
  node.stop();
  (*server)->Stop(kStopGraceMs);
  return absl::OkStatus();
}

absl::Status RunWithPeers(const config::Home& home, const config::Config& config,
                          const StopSignals& signals) {
  absl::StatusOr<NodeHome> parts = OpenNodeHome(home, config);
  if (!parts.ok()) return parts.status();
  Node& node = *parts->node;
  ForgetAddresses(home);  // of a node that was killed

  Failure failure;
  node.Start([&failure](const absl::Status& status) {
    failure.Set(status);
    StopSignals::Raise();
  });
  const absl::StatusOr<std::string> peer_endpoint = StartNetwork(home, &*parts);
  if (!peer_endpoint.ok()) return peer_endpoint.status();
  const absl::Status served =
      Serve(home, config, signals, {&node, RoleOf(node), *peer_endpoint, [&parts, &node] {
                                      parts->network->Stop();
                                      node.Stop();
                                    }});
  if (!served.ok()) return served;
  parts->node.reset();
  parts->store.reset();
  return failure.Get();
}

absl::Status RunWithCometBft(const config::Home& home, const config::Config& config,
                             const StopSignals& signals) {
  absl::StatusOr<CometBftHome> parts = OpenCometBftHome(home, config);
  if (!parts.ok()) return parts.status();
  CometBftNode& node = *parts->node;
  ForgetAddresses(home);

  Failure failure;
  const absl::Status started = node.Start([&failure](const absl::Status& status) {
    failure.Set(status);
    StopSignals::Raise();
  });
  if (!started.ok()) return started;
  const absl::Status served =
      Serve(home, config, signals,
            {&node, absl::StrCat("application of CometBFT, which finds it at ", node.app_address()),
             "none", [&node] { node.Stop(); }});
  if (!served.ok()) return served;
  parts->node.reset();
  parts->store.reset();
  return failure.Get();
}

}  // namespace

absl::Status RunDaemon(const config::Home& home, const config::Config& config) {
  const StopSignals signals;
  const absl::Status ran = config.engine == config::kCometBft
                               ? RunWithCometBft(home, config, signals)
                               : RunWithPeers(home, config, signals);
  if (ran.ok()) Log(LogLevel::kInfo, "stopped");
  return ran;
}

}  // namespace bourse::runtime
