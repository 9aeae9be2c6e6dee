// Config: what an operator can set, in `boursed.toml` or by a flag of the same name, which wins.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bourse::config {

// What orders the blocks.
inline constexpr char kSimplex[] = "simplex";    // the node itself
inline constexpr char kCometBft[] = "cometbft";  // a process beside it

struct Config {
  // Where clients connect: address:port, the port 0 for any free one.
  std::string listen = "127.0.0.1:7400";
  // PEM files; both or none. Relative to the home folder.
  std::string tls_cert;
  std::string tls_key;
  // Serve other computers without TLS.
  bool insecure = false;
  // Where other nodes connect: address:port, the port 0 for any free one; empty: nowhere. Always by
  // TLS with the nodes' keys.
  std::string peer_listen = "127.0.0.1:7500";
  // Other nodes: KEY@host:port, or KEY alone for one that only ever connects to this node. KEY is a
  // node's public key or a validator's name (node/config/peers.h).
  std::vector<std::string> peers;
  // kSimplex or kCometBft.
  std::string engine = kSimplex;
  // Where CometBFT finds the node: address:port of this computer; empty: a socket in the home.
  std::string engine_listen;
  // Where CometBFT's RPC is: address:port.
  std::string engine_rpc = "127.0.0.1:26657";
  // trace, debug, info, warning, error.
  std::string log_level = "info";
  // An empty block is made after so long without work. 10 to 60,000.
  std::uint32_t idle_interval_ms = 1'000;
  // The least time from a block to the next. 0 to 60,000.
  std::uint32_t min_block_interval_ms = 0;
  // How long a leader has before its slot is skipped, at first (T0 of Simplex). 20 to 60,000.
  std::uint32_t slot_timeout_ms = 1'000;
  // Threads that verify signatures; 0: one less than there are processors, at least 1. At most 64.
  std::uint32_t workers = 0;
};

struct Endpoint {
  std::string address;  // numeric
  std::uint16_t port = 0;
  bool loopback = false;
};

// Reads a file's text into what `config` is so far. kInvalidArgument with line and key: what is no
// TOML, an unknown key (with the nearest known one), a value of another type or out of range.
[[nodiscard]] absl::Status ReadToml(std::string_view text, Config* config);

// What `boursed init` writes: all keys with their defaults, but for the engine, and what they mean.
[[nodiscard]] std::string DefaultToml(std::string_view engine = kSimplex);

// Checks what must fit together. kInvalidArgument, with what to do.
[[nodiscard]] absl::Status Validate(const Config& config);

// Takes "address:port" apart ("[::1]:7400" for IPv6; "localhost" is 127.0.0.1). Errors begin with
// `key`.
[[nodiscard]] absl::StatusOr<Endpoint> ParseEndpoint(std::string_view text,
                                                     std::string_view key = "listen");

}  // namespace bourse::config
