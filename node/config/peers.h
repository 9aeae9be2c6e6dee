// Peers: the other nodes that an operator names, in `peers` of boursed.toml.
//
//   "9f2c…e1@192.0.2.2:7500"            a node's public key, 64 hexadecimal digits, and its address
//   "two@node2.example.org:7500"        a validator by its name in the genesis
//   "two@[2001:db8::2]:7500"
//   "9f2c…e1"                           it may connect to this node, which does not seek it
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/ed25519.h"
#include "ledger/genesis.h"

namespace bourse::config {

// As written, taken apart.
struct PeerText {
  std::string who;   // a key's digits, or a name
  std::string host;  // a name or a numeric address, without brackets; empty: only accepted
  std::uint16_t port = 0;
};

struct Peer {
  PublicKey key;
  std::string name;  // of a validator; else empty
  std::string host;  // as PeerText
  std::uint16_t port = 0;
};

// kInvalidArgument, with what was expected.
[[nodiscard]] absl::StatusOr<PeerText> SplitPeer(std::string_view text);

// All of them, with their keys. kInvalidArgument: malformed, a name that is no validator's (with
// the nearest one that is), a key named twice. This node itself, where it is named, is left out, so
// that all nodes of a network can have the same list.
[[nodiscard]] absl::StatusOr<std::vector<Peer>> ResolvePeers(const std::vector<std::string>& peers,
                                                             const ledger::Genesis& genesis,
                                                             const PublicKey& self);

}  // namespace bourse::config
