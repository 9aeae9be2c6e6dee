#include "node/runtime/node_home.h"

#include <algorithm>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "node/config/peers.h"
#include "node/runtime/engine_check.h"
#include "node/runtime/log.h"
#include "node/storage/posix_disk.h"

namespace bourse::runtime {
namespace {

bool IsValidator(const ledger::Genesis& genesis, const PublicKey& key) {
  return std::any_of(genesis.validators.begin(), genesis.validators.end(),
                     [&](const ledger::Validator& one) { return one.key == key; });
}

// What a validator without its log must know. A network of one can't go on without it.
void WarnOfLostLog(const std::string& folder, const absl::Status& why) {
  Log(LogLevel::kError,
      "THIS VALIDATOR VOTES NO MORE: the log of its votes is missing or damaged, so it could "
      "contradict what it said. It follows as a full node. Put the log's folder back if you have "
      "it just as this node left it; never an older copy. Otherwise keep the node as a full node, "
      "and have the network take in a validator with a new key in its place",
      {{"log", folder}, {"error", std::string(why.message())}});
}

absl::StatusOr<Memory> OpenMemory(const config::Home& home, bool is_validator, NodeHome* out) {
  Memory memory;
  absl::StatusOr<storage::ConsensusLog::Opened> opened =
      storage::ConsensusLog::Open(out->disk.get(), home.consensus());
  if (opened.ok()) {
    if (opened->dropped_tail) {
      Log(LogLevel::kInfo,
          "dropped an unfinished end of the consensus log, of which nothing was "
          "sent");
    }
    out->log = std::move(opened->log);
    memory.log = out->log.get();
    memory.records = std::move(opened->records);
    return memory;
  }
  const absl::Status& why = opened.status();
  if (!absl::IsNotFound(why) && !absl::IsDataLoss(why)) return why;
  memory.why_none = "the log of its votes is missing or damaged: " + std::string(why.message());
  if (is_validator) WarnOfLostLog(home.consensus(), why);
  return memory;
}

absl::StatusOr<peer::Options> MakePeerOptions(const config::Config& config,
                                              const ledger::Genesis& genesis, const KeyPair& key,
                                              const Hash256& genesis_hash) {
  peer::Options options(key);
  options.genesis_hash = genesis_hash;
  options.software = kVersion;
  const auto named = config::ResolvePeers(config.peers, genesis, key.public_key());
  if (!named.ok()) return named.status();
  // Every validator may connect; whom to dial, the operator says.
  for (const ledger::Validator& validator : genesis.validators) {
    if (validator.key != key.public_key()) options.peers.push_back({validator.key, "", 0});
  }
  for (const config::Peer& one : *named) options.peers.push_back({one.key, one.host, one.port});
  if (config.peer_listen.empty()) return options;
  const auto endpoint = config::ParseEndpoint(config.peer_listen, "peer_listen");
  if (!endpoint.ok()) return endpoint.status();
  options.listen = {endpoint->address, endpoint->port};
  return options;
}

NodeOptions MakeNodeOptions(const config::Config& config, ledger::Genesis genesis,
                            const KeyPair& key) {
  NodeOptions options;
  options.identity.version = kVersion;
  options.identity.genesis = std::move(genesis);
  options.identity.node_key = key.public_key();
  options.identity.engine = config.engine;
  options.sign = [key](std::string_view bytes) { return key.Sign(AsBytes(bytes)); };
  options.workers = WorkerCount(config);
  options.idle_us = std::uint64_t{config.idle_interval_ms} * 1'000;
  options.block_interval_min_us = std::uint64_t{config.min_block_interval_ms} * 1'000;
  options.slot_timeout_us = std::uint64_t{config.slot_timeout_ms} * 1'000;
  return options;
}

}  // namespace

int WorkerCount(const config::Config& config) {
  if (config.workers > 0) return static_cast<int>(config.workers);
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()) - 1);
}

absl::StatusOr<NodeHome> OpenNodeHome(const config::Home& home, const config::Config& config) {
  NodeHome out;
  out.disk = std::make_unique<storage::PosixDisk>();
  out.network = std::make_unique<PeerNetwork>();
  auto store = config::OpenLedger(home);
  if (!store.ok()) return store.status();
  out.store = *std::move(store);
  if (absl::Status fits = CheckEngine(home, config.engine, *out.store); !fits.ok()) return fits;
  const absl::StatusOr<KeyPair> key = config::ReadNodeKey(home);
  if (!key.ok()) return key.status();
  absl::StatusOr<ledger::Genesis> genesis = config::ReadGenesis(home);
  if (!genesis.ok()) return genesis.status();
  absl::StatusOr<Memory> memory = OpenMemory(home, IsValidator(*genesis, key->public_key()), &out);
  if (!memory.ok()) return memory.status();
  absl::StatusOr<std::unique_ptr<Node>> node =
      Node::Open(out.store.get(), out.network.get(), *std::move(memory),
                 MakeNodeOptions(config, *genesis, *key));
  if (!node.ok()) return node.status();
  out.node = *std::move(node);
  absl::StatusOr<peer::Options> peers =
      MakePeerOptions(config, *genesis, *key, out.node->identity().genesis_hash);
  if (!peers.ok()) return peers.status();
  out.peers = *std::move(peers);
  return out;
}

}  // namespace bourse::runtime
