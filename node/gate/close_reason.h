// Why the gate refused or ended a connection: one list for counters, logs and tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bourse::gate {

enum class CloseReason : std::uint8_t {
  kNone,
  // What the other side sent. These come from FrameGuard.
  kNotHttp2,
  kNoSettingsFirst,
  kBadFrameLength,
  kFrameTooLarge,
  kBadStreamId,
  kStreamNeverOpened,
  kStreamAlreadyEnded,
  kHeaderBlockTooLarge,
  kHeaderBlockInterrupted,
  kStrayContinuation,
  kTooManyHeaderBlocks,
  kPushPromise,
  kPaddedData,
  kTooManyCalls,
  kCallAfterGoaway,
  kTooManySettings,
  kAckOfNothing,
  kResetFlood,
  kAbandonedCalls,
  kSettingsFlood,
  kPriorityFlood,
  kUnknownFrameFlood,
  kEmptyFrameFlood,
  kStrayFrameFlood,
  kGoawayFlood,
  kUnfinishedMessages,
  // What it did not do in time. From FrameGuard too.
  kPrefaceTimeout,
  kFrameTimeout,
  kMessageTimeout,
  kFirstMessageTimeout,
  kWindowTimeout,
  kIdle,
  // TLS.
  kHandshakeFailed,
  kHandshakeTimeout,
  // Bounds that connections share.
  kTooManyConnections,
  kTooManyFromAddress,
  kMadeRoom,
  kNoDescriptors,
  kSharedCalls,
  kSharedMemory,
  // The rest.
  kReaderTooSlow,
  kClosedByRemote,
  kClosedByUs,
  kFailed,
  kStopped,
  kCount,
};

inline constexpr std::size_t kCloseReasons = static_cast<std::size_t>(CloseReason::kCount);

// A few words for people ("too many calls open"), and never empty.
[[nodiscard]] std::string_view CloseReasonText(CloseReason reason);

// The same as a label for metrics ("too_many_calls"): [a-z0-9_]+.
[[nodiscard]] std::string_view CloseReasonLabel(CloseReason reason);

}  // namespace bourse::gate
