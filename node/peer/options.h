// Options of the transport between nodes: whom to know, and its bounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/ed25519.h"
#include "common/hash.h"
#include "node/gate/loop.h"

namespace bourse::peer {

struct ListenAddress {
  std::string address = "127.0.0.1";  // numeric, IPv4 or IPv6; "::" means all of both
  std::uint16_t port = 0;             // 0: any free one
};

// A node that may connect, and where to dial it.
struct PeerAddress {
  PublicKey key;
  std::string host;        // a name, looked up at each dial, or a numeric address
  std::uint16_t port = 0;  // 0: not dialled, only accepted
};

// Bytes that may wait, each message counted with kMessageOverheadBytes.
struct QueueLimits {
  std::size_t consensus_bytes_max = 16 << 20;  // over it the peer is too slow: disconnected
  std::size_t bulk_bytes_max = 16 << 20;       // over it the newest is dropped
  std::size_t transactions_bytes_max = 8 << 20;
  // Received and not Consumed: while more is, nothing is read from this peer.
  std::size_t unconsumed_bytes_max = 8 << 20;
};
inline constexpr std::size_t kMessageOverheadBytes = 256;

// In microseconds.
struct Times {
  std::int64_t tick_us = 50'000;  // how often all others are looked at
  std::int64_t keep_alive_us = 2'000'000;
  std::int64_t silence_us_max = 10'000'000;  // nothing comes
  std::int64_t write_us_max = 10'000'000;    // one frame is not taken
  std::int64_t hello_us_max = 5'000'000;     // no Hello yet
  // Between two dials: growing, with jitter. Starts anew once a stream has lasted for `settled`.
  std::int64_t redial_us_min = 100'000;
  std::int64_t redial_us_max = 5'000'000;
  std::int64_t settled_us = 5'000'000;
  // Added to it by the side with the larger key, so that streams seldom meet.
  std::int64_t yield_us = 250'000;
  // How long a key is refused that sent what no honest node sends: growing with each time, starting
  // anew once it behaved for as long as the longest.
  std::int64_t refuse_us_min = 10'000'000;
  std::int64_t refuse_us_max = 600'000'000;
};

struct Options {
  explicit Options(KeyPair node_key_in) : node_key(std::move(node_key_in)) {}

  KeyPair node_key;
  Hash256 genesis_hash;
  std::string software;  // for people, as of PeerHello
  std::optional<ListenAddress> listen;
  // All that may connect: validators and the address book. Our own key among them is left out; of
  // a key that is there twice, the last one with a port counts.
  std::vector<PeerAddress> peers;
  QueueLimits limits;
  Times times;
  std::shared_ptr<gate::Loop> loop;  // to share with other gates; null: its own
};

}  // namespace bourse::peer
