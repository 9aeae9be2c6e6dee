// Connection: shuttles bytes between the network and one end of a socket pair,
// whose other end is gRPC's. Every byte passes a FrameGuard first.
//
//            Wire (TCP, TLS)            socket pair
//   network <===============> Connection <=========> gRPC
//                 in:  Read -> OnRemote -> send
//                 out: Write <- OnLocal <- recv
//
// Lives on the loop's thread. Bytes wait in it only when the receiver is slower
// than the sender, one piece (64 KiB) in each direction at most: it does not read
// what it cannot pass on. An idle connection holds no buffer.
//
// States: handshake (TLS) -> proving (preface, SETTINGS) -> open -> closed. Until it
// is open there is no socket pair, and gRPC does not know of it.
#pragma once

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "node/gate/connection_options.h"
#include "node/gate/counters.h"
#include "node/gate/frame_guard.h"
#include "node/gate/loop.h"
#include "node/gate/wire.h"

namespace bourse::gate {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // Who made the connection. Called on the loop's thread; must not destroy the
  // connection during a call (it holds a shared_ptr, so need not fear to drop one).
  class Owner {
   public:
    virtual ~Owner() = default;
    // Time to give gRPC its end: makes a socket pair, returns our end, or -1, which
    // ends the connection with kNoDescriptors.
    virtual int OnReady(Connection& connection) = 0;
    // Calls or held bytes may have grown. False: the connection was closed for it.
    virtual bool OnLoad(Connection& connection) = 0;
    // Once, at the end.
    virtual void OnClosed(Connection& connection, CloseReason reason) = 0;
  };

  // `loop`, `owner` and `counters` outlive it, the loads until LeaveLoads. It owns `wire`'s
  // descriptor.
  Connection(Loop& loop, std::unique_ptr<Wire> wire, Role role, const ConnectionOptions& options,
             Owner& owner, Counters& counters, SharedLoad* all, SharedLoad* address);
  ~Connection();

  void Start();
  // Ends it now; `reason` is counted. No effect when it is closed already.
  void Close(CloseReason reason);
  // To be called a few times a second: ends it when something is overdue.
  void OnTick(std::int64_t now_us);

  // The loads that it was given may end after this.
  void LeaveLoads() { guard_.LeaveLoads(Loop::NowUs()); }

  [[nodiscard]] bool open() const { return state_ == State::kOpen; }
  [[nodiscard]] bool closed() const { return state_ == State::kClosed; }
  [[nodiscard]] const FrameGuard& guard() const { return guard_; }
  [[nodiscard]] std::int64_t started_us() const { return started_us_; }
  [[nodiscard]] std::optional<PeerKey> peer_key() const { return wire_->peer_key(); }

 private:
  enum class State : std::uint8_t { kHandshake, kProving, kOpen, kClosed };

  // Bytes that one direction could not pass on yet.
  struct Waiting {
    std::vector<std::uint8_t> bytes;
    std::size_t done = 0;
    std::int64_t since_us = 0;

    [[nodiscard]] bool empty() const { return bytes.empty(); }
    [[nodiscard]] std::span<const std::uint8_t> rest() const {
      return std::span(bytes).subspan(done);
    }
    void Keep(std::span<const std::uint8_t> rest, std::int64_t now_us) {
      bytes.insert(bytes.end(), rest.begin(), rest.end());
      since_us = now_us;
    }
    void Clear() {
      std::vector<std::uint8_t>().swap(bytes);  // gives the memory back
      done = 0;
    }
  };

  enum class Step : std::uint8_t { kAgain, kStop };

  void ContinueHandshake();
  void BecomeReady();
  void OpenInner();

  void PumpIn();
  Step PumpInOnce();
  Step TakeIn(std::span<const std::uint8_t> bytes);
  void SendIn(std::span<const std::uint8_t> bytes);
  bool FlushIn();
  void EndOfIn();
  void PauseIn(std::int64_t pause_us);

  void PumpOut();
  Step PumpOutOnce();
  std::size_t WriteOut(std::span<const std::uint8_t> bytes);
  bool FlushOut();
  void EndOfOut();

  using Pump = void (Connection::*)();
  // Runs `pump` when `descriptor` is ready, unless the connection is closed by then.
  void WaitFor(asio::posix::stream_descriptor& descriptor,
               asio::posix::stream_descriptor::wait_type what, Pump pump);
  void WaitForNet(IoResult::Kind want, Pump pump);
  void Yield(Pump pump);
  void Reset();

  Loop& loop_;
  const ConnectionOptions options_;
  Owner& owner_;
  Counters& counters_;
  const Role role_;
  const std::int64_t started_us_;
  State state_ = State::kHandshake;

  std::unique_ptr<Wire> wire_;
  asio::posix::stream_descriptor net_;
  asio::posix::stream_descriptor inner_;
  asio::steady_timer pause_;
  FrameGuard guard_;

  Waiting in_;   // for gRPC
  Waiting out_;  // for the network
  bool in_ended_ = false;
  bool out_ended_ = false;
  bool inner_gone_ = false;  // gRPC takes no more
  std::int64_t first_end_us_ = 0;
};

}  // namespace bourse::gate
