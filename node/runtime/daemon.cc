#include "node/runtime/daemon.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "ledger/rocks_store.h"
#include "node/api/server.h"
#include "node/runtime/log.h"
#include "node/runtime/node.h"

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

int WorkerCount(const config::Config& config) {
  if (config.workers > 0) return static_cast<int>(config.workers);
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()) - 1);
}

// Whether this node can make blocks for the network.
absl::Status CheckValidator(const ledger::Genesis& genesis, const PublicKey& key) {
  if (genesis.validators.size() != 1) {
    return absl::FailedPreconditionError(
        absl::StrCat("genesis.json names ", genesis.validators.size(),
                     " validators; this version runs networks of one"));
  }
  if (genesis.validators[0].key != key) {
    return absl::FailedPreconditionError(
        absl::StrCat("node_key is not the key of the validator in genesis.json: it is ",
                     ToHex(Bytes(key.bytes)), ", the validator's is ",
                     ToHex(Bytes(genesis.validators[0].key.bytes)), "; put the right file back"));
  }
  return absl::OkStatus();
}

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

absl::StatusOr<std::unique_ptr<Node>> OpenNode(const config::Home& home,
                                               const config::Config& config, ledger::Store* store) {
  const absl::StatusOr<KeyPair> key = config::ReadNodeKey(home);
  if (!key.ok()) return key.status();
  absl::StatusOr<ledger::Genesis> genesis = config::ReadGenesis(home);
  if (!genesis.ok()) return genesis.status();
  NodeOptions options;
  options.identity.version = kVersion;
  options.identity.genesis = *std::move(genesis);
  options.identity.node_key = key->public_key();
  options.workers = WorkerCount(config);
  options.idle_us = std::uint64_t{config.idle_interval_ms} * 1'000;
  options.block_interval_min_us = std::uint64_t{config.min_block_interval_ms} * 1'000;
  absl::StatusOr<std::unique_ptr<Node>> node = Node::Open(store, options);
  if (!node.ok()) return node.status();
  const absl::Status validator = CheckValidator(options.identity.genesis, key->public_key());
  if (!validator.ok()) return validator;
  return node;
}

}  // namespace

absl::Status RunDaemon(const config::Home& home, const config::Config& config) {
  const StopSignals signals;
  absl::StatusOr<api::ServerOptions> server_options = MakeServerOptions(home, config);
  if (!server_options.ok()) return server_options.status();
  const std::string address = server_options->address;

  absl::StatusOr<std::unique_ptr<ledger::RocksStore>> store = config::OpenLedger(home);
  if (!store.ok()) return store.status();
  std::error_code error;
  std::filesystem::remove(home.listen(), error);  // of a node that was killed
  absl::StatusOr<std::unique_ptr<Node>> node = OpenNode(home, config, store->get());
  if (!node.ok()) return node.status();

  Failure failure;
  (*node)->Start([&failure](const absl::Status& status) {
    failure.Set(status);
    StopSignals::Raise();
  });
  absl::StatusOr<std::unique_ptr<api::Server>> server =
      api::Server::Start(*std::move(server_options), node->get());
  if (!server.ok()) return server.status();
  const std::string endpoint = EndpointText(address, (*server)->port());
  const absl::Status written = config::WriteFile(home.listen(), endpoint + "\n");
  if (!written.ok()) return written;
  Log(LogLevel::kInfo, "serving",
      {{"address", endpoint},
       {"tls", config.tls_cert.empty() ? "no" : "yes"},
       {"home", home.path},
       {"chain", (*node)->identity().genesis.chain_name},
       {"genesis_hash", ToHex((*node)->identity().genesis_hash)}});

  signals.Wait();
  Log(LogLevel::kInfo, "stopping");
  std::filesystem::remove(home.listen(), error);
  (*server)->Drain();
  (*node)->Stop();
  (*server)->Stop(kStopGraceMs);
  server->reset();
  node->reset();
  store->reset();
  Log(LogLevel::kInfo, "stopped");
  return failure.Get();
}

}  // namespace bourse::runtime
