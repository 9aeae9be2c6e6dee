// Session: one stream with a peer, from its Hello to its end. The same on both sides.
//
//   greeting ──Hello──► waiting ──GoUp──► up ──Close──► closed ──OnDone──► over
//
// Waiting is for another session of the same peer to be over. Nothing is read then, and Close may
// come in any state.
//
// Reading stops while what came and is not consumed is over its bound; so does, by gRPC's windows,
// the other side's sending. Frames are written one at a time: what is queued meanwhile shares the
// next. Thread-safe. No lock is held while the handler or the owner is called.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "node/peer/call.h"
#include "node/peer/inbox.h"
#include "node/peer/outbox.h"
#include "node/peer/transport.h"

namespace bourse::peer {

// What all sessions of a node say and keep to.
struct SessionOptions {
  Hash256 genesis_hash;
  std::string software;
  std::uint64_t run = 0;
  QueueLimits limits;
  Times times;
};

class Session {
 public:
  static constexpr std::uint32_t kProtocolVersion = 1;

  // Called from gRPC's threads, without a lock.
  class Owner {
   public:
    virtual ~Owner() = default;
    // A good Hello has come: the owner answers with GoUp or Close, some time.
    virtual void OnHello(Session& session) = 0;
    // Once, the last that is heard of it: before and after the handler's OnDown.
    virtual void OnEnd(Session& session) = 0;
    virtual void OnOver(Session& session) = 0;
  };

  struct Identity {
    PeerId id;
    PublicKey key;
    bool dialled = false;  // by us
    std::string address;
  };

  // All of them outlive it.
  Session(Identity identity, const SessionOptions* options, Owner* owner, Handler* handler);

  // Says Hello. `call` lives until OnDone.
  void Begin(Call* call);
  // After OnHello, once.
  void GoUp();
  // Only the first has an effect. `is_proof` is remembered for the owner.
  void Close(std::string_view reason, bool is_proof = false);

  // As of Transport.
  bool Send(Priority priority, std::shared_ptr<const std::string> bytes, bool more_follow);
  void Consumed(std::size_t bytes);

  // To be called a few times a second: sends keep-alives, closes what is overdue.
  void Tick(std::int64_t now_us);

  // For the call. `why` is the other side's reason, or empty.
  void OnRead(bool ok);
  void OnWritten(bool ok);
  void OnLost();
  void OnDone(const std::string& why);

  [[nodiscard]] const Identity& identity() const { return identity_; }
  [[nodiscard]] std::uint64_t peer_run() const;  // of its Hello
  [[nodiscard]] bool closed() const;
  // Since when it is up, by gate::Loop::NowUs; 0: it never was.
  [[nodiscard]] std::int64_t up_us() const;
  [[nodiscard]] bool is_proof() const;
  [[nodiscard]] std::string reason() const;
  // What List tells of a stream. False: it is not up.
  bool Describe(PeerStatus* status) const;

 private:
  void SayHello();
  absl::Status CheckHello(const v1::PeerFrame& frame);
  void Deliver(std::vector<std::string> messages);
  void EndHold();

  // The mutex is held.
  void ReadNext();
  // False: its queue is full.
  bool Queue(Priority priority, std::shared_ptr<const std::string> bytes);
  void WriteNext();
  void Write(const v1::PeerFrame& frame);
  void CloseLocked(std::string_view reason, bool is_proof);

  const Identity identity_;
  const SessionOptions& options_;
  Owner& owner_;
  Handler& handler_;
  const std::int64_t started_us_;
  Inbox inbox_;  // of the one read at a time

  mutable std::mutex mutex_;  // guards all below
  Call* call_ = nullptr;      // from Begin to OnDone
  grpc::ByteBuffer read_;
  grpc::ByteBuffer write_;
  Outbox outbox_;
  bool greeted_ = false;
  bool closed_ = false;
  bool aborted_ = false;
  int holds_ = 0;  // the call may not end yet
  bool is_proof_ = false;
  std::string reason_;
  std::uint64_t peer_run_ = 0;
  std::string peer_software_;

  bool reading_ = false;   // until what was read is handled
  bool handling_ = false;  // it is
  bool writing_ = false;
  std::int64_t read_us_ = 0;   // when the read began, or the last ended
  std::int64_t write_us_ = 0;  // the same of writes
  std::int64_t closed_us_ = 0;
  std::int64_t up_us_ = 0;
  std::int64_t up_unix_us_ = 0;

  std::size_t unconsumed_ = 0;  // bytes, with kMessageOverheadBytes for each message
  std::uint64_t bytes_in_ = 0;
  std::uint64_t messages_in_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace bourse::peer
