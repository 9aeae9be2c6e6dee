// FrameGuard: decides, from the frames of an HTTP/2 connection, whether it may go
// on, must wait, or has to end. It never changes a byte.
//
// gRPC trusts its peers more than the internet allows. The guard sees both
// directions of one connection before anybody else does: OnRemote what the other
// side sends, OnLocal what our gRPC answers. It keeps count of calls, of
// acknowledgements that are due and of what an unfinished message holds, so that
// whatever reaches gRPC has a bound. It looks at the preface, at frame headers, and
// at the few payload bytes that the counts need: message prefixes (MessageWatch)
// and window sizes. Headers are never decoded.
//
// Invariants:
// 1. What it decides depends on the bytes, their order between the two directions
//    and the times given, never on how the bytes were cut into pieces (the times
//    being the same).
// 2. After kClose every later verdict is the same kClose.
// 3. Memory is bounded by GuardOptions: about 80 bytes for each open call.
// 4. The SharedLoads hold this connection's part until LeaveLoads or its end.
//
// Pure: no I/O, no threads, time is a parameter in microseconds of a clock that
// does not run backwards. Not thread-safe, nor are the SharedLoads it adds to.
#pragma once

#include <cstdint>
#include <span>

#include "node/gate/bucket.h"
#include "node/gate/call_table.h"
#include "node/gate/close_reason.h"
#include "node/gate/frame_reader.h"
#include "node/gate/guard_options.h"

namespace bourse::gate {

// Which end of the connection is ours.
enum class Role : std::uint8_t {
  kServer,  // the other side dialled: it sends the preface and opens calls
  kClient,  // we dialled: the other side may only answer
};

struct Verdict {
  enum class Kind : std::uint8_t { kGoOn, kPause, kClose };

  Kind kind = Kind::kGoOn;
  CloseReason reason = CloseReason::kNone;  // of kClose
  std::int64_t pause_us = 0;  // of kPause: pass these bytes on, then do not read for so long

