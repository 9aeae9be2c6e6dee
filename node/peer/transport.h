// Transport: the streams between this node and its peers. It carries opaque messages, each with a
// priority, and knows nothing of what is in them.
//
//   auto transport = Transport::Start(std::move(options), &handler);
//   if (!transport.ok()) ...
//   (*transport)->Send(peer, Priority::kConsensus, bytes);
//
// Invariants:
// 1. A peer has one stream at most, under a PeerId that is never used again.
// 2. For each PeerId the handler hears OnUp, OnMessage, OnDown, one after the other; and OnDown
//    before the same key's next OnUp. It hears nothing after Stop.
// 3. Only the keys of Options get through the TLS handshake; every byte passes the gate.
// 4. What waits for a peer, and what came from it and is not consumed, is bounded (QueueLimits).
//
// A message may be lost when its stream ends; none is sent twice. Those of one priority arrive in
// order, but that small ones overtake large ones (Outbox). Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/ed25519.h"
#include "node/consensus/peer_id.h"
#include "node/gate/counters.h"
#include "node/peer/options.h"
#include "node/replica/message.h"

namespace bourse::peer {

using consensus::PeerId;
using replica::Priority;

// Called from gRPC's threads, for different peers at once: must not block. It may call the
// transport, but not Stop.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual void OnUp(PeerId peer, const PublicKey& key) = 0;
  // Of at most replica::kMaxMessageBytes. To be followed by Consumed, some time.
  virtual void OnMessage(PeerId peer, std::string bytes) = 0;
  virtual void OnDown(PeerId peer, const std::string& reason) = 0;
};

// Of one key of Options, for people.
struct PeerStatus {
  enum class State : std::uint8_t { kDown, kDialling, kUp, kRefused };

  PublicKey key;
  std::string host;  // as of Options
  std::uint16_t port = 0;
  State state = State::kDown;
  std::string last_error;  // why the last attempt or stream ended; empty at first

  // Of the stream that is up.
  PeerId id;
  bool dialled = false;        // by us
  std::string address;         // "192.0.2.1:7500", where it comes from; as of Options if dialled
  std::string software;        // its version; printable ASCII
  std::int64_t since_us = 0;   // Unix time
  std::uint64_t bytes_in = 0;  // of messages
  std::uint64_t bytes_out = 0;
  std::uint64_t messages_in = 0;
  std::uint64_t messages_out = 0;
  std::uint64_t dropped = 0;  // messages that found a full queue
  std::size_t queue_bytes = 0;
  std::size_t queue_messages = 0;
};

class Transport {
 public:
  // Listens and starts to dial. `handler` must outlive it. Errors as of gate::Gate::Start.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Transport>> Start(Options options,
                                                                        Handler* handler);
  // As Stop.
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  // Ends all streams and waits until the handler has heard so. Not from the handler.
  void Stop();

  // Queues a message; it leaves at once when nothing of a higher priority waits. False if it was
  // not: the peer has gone, the queue is full (of consensus messages: then the peer is disconnected
  // too), or the message is over replica::kMaxMessageBytes. Never blocks. With `more_follow` it
  // waits for the next one, which must come at once: small ones share a frame.
  bool Send(PeerId peer, Priority priority, std::shared_ptr<const std::string> bytes,
            bool more_follow = false);

  // One message of so many bytes was handled: more may be read. No effect once the peer has gone.
  void Consumed(PeerId peer, std::size_t bytes);

  // Ends the stream. With `is_proof` the peer sent what no honest node sends, and its key is
  // refused for a time that grows. No effect once the peer has gone.
  void Disconnect(PeerId peer, std::string_view reason, bool is_proof);

  // All keys of Options, in ascending order.
  [[nodiscard]] std::vector<PeerStatus> List() const;

  // Where it listens; 0 if it does not.
  [[nodiscard]] std::uint16_t port() const;
  // Of the connections accepted; all zero if it does not listen.
  [[nodiscard]] gate::CountersSnapshot counters() const;

 private:
  class Impl;
  explicit Transport(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bourse::peer
