// Home: the folder of one node.
//
//   boursed.toml    what the operator sets (node/config/config.h)
//   genesis.json    what the network started from (node/config/genesis_json.h)
//   node_key        the node's key file, not encrypted, mode 0600 (common/key_file.h)
//   node_key.unused only before the rest is made: this key has signed nothing yet
//   ledger/         the database
//   consensus/      what the node voted for (node/storage/consensus_log.h)
//   cometbft/       in its stead, with that engine: its home (node/cometbft/engine_files.h)
//   abci            while the node runs: the socket where CometBFT finds it
//   listen          while the node runs: the address:port where it serves clients
//   peer_listen     while the node runs: the address:port where other nodes connect, if any
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/ed25519.h"
#include "ledger/genesis.h"
#include "ledger/rocks_store.h"
#include "node/config/config.h"

namespace bourse::config {

struct Home {
  explicit Home(std::string folder) : path(std::move(folder)) {}

  [[nodiscard]] std::string At(const std::string& name) const { return path + "/" + name; }
  [[nodiscard]] std::string toml() const { return At("boursed.toml"); }
  [[nodiscard]] std::string genesis() const { return At("genesis.json"); }
  [[nodiscard]] std::string node_key() const { return At("node_key"); }
  [[nodiscard]] std::string unused_key() const { return At("node_key.unused"); }
  [[nodiscard]] std::string ledger() const { return At("ledger"); }
  [[nodiscard]] std::string consensus() const { return At("consensus"); }
  [[nodiscard]] std::string engine() const { return At("cometbft"); }
  [[nodiscard]] std::string engine_socket() const { return At("abci"); }
  [[nodiscard]] std::string listen() const { return At("listen"); }
  [[nodiscard]] std::string peer_listen() const { return At("peer_listen"); }

  std::string path;
};

struct InitOptions {
  std::string home;
  std::string genesis_file;        // empty: a new network
  std::string name = "node";       // of the node as a validator, and of a new network
  std::optional<AccountId> owner;  // of a new network's supply; none: the node's key
  std::string engine = kSimplex;   // as Config::engine
};

// Makes the home folder of a new node, with the genesis in its ledger, and an empty consensus log
// or the home of its engine. A list of validators that is empty in the genesis file stands for this
// node: its key is put there. kAlreadyExists if the folder holds anything but what InitKey made,
// and a boursed.toml, which stays; on an error nothing else is left behind.
[[nodiscard]] absl::Status InitHome(const InitOptions& options);

// Makes the node's key alone, so that it can be put into a genesis before InitHome; again, it gives
// the same. kAlreadyExists if the folder holds anything else. Why InitHome takes no other key: one
// that has voted must never do so without the log of its votes.
[[nodiscard]] absl::StatusOr<PublicKey> InitKey(const std::string& folder);

// The genesis of a new network with one validator: BRS, the fee asset, of 8 decimals, and all of
// its supply of a thousand million in one account, from which it can be handed out.
[[nodiscard]] ledger::Genesis NewGenesis(const std::string& name, TimeMicros now,
                                         const AccountId& owner, const PublicKey& validator);

// Reads the files of a home folder. kNotFound, with what to do, if there is none.
[[nodiscard]] absl::StatusOr<Config> ReadConfig(const Home& home);
[[nodiscard]] absl::StatusOr<ledger::Genesis> ReadGenesis(const Home& home);
[[nodiscard]] absl::StatusOr<KeyPair> ReadNodeKey(const Home& home);

// Opens the ledger of a home folder. kNotFound, with what to do, if there is none; other errors as
// of RocksStore::Open.
[[nodiscard]] absl::StatusOr<std::unique_ptr<ledger::RocksStore>> OpenLedger(const Home& home);

// A whole file; errors begin with its path.
[[nodiscard]] absl::StatusOr<std::string> ReadFile(const std::string& path);
// Writes a new file of mode 0600, or replaces one, whole.
[[nodiscard]] absl::Status WriteFile(const std::string& path, const std::string& text);

}  // namespace bourse::config
