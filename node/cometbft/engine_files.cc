#include "node/cometbft/engine_files.h"

#include <cstdint>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/hash.h"
#include "node/cometbft/driver.h"
#include "node/config/genesis_json.h"

namespace bourse::cometbft {
namespace {

using Json = nlohmann::ordered_json;

std::string Base64(const std::string& bytes) { return absl::Base64Escape(bytes); }

Json Typed(const char* type, const std::string& bytes) {
  return {{"type", type}, {"value", Base64(bytes)}};
}

}  // namespace

std::string ConfigToml(const std::string& app) {
  return absl::StrCat(R"(# CometBFT's settings, where they differ from its defaults. Flags of
# `cometbft start` of the same names win.

# Where the node answers: boursed start --engine cometbft.
proxy_app = ")",
                      app, R"("
log_level = "error"

[rpc]
# Where boursed hands over transactions. Whoever reaches it can fill this node's queue.
laddr = "tcp://127.0.0.1:26657"

[p2p]
laddr = "tcp://0.0.0.0:26656"
# Other nodes, ID@host:port each, by commas; `cometbft show-node-id` says a node's ID.
persistent_peers = ""
# The other way round where several nodes are on one computer.
allow_duplicate_ip = false
addr_book_strict = true
flush_throttle_timeout = "10ms"
send_rate = 20480000
recv_rate = 20480000

[mempool]
size = 100000
max_txs_bytes = 268435456
max_tx_bytes = 65536
cache_size = 200000

[consensus]
# A block as soon as there is something for it. Without work, one a second, for what expires.
timeout_commit = "0s"
skip_timeout_commit = true
create_empty_blocks = true
create_empty_blocks_interval = "1s"
peer_gossip_sleep_duration = "10ms"
)");
}

std::string GenesisJson(const ledger::Genesis& genesis) {
  const absl::Time time = absl::FromUnixMicros(static_cast<std::int64_t>(genesis.time.value()));
  const Json json = {
      {"genesis_time", absl::FormatTime("%Y-%m-%d%ET%H:%M:%E6SZ", time, absl::UTCTimeZone())},
      {"chain_id", ChainId(ledger::GenesisHash(genesis))},
      {"initial_height", "1"},
      {"app_hash", ""},
      {"app_state", Json::parse(config::GenesisToJson(genesis))}};
  return json.dump(2) + "\n";
}

std::string ValidatorKeyJson(const KeyPair& key) {
  const auto seed = key.seed();
  const std::string public_key(AsText(Bytes(key.public_key().bytes)));
  const Json json = {{"address", ""},  // follows from the key
                     {"pub_key", Typed("tendermint/PubKeyEd25519", public_key)},
                     {"priv_key", Typed("tendermint/PrivKeyEd25519",
                                        std::string(AsText(Bytes(seed))) + public_key)}};
  return json.dump(2) + "\n";
}

std::string ValidatorStateJson() {
  return Json({{"height", "0"}, {"round", 0}, {"step", 0}}).dump(2) + "\n";
}

}  // namespace bourse::cometbft
