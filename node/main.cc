// boursed: the node.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/address.h"
#include "common/ed25519.h"
#include "common/hash.h"
#include "ledger/genesis.h"
#include "node/config/config.h"
#include "node/config/home.h"
#include "node/runtime/audit.h"
#include "node/runtime/daemon.h"
#include "node/runtime/log.h"

namespace bourse {
namespace {

// Flags of `start`; those that are not given leave what the file says.
struct StartFlags {
  std::string home;
  std::optional<std::string> listen, tls_cert, tls_key, peer_listen, log_level;
  std::optional<std::string> engine, engine_listen, engine_rpc;
  std::optional<std::vector<std::string>> peers;
  std::optional<std::uint32_t> idle_interval_ms, min_block_interval_ms, slot_timeout_ms, workers;
  bool insecure = false;
};

struct InitFlags {
  config::InitOptions options;
  std::string owner;
  bool key_only = false;
};

struct AuditFlags {
  std::string home;
  std::optional<std::string> engine_rpc;
};

constexpr char kStartExamples[] = R"(
Examples:
  boursed start --home node1
  boursed start --home node1 --listen 127.0.0.1:0 --log-level debug
  boursed start --home node1 --listen 0.0.0.0:7400 --tls-cert cert.pem --tls-key key.pem
  boursed start --home node1 --peer-listen 0.0.0.0:7500 --peers two@192.0.2.2:7500
  boursed start --home node1 --engine cometbft --engine-rpc 127.0.0.1:26657

A node whose key is among the validators of genesis.json votes; any other follows. Stop it by
SIGTERM or Ctrl-C. While it runs, the file `listen` in the home folder says where it serves, and
`peer_listen` where other nodes connect.)";

constexpr char kInitExamples[] = R"(
Examples:
  boursed init --home node1
  boursed init --home node1 --owner bourse1...
  boursed init --home node1 --key-only
  boursed init --home node1 --genesis genesis.json
  boursed init --home node1 --genesis genesis.json --engine cometbft

Makes the folder, the node's key (node_key), boursed.toml, genesis.json, the ledger with the genesis
in it and an empty consensus log. With --key-only it makes the key alone, or finds it, and says its
public half: that is what goes into a genesis of several validators. Without --genesis it starts a
new network of one validator, this node, with one asset, BRS, that pays the fees; all of it is in
the owner's account. In a genesis file, an empty list of validators stands for this node. For
CometBFT as the engine it makes CometBFT's home, too, the folder cometbft in the node's.)";

constexpr char kAuditExamples[] = R"(
Examples:
  boursed audit --home node1
  boursed audit --home node1 --engine-rpc 127.0.0.1:26667

The node must not run. Runs every block again from the genesis, its signatures included, and
compares roots, receipts, swaps, events and all records with what the ledger holds. Ends with 0 if
all is the same and the laws hold, with 1 if not; then it says where. With --engine-rpc, what
CometBFT ordered is also compared with the headers that one of the network's engines has.)";

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "boursed: %s\n", std::string(status.message()).c_str());
  return 1;
}

template <typename Value>
void Override(const std::optional<Value>& flag, Value* setting) {
  if (flag) *setting = *flag;
}

int Start(const StartFlags& flags) {
  const config::Home home(flags.home);
  absl::StatusOr<config::Config> config = config::ReadConfig(home);
  if (!config.ok()) return Fail(config.status());
  Override(flags.listen, &config->listen);
  Override(flags.tls_cert, &config->tls_cert);
  Override(flags.tls_key, &config->tls_key);
  Override(flags.peer_listen, &config->peer_listen);
  Override(flags.peers, &config->peers);
  Override(flags.engine, &config->engine);
  Override(flags.engine_listen, &config->engine_listen);
  Override(flags.engine_rpc, &config->engine_rpc);
  Override(flags.log_level, &config->log_level);
  Override(flags.idle_interval_ms, &config->idle_interval_ms);
  Override(flags.min_block_interval_ms, &config->min_block_interval_ms);
  Override(flags.slot_timeout_ms, &config->slot_timeout_ms);
  Override(flags.workers, &config->workers);
  if (flags.insecure) config->insecure = true;
  const absl::Status valid = config::Validate(*config);
  if (!valid.ok()) return Fail(valid);
  runtime::StartLog(config->log_level);
  const absl::Status ran = runtime::RunDaemon(home, *config);
  return ran.ok() ? 0 : Fail(ran);
}

int InitKey(const std::string& folder) {
  const absl::StatusOr<PublicKey> key = config::InitKey(folder);
  if (!key.ok()) return Fail(key.status());
  std::printf("%s\n", ToHex(Bytes(key->bytes)).c_str());
  return 0;
}

// What the node will be in its network.
std::string RoleOf(const config::Home& home) {
  const absl::StatusOr<ledger::Genesis> genesis = config::ReadGenesis(home);
  const absl::StatusOr<KeyPair> key = config::ReadNodeKey(home);
  if (!genesis.ok() || !key.ok()) return "";
  const std::string digits = ToHex(Bytes(key->public_key().bytes));
  for (const ledger::Validator& validator : genesis->validators) {
    if (validator.key != key->public_key()) continue;
    return absl::StrCat("It is the validator ", validator.name, " of ", genesis->validators.size(),
                        ", with the key ", digits, ".");
  }
  return absl::StrCat("It is a full node, with the key ", digits, ".");
}

