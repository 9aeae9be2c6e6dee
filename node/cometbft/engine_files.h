// EngineFiles: what CometBFT starts from, in a folder of its own that is its --home:
//
//   config/config.toml               its settings, where they differ from its own defaults
//   config/genesis.json              the network: our genesis is its app_state
//   config/priv_validator_key.json   the node's key, with which it votes
//   data/priv_validator_state.json   what it signed last; it must never be put back
//
// The key by which its peers know it, config/node_key.json, it makes by itself.
#pragma once

#include <string>

#include "common/ed25519.h"
#include "ledger/genesis.h"

namespace bourse::cometbft {

// `app`: where the node answers (Server::address).
[[nodiscard]] std::string ConfigToml(const std::string& app);
[[nodiscard]] std::string GenesisJson(const ledger::Genesis& genesis);
[[nodiscard]] std::string ValidatorKeyJson(const KeyPair& key);
[[nodiscard]] std::string ValidatorStateJson();

}  // namespace bourse::cometbft
