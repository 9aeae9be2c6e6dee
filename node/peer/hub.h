// Hub: all that the transport knows of its peers: whom it lets in, their sessions, when to dial.
//
// A peer has one current session; one that won over it waits until the old one is over.
// Thread-safe. Its lock is held while no session, handler or gRPC is called.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "node/gate/bucket.h"
#include "node/peer/backoff.h"
#include "node/peer/options.h"
#include "node/peer/refusal.h"
#include "node/peer/session.h"
#include "node/peer/transport.h"

namespace bourse::peer {

class Hub final : public Session::Owner {
 public:
  // `handler` outlives it.
  Hub(const Options& options, Handler* handler);

  // May this key connect now? For the TLS handshake.
  [[nodiscard]] bool Admits(const PublicKey& key) const;
  // A session for a connection that was accepted from `address`. PERMISSION_DENIED,
  // RESOURCE_EXHAUSTED: too many of this key.
  [[nodiscard]] absl::StatusOr<std::shared_ptr<Session>> Accept(const PublicKey& key,
                                                                std::string address);

  // Whom to dial now. Each is to be answered with Dialled or DialFailed.
  [[nodiscard]] std::vector<PeerAddress> DialsDue(std::int64_t now_us);
  // Null: it is needed no more.
  [[nodiscard]] std::shared_ptr<Session> Dialled(const PublicKey& key);
  void DialFailed(const PublicKey& key, const absl::Status& status);

  void OnHello(Session& session) override;
  void OnEnd(Session& session) override;
  void OnOver(Session& session) override;
  void Tick(std::int64_t now_us);

  // Lets nobody in any more, and closes all sessions.
  void Stop();

  // As of Transport.
  bool Send(PeerId id, Priority priority, std::shared_ptr<const std::string> bytes,
            bool more_follow);
  void Consumed(PeerId id, std::size_t bytes);
  void Disconnect(PeerId id, std::string_view reason, bool is_proof);
  [[nodiscard]] std::vector<PeerStatus> List() const;

 private:
  using SessionPtr = std::shared_ptr<Session>;
  struct Peer {
    Peer(PeerAddress address_in, const Times& times);

    PeerAddress address;
    SessionPtr current;     // up, about to be, or ending
    SessionPtr next;        // goes up when `current` is over
    int accepted = 0;       // sessions, in all states
    bool dialling = false;  // a dial is under way, or its session not over
    std::int64_t dial_us = 0;
    Backoff backoff;
    Refusal refusal;
    gate::TokenBucket arrivals;
    std::string last_error;
  };

  // The mutex is held.
  [[nodiscard]] SessionPtr Make(const PublicKey& key, bool dialled, std::string address);
  [[nodiscard]] bool Wins(const Session& newcomer, const Session& old) const;
  [[nodiscard]] bool Yields(const Peer& peer) const;  // ours is the larger key
  void DialLater(Peer* peer, std::int64_t now_us);

  [[nodiscard]] SessionPtr Find(PeerId id) const;
  [[nodiscard]] std::vector<SessionPtr> All() const;

  const PublicKey self_;
  const Times times_;
  const SessionOptions session_options_;
  Handler* const handler_;

  mutable std::mutex mutex_;  // guards all below
  std::mt19937_64 random_;    // only for jitter
  bool stopped_ = false;
  std::uint64_t last_id_ = 0;
  std::map<PublicKey, Peer> peers_;
  std::unordered_map<std::uint64_t, SessionPtr> sessions_;  // by PeerId
};

}  // namespace bourse::peer
