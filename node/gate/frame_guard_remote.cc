// FrameGuard's judgement of what the other end sends, frame by frame.

#include <algorithm>

#include "node/gate/frame_guard.h"

namespace bourse::gate {
namespace {

// RFC 9113, section 6.5.2 and 6.9.
constexpr std::uint64_t kInitialWindowSize = 4;
constexpr std::uint32_t kSettingBytes = 6;
constexpr std::uint32_t kIncrementBytes = 4;

// gRPC keeps about this much for a piece of a message, besides its bytes.
constexpr std::uint32_t kPieceOverheadBytes = 64;

}  // namespace

CloseReason FrameGuard::OnRemoteHeader(const FrameHeader& frame) {
  if (!proven_) {
    if (frame.type != FrameType::kSettings || frame.Has(kFlagAck)) {
      return CloseReason::kNoSettingsFirst;
    }
  }
  if (block_stream_ != 0 &&
      (frame.type != FrameType::kContinuation || frame.stream != block_stream_)) {
    return CloseReason::kHeaderBlockInterrupted;
  }
  if (const CloseReason reason = CheckForm(frame); reason != CloseReason::kNone) return reason;
  proven_ = true;
  scratch_ = 0;
  scratch_have_ = 0;
  switch (frame.type) {
    case FrameType::kData:
      return OnRemoteData(frame);
    case FrameType::kHeaders:
      return OnRemoteHeaders(frame);
    case FrameType::kPriority:
      return priorities_.Take(1, now_us_) ? CloseReason::kNone : CloseReason::kPriorityFlood;
    case FrameType::kResetStream:
      return OnRemoteReset(frame);
    case FrameType::kSettings:
      return OnRemoteSettings(frame);
    case FrameType::kPushPromise:
      return CloseReason::kPushPromise;
    case FrameType::kPing:
      return OnRemotePing(frame);
    case FrameType::kGoaway:
      return OnGoaway();
    case FrameType::kWindowUpdate:
      window_updates_.Take(1, now_us_);
      return CloseReason::kNone;
    case FrameType::kContinuation:
      return OnContinuation(frame);
  }
  return unknown_frames_.Take(1, now_us_) ? CloseReason::kNone : CloseReason::kUnknownFrameFlood;
}

// Lengths and stream ids as RFC 9113, section 6, has them for each type.
CloseReason FrameGuard::CheckForm(const FrameHeader& frame) const {
  const bool is_data = frame.type == FrameType::kData;
  if (frame.length > (is_data ? options_.data_frame_bytes_max : options_.frame_bytes_max)) {
    return CloseReason::kFrameTooLarge;
  }
  bool length_fits = true;
  switch (frame.type) {
    case FrameType::kPriority:
      length_fits = frame.length == 5;
      break;
    case FrameType::kResetStream:
    case FrameType::kWindowUpdate:
      length_fits = frame.length == kIncrementBytes;
      break;
    case FrameType::kSettings:
      length_fits = frame.Has(kFlagAck) ? frame.length == 0 : frame.length % kSettingBytes == 0;
      break;
    case FrameType::kPing:
      length_fits = frame.length == 8;
      break;
    case FrameType::kGoaway:
      length_fits = frame.length >= 8;
      break;
    default:
      break;
  }
  if (!length_fits) return CloseReason::kBadFrameLength;

  switch (frame.type) {
    case FrameType::kSettings:
    case FrameType::kPing:
    case FrameType::kGoaway:
      return frame.stream == 0 ? CloseReason::kNone : CloseReason::kBadStreamId;
    case FrameType::kPriority:
      return frame.stream != 0 ? CloseReason::kNone : CloseReason::kBadStreamId;
    case FrameType::kWindowUpdate:
      if (frame.stream == 0) return CloseReason::kNone;
      [[fallthrough]];
    case FrameType::kData:
    case FrameType::kResetStream:
      if (!IsCallId(frame.stream)) return CloseReason::kBadStreamId;
      return WasOpened(frame.stream) ? CloseReason::kNone : CloseReason::kStreamNeverOpened;
    case FrameType::kHeaders:
      return IsCallId(frame.stream) ? CloseReason::kNone : CloseReason::kBadStreamId;
    default:
      return CloseReason::kNone;
  }
}

// Only clients open calls, and pushes are refused: every call's id is odd.
bool FrameGuard::IsCallId(std::uint32_t stream) const { return stream % 2 == 1; }

bool FrameGuard::WasOpened(std::uint32_t stream) const { return stream <= last_opened_; }

CloseReason FrameGuard::OnRemoteData(const FrameHeader& frame) {
  frame_ended_message_ = false;
  if (frame.Has(kFlagPadded)) return CloseReason::kPaddedData;
  if (frame.length == 0 && !frame.Has(kFlagEndStream) && !empty_data_.Take(1, now_us_)) {
    return CloseReason::kEmptyFrameFlood;
  }
  Call* call = calls_.Find(frame.stream);
  if (call == nullptr) return CloseReason::kNone;  // ended; this may have been on its way
  if (call->remote_ended) return CloseReason::kStreamAlreadyEnded;
  if (role_ == Role::kClient && !call->remote_headers) return CloseReason::kStreamNeverOpened;
  if (held_bytes_ + frame.length + kPieceOverheadBytes > options_.unfinished_bytes_max) {
    return CloseReason::kUnfinishedMessages;
  }
  if (frame.Has(kFlagEndStream)) call->remote_ended = true;
  Hold(*call, kPieceOverheadBytes);
  return CloseReason::kNone;
}

CloseReason FrameGuard::OnRemoteHeaders(const FrameHeader& frame) {
  if (frame.length > options_.header_block_bytes_max) return CloseReason::kHeaderBlockTooLarge;
  header_bytes_.Take(frame.length, now_us_);
  if (!frame.Has(kFlagEndHeaders)) {
    block_stream_ = frame.stream;
    block_bytes_ = frame.length;
    block_frames_ = 1;
    block_us_ = now_us_;
  }
  return role_ == Role::kServer ? OnClientHeaders(frame) : OnServerHeaders(frame);
}

CloseReason FrameGuard::OnClientHeaders(const FrameHeader& frame) {
  if (WasOpened(frame.stream)) {
    Call* call = calls_.Find(frame.stream);
    if (call == nullptr) {
      return stray_frames_.Take(1, now_us_) ? CloseReason::kNone : CloseReason::kStrayFrameFlood;
    }
    if (call->remote_ended) return CloseReason::kStreamAlreadyEnded;
    if (!frame.Has(kFlagEndStream)) return CloseReason::kTooManyHeaderBlocks;
    call->remote_ended = true;  // trailers
    return CloseReason::kNone;
  }
  if (goaways_ != 0) return CloseReason::kCallAfterGoaway;
  if (calls_.size() >= options_.calls_open_max) return CloseReason::kTooManyCalls;
  if (calls_.size() >= options_.calls_open_in_debt_max && InDebt()) {
    return CloseReason::kAbandonedCalls;
  }
  call_rate_.Take(1, now_us_);
  OpenCall(frame.stream);
  Call* call = calls_.Find(frame.stream);
  call->remote_headers = true;
  call->remote_ended = frame.Has(kFlagEndStream);
  return CloseReason::kNone;
}

CloseReason FrameGuard::OnServerHeaders(const FrameHeader& frame) {
  if (!WasOpened(frame.stream)) return CloseReason::kStreamNeverOpened;
  Call* call = calls_.Find(frame.stream);
  if (call == nullptr) {
    return stray_frames_.Take(1, now_us_) ? CloseReason::kNone : CloseReason::kStrayFrameFlood;
  }
  if (frame.Has(kFlagEndStream)) {
    EndCall(call);
    return CloseReason::kNone;
  }
  // One block at the start of the answer. gRPC has no use for informational ones.
  if (call->remote_headers) return CloseReason::kTooManyHeaderBlocks;
  call->remote_headers = true;
  return CloseReason::kNone;
}

CloseReason FrameGuard::OnContinuation(const FrameHeader& frame) {
  if (block_stream_ == 0) return CloseReason::kStrayContinuation;
  block_bytes_ += frame.length;
  ++block_frames_;
  if (block_bytes_ > options_.header_block_bytes_max ||
      block_frames_ > options_.header_block_frames_max) {
    return CloseReason::kHeaderBlockTooLarge;
  }
  header_bytes_.Take(frame.length, now_us_);
  if (frame.Has(kFlagEndHeaders)) block_stream_ = 0;
  return CloseReason::kNone;
}

CloseReason FrameGuard::OnRemoteReset(const FrameHeader& frame) {
  Call* call = calls_.Find(frame.stream);
  if (call == nullptr) {
    return stray_frames_.Take(1, now_us_) ? CloseReason::kNone : CloseReason::kStrayFrameFlood;
  }
  EndCall(call);
  if (!resets_.Take(1, now_us_)) return CloseReason::kResetFlood;
  if (role_ == Role::kClient) return CloseReason::kNone;
  Abandon(1);
  return InDebt() ? CloseReason::kAbandonedCalls : CloseReason::kNone;
}

CloseReason FrameGuard::OnRemoteSettings(const FrameHeader& frame) {
  if (frame.Has(kFlagAck)) {
    if (settings_unacked_ == 0) return CloseReason::kAckOfNothing;
    --settings_unacked_;
    return CloseReason::kNone;
  }
  if (frame.length / kSettingBytes > options_.settings_entries_max) {
    return CloseReason::kTooManySettings;
  }
  return settings_.Take(1, now_us_) ? CloseReason::kNone : CloseReason::kSettingsFlood;
}

CloseReason FrameGuard::OnRemotePing(const FrameHeader& frame) {
  if (frame.Has(kFlagAck)) {
    if (pings_unacked_ == 0) return CloseReason::kAckOfNothing;
    --pings_unacked_;
    return CloseReason::kNone;
  }
  pings_.Take(1, now_us_);
  return CloseReason::kNone;
}

CloseReason FrameGuard::OnGoaway() {
  return ++goaways_ <= options_.goaways_max ? CloseReason::kNone : CloseReason::kGoawayFlood;
}

void FrameGuard::OnRemotePayload(const FrameHeader& frame, std::span<const std::uint8_t> bytes) {
  switch (frame.type) {
    case FrameType::kData:
      return OnDataPayload(frame.stream, bytes);
    case FrameType::kSettings:
      return OnSettingsPayload(bytes);
    case FrameType::kWindowUpdate:
      return OnWindowPayload(frame.stream, bytes);
    default:
      return;
  }
}

void FrameGuard::OnDataPayload(std::uint32_t stream, std::span<const std::uint8_t> bytes) {
  Call* call = calls_.Find(stream);
  if (call == nullptr) return;
  const bool was_unfinished = call->messages.unfinished();
  const std::optional<std::size_t> after_end = call->messages.Consume(bytes);
  if (!was_unfinished || after_end.has_value()) call->message_us = now_us_;
  if (!after_end.has_value()) {
    Hold(*call, static_cast<std::uint32_t>(bytes.size()));
    return;
  }
  frame_ended_message_ = true;
  if (!call->any_message) {
    call->any_message = true;
    --calls_without_message_;
  }
  Release(*call);
  Hold(*call, static_cast<std::uint32_t>(*after_end));
}

void FrameGuard::OnDataEnd(const FrameHeader& frame) {
  Call* call = calls_.Find(frame.stream);
  // A message that its call's end cut off is dropped by gRPC.
  if (call != nullptr && (call->remote_ended || !call->messages.unfinished())) Release(*call);
  if (frame.Has(kFlagEndStream)) {
    if (call != nullptr && role_ == Role::kClient) EndCall(call);
    return;
  }
  if (frame.length >= options_.small_data_bytes) return;
  (frame_ended_message_ ? small_data_ : crumbs_).Take(1, now_us_);
}

void FrameGuard::OnSettingsPayload(std::span<const std::uint8_t> bytes) {
  for (const std::uint8_t byte : bytes) {
    scratch_ = scratch_ << 8 | byte;
    if (++scratch_have_ < kSettingBytes) continue;
    const std::uint64_t id = scratch_ >> 32;
    const auto value = static_cast<std::int64_t>(scratch_ & 0xffff'ffff);
    scratch_ = 0;
    scratch_have_ = 0;
    if (id != kInitialWindowSize) continue;
    for (Call& call : calls_) MoveWindow(call, value - initial_window_);
    initial_window_ = value;
  }
}

void FrameGuard::OnWindowPayload(std::uint32_t stream, std::span<const std::uint8_t> bytes) {
  for (const std::uint8_t byte : bytes) scratch_ = scratch_ << 8 | byte;
  scratch_have_ += static_cast<std::uint32_t>(bytes.size());
  if (scratch_have_ < kIncrementBytes) return;
  const auto increment = static_cast<std::int64_t>(scratch_ & 0x7fff'ffff);
  if (stream == 0) {
    MoveConnectionWindow(increment);
  } else if (Call* call = calls_.Find(stream); call != nullptr) {
    MoveWindow(*call, increment);
  }
}

// --- What our side sends.

}  // namespace bourse::gate
