#include "node/runtime/cometbft_home.h"

#include <filesystem>
#include <utility>

#include "common/ed25519.h"
#include "ledger/genesis.h"
#include "node/runtime/engine_check.h"
#include "node/runtime/node_home.h"

namespace bourse::runtime {
namespace {

absl::StatusOr<CometBftNodeOptions> MakeOptions(const config::Home& home,
                                                const config::Config& config) {
  const absl::StatusOr<KeyPair> key = config::ReadNodeKey(home);
  if (!key.ok()) return key.status();
  absl::StatusOr<ledger::Genesis> genesis = config::ReadGenesis(home);
  if (!genesis.ok()) return genesis.status();
  const absl::StatusOr<config::Endpoint> rpc =
      config::ParseEndpoint(config.engine_rpc, "engine_rpc");
  if (!rpc.ok()) return rpc.status();
  CometBftNodeOptions out;
  out.identity.version = kVersion;
  out.identity.genesis = *std::move(genesis);
  out.identity.node_key = key->public_key();
  out.identity.engine = config.engine;
  out.workers = WorkerCount(config);
  out.rpc.host = rpc->address;
  out.rpc.port = rpc->port;
  if (config.engine_listen.empty()) {
    out.app.unix_path = std::filesystem::absolute(home.engine_socket()).string();
    return out;
  }
  const absl::StatusOr<config::Endpoint> app =
      config::ParseEndpoint(config.engine_listen, "engine_listen");
  if (!app.ok()) return app.status();
  out.app.loopback_port = app->port;
  return out;
}

}  // namespace

absl::StatusOr<CometBftHome> OpenCometBftHome(const config::Home& home,
                                              const config::Config& config) {
  CometBftHome out;
  absl::StatusOr<CometBftNodeOptions> options = MakeOptions(home, config);
  if (!options.ok()) return options.status();
  auto store = config::OpenLedger(home);
  if (!store.ok()) return store.status();
  out.store = *std::move(store);
  if (absl::Status fits = CheckEngine(home, config.engine, *out.store); !fits.ok()) return fits;
  absl::StatusOr<std::unique_ptr<CometBftNode>> node =
      CometBftNode::Open(out.store.get(), *std::move(options));
  if (!node.ok()) return node.status();
  out.node = *std::move(node);
  return out;
}

}  // namespace bourse::runtime