  friend bool operator==(const Verdict&, const Verdict&) = default;
};

// Sums over several connections (all, or those of one address).
struct SharedLoad {
  std::int64_t calls = 0;       // open
  std::int64_t held_bytes = 0;  // of unfinished messages
  // Calls that the other side reset, or left open when the connection ended: gRPC
  // has to finish them all the same, and a new connection would start with a full
  // bucket of its own.
  TokenBucket abandoned{Rate{.per_second = 200, .burst = 1'000}};
};

class FrameGuard {
 public:
  // `all` and `address` may be null; else they outlive the guard, or LeaveLoads.
  FrameGuard(Role role, const GuardOptions& options, std::int64_t now_us, SharedLoad* all = nullptr,
             SharedLoad* address = nullptr);
  ~FrameGuard();
  FrameGuard(const FrameGuard&) = delete;
  FrameGuard& operator=(const FrameGuard&) = delete;

  // Bytes from the other side, before our side sees them. On kClose none of them
  // may be passed on.
  Verdict OnRemote(std::span<const std::uint8_t> bytes, std::int64_t now_us);

  // Bytes from our side, before they are sent. Our gRPC is trusted to speak HTTP/2;
  // kClose comes when the other side makes it reset calls too often.
  Verdict OnLocal(std::span<const std::uint8_t> bytes, std::int64_t now_us);

  // Takes this connection's part out of the shared sums, for good. To be called when
  // the connection is closed and the guard lives on for a moment.
  void LeaveLoads(std::int64_t now_us);

  // What is overdue. To be asked a few times a second; kGoOn or kClose.
  Verdict OnTime(std::int64_t now_us);

  // The other side speaks HTTP/2: the preface (of a client) and the header of a
  // SETTINGS frame have come. Only then is a connection worth gRPC's memory.
  [[nodiscard]] bool proven() const { return proven_; }

  [[nodiscard]] std::uint32_t calls_open() const {
    return static_cast<std::uint32_t>(calls_.size());
  }
  // Calls open that have not brought a whole message yet.
  [[nodiscard]] std::uint32_t calls_without_message() const { return calls_without_message_; }
  [[nodiscard]] std::uint64_t held_bytes() const { return held_bytes_; }
  // Since when no call is open; what tells the idle from the busy.
  [[nodiscard]] std::int64_t idle_since_us() const { return idle_since_us_; }

 private:
  Verdict Close(CloseReason reason);
  Verdict PauseForDebt(std::int64_t now_us);

  // Remote frames; kNone is well.
  CloseReason OnRemoteHeader(const FrameHeader& frame);
  CloseReason CheckForm(const FrameHeader& frame) const;
  CloseReason OnRemoteData(const FrameHeader& frame);
  CloseReason OnRemoteHeaders(const FrameHeader& frame);
  CloseReason OnClientHeaders(const FrameHeader& frame);
  CloseReason OnServerHeaders(const FrameHeader& frame);
  CloseReason OnContinuation(const FrameHeader& frame);
  CloseReason OnRemoteReset(const FrameHeader& frame);
  CloseReason OnRemoteSettings(const FrameHeader& frame);
  CloseReason OnRemotePing(const FrameHeader& frame);
  CloseReason OnGoaway();
  void OnRemotePayload(const FrameHeader& frame, std::span<const std::uint8_t> bytes);
  void OnDataPayload(std::uint32_t stream, std::span<const std::uint8_t> bytes);
  void OnDataEnd(const FrameHeader& frame);
  void OnSettingsPayload(std::span<const std::uint8_t> bytes);
  void OnWindowPayload(std::uint32_t stream, std::span<const std::uint8_t> bytes);

  CloseReason OnLocalHeader(const FrameHeader& frame);
  CloseReason OnLocalCallFrame(const FrameHeader& frame);

  [[nodiscard]] bool IsCallId(std::uint32_t stream) const;
  [[nodiscard]] bool WasOpened(std::uint32_t stream) const;
  void OpenCall(std::uint32_t stream);
  void EndCall(Call* call);
  void Abandon(std::uint32_t calls);
  [[nodiscard]] bool InDebt();
  void Hold(Call& call, std::uint32_t bytes);
  void Release(Call& call);
  void MoveWindow(Call& call, std::int64_t by);
  void MoveConnectionWindow(std::int64_t by);
  [[nodiscard]] CloseReason CallOverdue(const Call& call) const;

  const Role role_;
  const GuardOptions options_;
  SharedLoad* all_;
  SharedLoad* address_;

  FrameReader remote_;
  FrameReader local_;
  std::int64_t now_us_;  // of the call that runs
  const std::int64_t started_us_;
  CloseReason closed_ = CloseReason::kNone;
  bool proven_ = false;

  CallTable calls_;
  std::uint32_t last_opened_ = 0;  // highest id of a call, ended ones too
  std::uint32_t calls_without_message_ = 0;
  std::uint64_t held_bytes_ = 0;
  std::int64_t idle_since_us_;

  // The header block that is being received.
  std::uint32_t block_stream_ = 0;  // 0: none
  std::uint32_t block_bytes_ = 0;
  std::uint32_t block_frames_ = 0;
  std::int64_t block_us_ = 0;
  std::int64_t frame_us_ = 0;  // when the incomplete frame began
  bool frame_ended_message_ = false;

  // Acknowledgements that the other side owes.
  std::uint64_t settings_unacked_ = 0;
  std::uint64_t pings_unacked_ = 0;
  std::uint32_t goaways_ = 0;

  // How much our side may send (RFC 9113, section 5.2).
  std::int64_t initial_window_;
  std::int64_t window_;
  std::int64_t window_shut_us_ = 0;
  std::uint64_t scratch_ = 0;       // SETTINGS entry or increment that is being received
  std::uint32_t scratch_have_ = 0;  // its bytes

  TokenBucket resets_;
  TokenBucket settings_;
  TokenBucket priorities_;
  TokenBucket unknown_frames_;
  TokenBucket empty_data_;
  TokenBucket stray_frames_;
  TokenBucket pings_;
  TokenBucket window_updates_;
  TokenBucket call_rate_;
  TokenBucket header_bytes_;
  TokenBucket small_data_;
  TokenBucket crumbs_;
};

}  // namespace bourse::gate
