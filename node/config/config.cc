#include "node/config/config.h"

#include <arpa/inet.h>

#include <array>
#include <limits>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "node/config/nearest.h"
#include "node/config/peers.h"
#include "node/config/strict_json.h"
#include "toml++/toml.h"

namespace bourse::config {
namespace {

constexpr std::array<std::string_view, 5> kLogLevels = {"trace", "debug", "info", "warning",
                                                        "error"};

const std::vector<std::string>& Keys() {
  static const std::vector<std::string> keys = {
      "listen",          "tls_cert",  "tls_key",          "insecure",
      "peer_listen",     "peers",     "engine",           "engine_listen",
      "engine_rpc",      "log_level", "idle_interval_ms", "min_block_interval_ms",
      "slot_timeout_ms", "workers"};
  return keys;
}

absl::Status At(const toml::node& node, std::string_view key, std::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat("line ", node.source().begin.line, ": ",
                                                 std::string(key), ": ", std::string(text)));
}

// Each reads one value, or returns an error.
absl::Status Read(const toml::node& node, std::string_view key, std::string* out) {
  const std::optional<std::string> value = node.value_exact<std::string>();
  if (!value) return At(node, key, "expected text in quotes");
  *out = *value;
  return absl::OkStatus();
}

absl::Status Read(const toml::node& node, std::string_view key, bool* out) {
  const std::optional<bool> value = node.value_exact<bool>();
  if (!value) return At(node, key, "expected true or false");
  *out = *value;
  return absl::OkStatus();
}

absl::Status Read(const toml::node& node, std::string_view key, std::uint32_t* out) {
  const std::optional<std::int64_t> value = node.value_exact<std::int64_t>();
  if (!value || *value < 0 || *value > std::numeric_limits<std::uint32_t>::max()) {
    return At(node, key, "expected a whole number");
  }
  *out = static_cast<std::uint32_t>(*value);
  return absl::OkStatus();
}

absl::Status Read(const toml::node& node, std::string_view key, std::vector<std::string>* out) {
  const toml::array* list = node.as_array();
  if (list == nullptr) return At(node, key, "expected a list of texts, as [\"a\", \"b\"]");
  out->clear();
  for (const toml::node& each : *list) {
    out->emplace_back();
    if (absl::Status read = Read(each, key, &out->back()); !read.ok()) return read;
  }
  return absl::OkStatus();
}

absl::Status ReadKey(std::string_view key, const toml::node& node, Config* config) {
  if (key == "listen") return Read(node, key, &config->listen);
  if (key == "tls_cert") return Read(node, key, &config->tls_cert);
  if (key == "tls_key") return Read(node, key, &config->tls_key);
  if (key == "insecure") return Read(node, key, &config->insecure);
  if (key == "peer_listen") return Read(node, key, &config->peer_listen);
  if (key == "peers") return Read(node, key, &config->peers);
  if (key == "engine") return Read(node, key, &config->engine);
  if (key == "engine_listen") return Read(node, key, &config->engine_listen);
  if (key == "engine_rpc") return Read(node, key, &config->engine_rpc);
  if (key == "log_level") return Read(node, key, &config->log_level);
  if (key == "idle_interval_ms") return Read(node, key, &config->idle_interval_ms);
  if (key == "min_block_interval_ms") return Read(node, key, &config->min_block_interval_ms);
  if (key == "slot_timeout_ms") return Read(node, key, &config->slot_timeout_ms);
  if (key == "workers") return Read(node, key, &config->workers);
  return At(node, key, absl::StrCat("unknown key", DidYouMean(key, Keys())));
}

absl::Status Invalid(std::string text) { return absl::InvalidArgumentError(std::move(text)); }

bool IsLoopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1";
}

absl::Status ValidatePeers(const Config& config) {
  if (!config.peer_listen.empty()) {
    const absl::StatusOr<Endpoint> endpoint = ParseEndpoint(config.peer_listen, "peer_listen");
    if (!endpoint.ok()) return endpoint.status();
  }
  for (const std::string& peer : config.peers) {
    const absl::StatusOr<PeerText> text = SplitPeer(peer);
    if (!text.ok()) return text.status();
  }
  return absl::OkStatus();
}

absl::Status ValidateEngine(const Config& config) {
  if (config.engine != kSimplex && config.engine != kCometBft) {
    return Invalid(absl::StrCat("engine: \"", config.engine, "\" is neither \"", kSimplex,
                                "\" nor \"", kCometBft, "\""));
  }
  if (config.engine == kSimplex) return absl::OkStatus();
  const absl::StatusOr<Endpoint> rpc = ParseEndpoint(config.engine_rpc, "engine_rpc");
  if (!rpc.ok()) return rpc.status();
  if (config.engine_listen.empty()) return absl::OkStatus();
  const absl::StatusOr<Endpoint> app = ParseEndpoint(config.engine_listen, "engine_listen");
  if (!app.ok()) return app.status();
  if (app->address == "127.0.0.1") return absl::OkStatus();
  return Invalid(
      "engine_listen: whoever connects can put blocks into the ledger, so it is "
      "127.0.0.1:port alone; without it, a socket that only the node's user reaches");
}

