#include "node/config/peers.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/hash.h"
#include "node/config/nearest.h"
#include "node/config/strict_json.h"

namespace bourse::config {
namespace {

constexpr std::size_t kMaxHostBytes = 253;  // of a name in the DNS

absl::Status Invalid(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("peers: \"", std::string(text), "\" ", std::string(why)));
}

bool IsHostCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

bool IsHost(std::string_view host) {
  return !host.empty() && host.size() <= kMaxHostBytes &&
         std::all_of(host.begin(), host.end(), IsHostCharacter);
}

bool IsIpv6(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> parsed;
  return inet_pton(AF_INET6, host.c_str(), parsed.data()) == 1;
}

// "host:port" or "[address]:port".
bool SplitAddress(std::string_view text, PeerText* out) {
  const std::size_t colon = text.rfind(':');
  std::uint64_t port = 0;
  if (colon == std::string_view::npos || !ParseDecimal(text.substr(colon + 1), &port) ||
      port == 0 || port > std::numeric_limits<std::uint16_t>::max()) {
    return false;
  }
  out->port = static_cast<std::uint16_t>(port);
  out->host = std::string(text.substr(0, colon));
  if (!out->host.starts_with('[')) return IsHost(out->host);
  if (!out->host.ends_with(']')) return false;
  out->host = out->host.substr(1, out->host.size() - 2);
  return IsIpv6(out->host);
}

bool ParseKey(const std::string& digits, PublicKey* key) {
  Hash256 bytes;  // as many
  static_assert(sizeof(bytes.bytes) == sizeof(key->bytes));
  if (!FromHex(digits, &bytes)) return false;
  std::copy(bytes.bytes.begin(), bytes.bytes.end(), key->bytes.begin());
  return true;
}

// Sets key and name of a peer that was written as `who`.
absl::Status Identify(const std::string& text, const std::string& who,
                      const ledger::Genesis& genesis, Peer* peer) {
  std::vector<std::string> names;
  const bool is_key = ParseKey(who, &peer->key);
  for (const ledger::Validator& validator : genesis.validators) {
    names.push_back(validator.name);
    if (is_key ? validator.key != peer->key : validator.name != who) continue;
    peer->key = validator.key;
    peer->name = validator.name;
    return absl::OkStatus();
  }
  if (is_key) return absl::OkStatus();
  return Invalid(text, absl::StrCat("names neither a key of 64 hexadecimal digits nor a validator "
                                    "in genesis.json",
                                    DidYouMean(who, names)));
}

}  // namespace

absl::StatusOr<PeerText> SplitPeer(std::string_view text) {
  PeerText out;
  const std::size_t at = text.rfind('@');
  out.who = std::string(text.substr(0, at));
  if (out.who.empty()) {
    return Invalid(text, "begins with no key; expected KEY@host:port, or KEY alone");
  }
  if (at == std::string_view::npos) return out;
  if (!SplitAddress(text.substr(at + 1), &out)) {
    return Invalid(text, "is not KEY@host:port, as two@192.0.2.2:7500 or two@[2001:db8::2]:7500");
  }
  return out;
}

absl::StatusOr<std::vector<Peer>> ResolvePeers(const std::vector<std::string>& peers,
                                               const ledger::Genesis& genesis,
                                               const PublicKey& self) {
  std::vector<Peer> out;
  for (const std::string& text : peers) {
    absl::StatusOr<PeerText> split = SplitPeer(text);
    if (!split.ok()) return split.status();
    Peer peer;
    if (absl::Status found = Identify(text, split->who, genesis, &peer); !found.ok()) return found;
    if (peer.key == self) continue;
    for (const Peer& other : out) {
      if (other.key == peer.key) return Invalid(text, "names a node that is named before");
    }
    peer.host = std::move(split->host);
    peer.port = split->port;
    out.push_back(std::move(peer));
  }
  return out;
}

}  // namespace bourse::config