int Init(InitFlags flags) {
  if (flags.key_only) return InitKey(flags.options.home);
  if (!flags.owner.empty()) {
    const absl::StatusOr<AccountId> owner = ParseAddress(flags.owner);
    if (!owner.ok()) {
      return Fail(absl::InvalidArgumentError("--owner: " + std::string(owner.status().message())));
    }
    flags.options.owner = *owner;
  }
  const absl::Status made = config::InitHome(flags.options);
  if (!made.ok()) return Fail(made);
  const char* home = flags.options.home.c_str();
  std::printf("The node's home is %s. %s\nStart it by: boursed start --home %s\n", home,
              RoleOf(config::Home(home)).c_str(), home);
  return 0;
}

int Audit(const AuditFlags& flags) {
  const absl::StatusOr<std::string> verdict = runtime::AuditHome(
      config::Home(flags.home), flags.engine_rpc,
      [](const std::string& line) { std::fprintf(stderr, "boursed: %s\n", line.c_str()); });
  if (!verdict.ok()) return Fail(verdict.status());
  std::printf("%s\n", verdict->c_str());
  return 0;
}

std::string DefaultHome() {
  const char* home = std::getenv("HOME");
  return std::string(home == nullptr ? "." : home) + "/.boursed";
}

void AddStart(CLI::App& app, StartFlags* flags) {
  CLI::App* start = app.add_subcommand("start", "Run the node of a home folder");
  start->footer(kStartExamples);
  start->add_option("--home", flags->home, "The node's folder")->capture_default_str();
  start->add_option("--listen", flags->listen,
                    "address:port for clients; port 0 takes any free one (127.0.0.1:7400)");
  start->add_option("--tls-cert", flags->tls_cert, "PEM file with the certificate");
  start->add_option("--tls-key", flags->tls_key, "PEM file with its key");
  start->add_flag("--insecure", flags->insecure, "Serve other computers without TLS");
  start->add_option("--peer-listen", flags->peer_listen,
                    "address:port for other nodes; \"\" for none (127.0.0.1:7500)");
  start->add_option("--peers", flags->peers, "Other nodes, KEY@host:port,...")->delimiter(',');
  start->add_option("--engine", flags->engine, "What orders the blocks: simplex or cometbft");
  start->add_option("--engine-listen", flags->engine_listen,
                    "127.0.0.1:port where CometBFT finds the node (the socket HOME/abci)");
  start->add_option("--engine-rpc", flags->engine_rpc,
                    "address:port of CometBFT's RPC (127.0.0.1:26657)");
  start->add_option("--log-level", flags->log_level, "trace, debug, info, warning or error (info)");
  start->add_option("--idle-interval-ms", flags->idle_interval_ms,
                    "An empty block after so long without work (1000)");
  start->add_option("--min-block-interval-ms", flags->min_block_interval_ms,
                    "The least time from a block to the next (0)");
  start->add_option("--slot-timeout-ms", flags->slot_timeout_ms,
                    "How long a validator has to propose (1000)");
  start->add_option("--workers", flags->workers, "Threads that verify signatures (processors - 1)");
}

void AddInit(CLI::App& app, InitFlags* flags) {
  CLI::App* init = app.add_subcommand("init", "Make the home folder of a new node");
  init->footer(kInitExamples);
  init->add_option("--home", flags->options.home, "The folder to make")->capture_default_str();
  CLI::Option* const genesis =
      init->add_option("--genesis", flags->options.genesis_file, "The network's genesis.json");
  init->add_option("--name", flags->options.name, "The node's name, and that of a new network")
      ->capture_default_str();
  init->add_option("--owner", flags->owner, "Account of a new network's BRS (the node's own key)")
      ->excludes(genesis);
  init->add_option("--engine", flags->options.engine, "What shall order the blocks, as start's")
      ->check(CLI::IsMember({config::kSimplex, config::kCometBft}))
      ->capture_default_str();
  init->add_flag("--key-only", flags->key_only, "Only make the node's key, and say it")
      ->excludes(genesis);
}

void AddAudit(CLI::App& app, AuditFlags* flags) {
  CLI::App* audit =
      app.add_subcommand("audit", "Check that a node's ledger is what its blocks say");
  audit->footer(kAuditExamples);
  audit->add_option("--home", flags->home, "The node's folder")->capture_default_str();
  audit->add_option("--engine-rpc", flags->engine_rpc,
                    "address:port of a CometBFT's RPC, whose headers are compared");
}

int Run(int argc, char** argv) {
  const absl::Status verifier = CheckVerifier();
  if (!verifier.ok()) return Fail(verifier);

  CLI::App app("A node of Bourse, an exchange that needs no operator.", "boursed");
  app.require_subcommand(1);
  StartFlags start;
  InitFlags init;
  AuditFlags audit;
  start.home = init.options.home = audit.home = DefaultHome();
  AddInit(app, &init);
  AddStart(app, &start);
  AddAudit(app, &audit);
  app.add_subcommand("version", "Say which version this is");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (app.got_subcommand("init")) return Init(init);
  if (app.got_subcommand("start")) return Start(start);
  if (app.got_subcommand("audit")) return Audit(audit);
  std::printf("boursed %s\n", runtime::kVersion);
  return 0;
}

}  // namespace
}  // namespace bourse

int main(int argc, char** argv) { return bourse::Run(argc, argv); }