bool IsAddress(const std::string& address) {
  std::array<unsigned char, sizeof(in6_addr)> parsed;
  return inet_pton(AF_INET, address.c_str(), parsed.data()) == 1 ||
         inet_pton(AF_INET6, address.c_str(), parsed.data()) == 1;
}

}  // namespace

absl::Status ReadToml(std::string_view text, Config* config) {
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return Invalid(absl::StrCat("line ", parsed.error().source().begin.line, ": ",
                                std::string(parsed.error().description())));
  }
  for (const auto& [key, node] : parsed.table()) {
    if (absl::Status read = ReadKey(key.str(), node, config); !read.ok()) return read;
  }
  return absl::OkStatus();
}

std::string DefaultToml(std::string_view engine) {
  return absl::StrCat(
      R"(# What this node does. A flag of the same name (--log-level for log_level) wins over what is here.

# Where clients connect: address:port. Any other address than this computer's own needs TLS, or
# insecure = true.
listen = "127.0.0.1:7400"

# PEM files of a certificate and its key, relative to this folder.
# tls_cert = "tls/cert.pem"
# tls_key = "tls/key.pem"

# Serve other computers without TLS, where something else protects the way.
# insecure = false

# Where other nodes connect: address:port, or "" for nowhere. They prove by TLS that they have the
# keys of the genesis or of peers below, so any address will do.
peer_listen = "127.0.0.1:7500"

# Other nodes, KEY@host:port each: KEY is a node's public key (boursed init says it) or a validator's
# name in genesis.json; the host may be a name, and goes in brackets if it is an IPv6 address. KEY
# alone: it may connect to this node, but is not sought. Validators may always connect.
# peers = ["two@192.0.2.2:7500", "three@node3.example.org:7500"]

# What orders the blocks: "simplex", the node itself, or "cometbft", a process beside it.
engine = ")",
      std::string(engine), R"("

# Of CometBFT: where it finds the node, as 127.0.0.1:26658, or "" for the socket `abci` in this
# folder, which is safer; and where the node finds its RPC.
# engine_listen = ""
engine_rpc = "127.0.0.1:26657"

# trace, debug, info, warning or error.
log_level = "info"

# Without work, an empty block is made after so many milliseconds.
idle_interval_ms = 1000

# The least time from a block to the next. More makes fewer, larger blocks.
min_block_interval_ms = 0

# How long a validator has to propose before the others go on without it. Five to ten times what a
# message takes to the farthest validator; the same on all of them.
slot_timeout_ms = 1000

# Threads that verify signatures; 0: one less than there are processors.
workers = 0
)");
}

absl::StatusOr<Endpoint> ParseEndpoint(std::string_view text, std::string_view key) {
  const std::size_t colon = text.rfind(':');
  Endpoint out;
  std::uint64_t port = 0;
  if (colon == std::string_view::npos || !ParseDecimal(text.substr(colon + 1), &port) ||
      port > std::numeric_limits<std::uint16_t>::max()) {
    return Invalid(absl::StrCat(std::string(key), ": \"", std::string(text),
                                "\" is not address:port, as ",
                                key == "listen" ? Config().listen : Config().peer_listen));
  }
  out.port = static_cast<std::uint16_t>(port);
  out.address = std::string(text.substr(0, colon));
  if (out.address.starts_with('[') && out.address.ends_with(']')) {
    out.address = out.address.substr(1, out.address.size() - 2);
  }
  if (out.address == "localhost") out.address = "127.0.0.1";
  if (!IsAddress(out.address)) {
    return Invalid(
        absl::StrCat(std::string(key), ": \"", out.address,
                     "\" is not a numeric address; 0.0.0.0 means all of IPv4, [::] all"));
  }
  out.loopback = IsLoopback(out.address);
  return out;
}

absl::Status Validate(const Config& config) {
  const absl::StatusOr<Endpoint> endpoint = ParseEndpoint(config.listen);
  if (!endpoint.ok()) return endpoint.status();
  if (config.tls_cert.empty() != config.tls_key.empty()) {
    return Invalid("tls_cert and tls_key belong together: give both, or none");
  }
  if (!endpoint->loopback && config.tls_cert.empty() && !config.insecure) {
    return Invalid(absl::StrCat(
        "listen: ", config.listen,
        " can be reached from other computers: give --tls-cert and --tls-key, or --insecure if "
        "something else protects the way"));
  }
  if (absl::Status valid = ValidatePeers(config); !valid.ok()) return valid;
  if (absl::Status valid = ValidateEngine(config); !valid.ok()) return valid;
  if (std::find(kLogLevels.begin(), kLogLevels.end(), config.log_level) == kLogLevels.end()) {
    return Invalid(absl::StrCat("log_level: \"", config.log_level,
                                "\" is none of trace, debug, info, warning, error"));
  }
  if (config.idle_interval_ms < 10 || config.idle_interval_ms > 60'000) {
    return Invalid("idle_interval_ms: 10 to 60000 are possible");
  }
  if (config.min_block_interval_ms > 60'000) {
    return Invalid("min_block_interval_ms: 0 to 60000 are possible");
  }
  if (config.slot_timeout_ms < 20 || config.slot_timeout_ms > 60'000) {
    return Invalid("slot_timeout_ms: 20 to 60000 are possible");
  }
  if (config.workers > 64) return Invalid("workers: 0 to 64 are possible");
  return absl::OkStatus();
}

}  // namespace bourse::config
