#include "node/gate/frame_guard.h"

#include <algorithm>

namespace bourse::gate {
namespace {

// RFC 9113, section 6.9.2.
constexpr std::int64_t kDefaultWindow = 65'535;

constexpr std::int64_t kDebtUsMax = 5'000'000;

// No honest window comes near; keeps sums of forged increments from overflowing.
constexpr std::int64_t kWindowCap = std::int64_t{1} << 40;

}  // namespace

FrameGuard::FrameGuard(Role role, const GuardOptions& options, std::int64_t now_us, SharedLoad* all,
                       SharedLoad* address)
    : role_(role),
      options_(options),
      all_(all),
      address_(address),
      remote_(/*preface=*/role == Role::kServer),
      local_(/*preface=*/role == Role::kClient),
      now_us_(now_us),
      started_us_(now_us),
      idle_since_us_(now_us),
      initial_window_(kDefaultWindow),
      window_(kDefaultWindow),
      resets_(options.resets),
      settings_(options.settings),
      priorities_(options.priorities),
      unknown_frames_(options.unknown_frames),
      empty_data_(options.empty_data),
      stray_frames_(options.stray_frames),
      pings_(options.pings),
      window_updates_(options.window_updates),
      call_rate_(options.calls),
      header_bytes_(options.header_bytes),
      small_data_(options.small_data),
      crumbs_(options.crumbs) {}

FrameGuard::~FrameGuard() { LeaveLoads(now_us_); }

void FrameGuard::LeaveLoads(std::int64_t now_us) {
  now_us_ = now_us;
  if (role_ == Role::kServer) Abandon(calls_open());
  for (SharedLoad** load : {&all_, &address_}) {
    if (*load == nullptr) continue;
    (*load)->calls -= calls_open();
    (*load)->held_bytes -= static_cast<std::int64_t>(held_bytes_);
    *load = nullptr;
  }
}

Verdict FrameGuard::Close(CloseReason reason) {
  closed_ = reason;
  return {.kind = Verdict::Kind::kClose, .reason = reason};
}

Verdict FrameGuard::PauseForDebt(std::int64_t now_us) {
  std::int64_t pause_us = 0;
  for (TokenBucket* bucket :
       {&pings_, &window_updates_, &call_rate_, &header_bytes_, &small_data_, &crumbs_}) {
    pause_us = std::max(pause_us, bucket->DebtUs(now_us));
  }
  if (pause_us == 0) return {};
  return {.kind = Verdict::Kind::kPause, .pause_us = pause_us};
}

Verdict FrameGuard::OnRemote(std::span<const std::uint8_t> bytes, std::int64_t now_us) {
  if (closed_ != CloseReason::kNone) return Close(closed_);
  now_us_ = now_us;
  if (!remote_.inside_frame()) frame_us_ = now_us;
  for (;;) {
    CloseReason reason = CloseReason::kNone;
    switch (remote_.Next(&bytes)) {
      case FrameReader::Event::kNeedMore:
        return PauseForDebt(now_us);
      case FrameReader::Event::kBadPreface:
        return Close(CloseReason::kNotHttp2);
      case FrameReader::Event::kHeader:
        reason = OnRemoteHeader(remote_.header());
        break;
      case FrameReader::Event::kPayload:
        OnRemotePayload(remote_.header(), remote_.payload());
        break;
      case FrameReader::Event::kFrameEnd:
        frame_us_ = now_us;
        if (remote_.header().type == FrameType::kData) OnDataEnd(remote_.header());
        break;
    }
    if (reason != CloseReason::kNone) return Close(reason);
  }
}

Verdict FrameGuard::OnLocal(std::span<const std::uint8_t> bytes, std::int64_t now_us) {
  if (closed_ != CloseReason::kNone) return Close(closed_);
  now_us_ = now_us;
  for (;;) {
    switch (local_.Next(&bytes)) {
      case FrameReader::Event::kNeedMore:
        return {};
      case FrameReader::Event::kBadPreface:
        return Close(CloseReason::kFailed);
      case FrameReader::Event::kHeader:
        if (const CloseReason reason = OnLocalHeader(local_.header());
            reason != CloseReason::kNone) {
          return Close(reason);
        }
        break;
      case FrameReader::Event::kPayload:
      case FrameReader::Event::kFrameEnd:
        break;
    }
  }
}

Verdict FrameGuard::OnTime(std::int64_t now_us) {
  if (closed_ != CloseReason::kNone) return Close(closed_);
  now_us_ = now_us;
  if (!proven_ && now_us - started_us_ > options_.preface_us_max) {
    return Close(CloseReason::kPrefaceTimeout);
  }
  const bool inside_data = remote_.inside_payload() && remote_.header().type == FrameType::kData;
  const std::int64_t frame_us_max = inside_data ? options_.message_us_max : options_.frame_us_max;
  if ((remote_.inside_frame() && now_us - frame_us_ > frame_us_max) ||
      (block_stream_ != 0 && now_us - block_us_ > options_.frame_us_max)) {
    return Close(CloseReason::kFrameTimeout);
  }
  for (const Call& call : calls_) {
    if (const CloseReason reason = CallOverdue(call); reason != CloseReason::kNone) {
      return Close(reason);
    }
  }
  if (calls_.size() != 0) {
    if (window_ <= 0 && now_us - window_shut_us_ > options_.window_us_max) {
      return Close(CloseReason::kWindowTimeout);
    }
  } else if (options_.idle_us_max != 0 && now_us - idle_since_us_ > options_.idle_us_max) {
    return Close(CloseReason::kIdle);
  }
  return {};
}

CloseReason FrameGuard::CallOverdue(const Call& call) const {
  if (call.messages.unfinished() && !call.remote_ended &&
      now_us_ - call.message_us > options_.message_us_max) {
    return CloseReason::kMessageTimeout;
  }
  if (role_ == Role::kServer && !call.any_message && !call.remote_ended &&
      options_.first_message_us_max != 0 &&
      now_us_ - call.opened_us > options_.first_message_us_max) {
    return CloseReason::kFirstMessageTimeout;
  }
  if (call.local_headers && call.window <= 0 &&
      now_us_ - call.window_shut_us > options_.window_us_max) {
    return CloseReason::kWindowTimeout;
  }
  return CloseReason::kNone;
}

// --- What the other side sends.

CloseReason FrameGuard::OnLocalHeader(const FrameHeader& frame) {
  switch (frame.type) {
    case FrameType::kSettings:
      if (!frame.Has(kFlagAck)) ++settings_unacked_;
      return CloseReason::kNone;
    case FrameType::kPing:
      if (!frame.Has(kFlagAck)) ++pings_unacked_;
      return CloseReason::kNone;
    case FrameType::kData:
    case FrameType::kHeaders:
    case FrameType::kResetStream:
      return OnLocalCallFrame(frame);
    default:
      return CloseReason::kNone;
  }
}

CloseReason FrameGuard::OnLocalCallFrame(const FrameHeader& frame) {
  if (role_ == Role::kClient && frame.type == FrameType::kHeaders && IsCallId(frame.stream) &&
      !WasOpened(frame.stream)) {
    OpenCall(frame.stream);
  }
  if (frame.type == FrameType::kData) MoveConnectionWindow(-std::int64_t{frame.length});
  Call* call = calls_.Find(frame.stream);
  if (call == nullptr) return CloseReason::kNone;
  if (frame.type == FrameType::kResetStream) {
    EndCall(call);
    // A client can make a server reset its calls by breaking their rules, which
    // costs the server what the client's own resets cost.
    if (role_ == Role::kServer && !resets_.Take(1, now_us_)) return CloseReason::kResetFlood;
    return CloseReason::kNone;
  }
  if (role_ == Role::kServer && frame.Has(kFlagEndStream)) {
    EndCall(call);
    return CloseReason::kNone;
  }
  call->local_headers = true;
  if (frame.type == FrameType::kData) MoveWindow(*call, -std::int64_t{frame.length});
  return CloseReason::kNone;
}

// --- The books.

void FrameGuard::OpenCall(std::uint32_t stream) {
  last_opened_ = stream;
  Call& call = calls_.Add(stream);
  call.opened_us = now_us_;
  call.window = initial_window_;
  call.window_shut_us = now_us_;
  ++calls_without_message_;
  for (SharedLoad* load : {all_, address_}) {
    if (load != nullptr) ++load->calls;
  }
}

void FrameGuard::EndCall(Call* call) {
  Release(*call);
  if (!call->any_message) --calls_without_message_;
  calls_.Remove(call);
  if (calls_.size() == 0) idle_since_us_ = now_us_;
  for (SharedLoad* load : {all_, address_}) {
    if (load != nullptr) --load->calls;
  }
}

// The debt has a bottom, so that an address is forgiven soon after the last attack.
void FrameGuard::Abandon(std::uint32_t calls) {
  for (SharedLoad* load : {all_, address_}) {
    if (load != nullptr && load->abandoned.DebtUs(now_us_) < kDebtUsMax) {
      load->abandoned.Take(calls, now_us_);
    }
  }
}

bool FrameGuard::InDebt() {
  return (all_ != nullptr && all_->abandoned.DebtUs(now_us_) > 0) ||
         (address_ != nullptr && address_->abandoned.DebtUs(now_us_) > 0);
}

void FrameGuard::Hold(Call& call, std::uint32_t bytes) {
  call.held_bytes += bytes;
  held_bytes_ += bytes;
  for (SharedLoad* load : {all_, address_}) {
    if (load != nullptr) load->held_bytes += bytes;
  }
}

void FrameGuard::Release(Call& call) {
  held_bytes_ -= call.held_bytes;
  for (SharedLoad* load : {all_, address_}) {
    if (load != nullptr) load->held_bytes -= call.held_bytes;
  }
  call.held_bytes = 0;
}

void FrameGuard::MoveWindow(Call& call, std::int64_t by) {
  const bool was_open = call.window > 0;
  call.window = std::clamp(call.window + by, -kWindowCap, kWindowCap);
  if (was_open && call.window <= 0) call.window_shut_us = now_us_;
}

void FrameGuard::MoveConnectionWindow(std::int64_t by) {
  const bool was_open = window_ > 0;
  window_ = std::clamp(window_ + by, -kWindowCap, kWindowCap);
  if (was_open && window_ <= 0) window_shut_us_ = now_us_;
}

}  // namespace bourse::gate
