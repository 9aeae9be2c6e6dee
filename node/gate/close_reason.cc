#include "node/gate/close_reason.h"

#include <array>

namespace bourse::gate {
namespace {

struct Names {
  std::string_view label;
  std::string_view text;
};

// In the order of CloseReason.
constexpr std::array<Names, kCloseReasons> kNames = {{
    {"none", "no reason"},
    {"not_http2", "not HTTP/2"},
    {"no_settings_first", "first frame is not SETTINGS"},
    {"bad_frame_length", "frame of a wrong length"},
    {"frame_too_large", "frame too large"},
    {"bad_stream_id", "frame on a stream that cannot carry it"},
    {"stream_never_opened", "frame on a stream that was never opened"},
    {"stream_already_ended", "frame on a stream that its sender had ended"},
    {"header_block_too_large", "header block too large"},
    {"header_block_interrupted", "header block interrupted"},
    {"stray_continuation", "CONTINUATION without a header block"},
    {"too_many_header_blocks", "more header blocks than a call has"},
    {"push_promise", "PUSH_PROMISE, which nobody allowed"},
    {"padded_data", "padded DATA"},
    {"too_many_calls", "too many calls open"},
    {"call_after_goaway", "call opened after GOAWAY"},
    {"too_many_settings", "too many entries in SETTINGS"},
    {"ack_of_nothing", "acknowledges what was never sent"},
    {"reset_flood", "flood of resets"},
    {"abandoned_calls", "too many calls abandoned from this address"},
    {"settings_flood", "flood of SETTINGS"},
    {"priority_flood", "flood of PRIORITY"},
    {"unknown_frame_flood", "flood of unknown frames"},
    {"empty_frame_flood", "flood of empty DATA"},
    {"stray_frame_flood", "flood of frames for ended calls"},
    {"goaway_flood", "flood of GOAWAY"},
    {"unfinished_messages", "too many bytes in unfinished messages"},
    {"preface_timeout", "no HTTP/2 preface in time"},
    {"frame_timeout", "frame or header block not finished in time"},
    {"message_timeout", "message not finished in time"},
    {"first_message_timeout", "call without a message"},
    {"window_timeout", "answers not taken in time"},
    {"idle", "idle"},
    {"handshake_failed", "TLS handshake failed"},
    {"handshake_timeout", "TLS handshake not finished in time"},
    {"too_many_connections", "too many connections"},
    {"too_many_from_address", "too many connections from this address"},
    {"made_room", "made room for another connection"},
    {"no_descriptors", "no file descriptors left"},
    {"shared_calls", "most calls of all when calls ran out"},
    {"shared_memory", "most unfinished messages of all when memory ran out"},
    {"reader_too_slow", "did not read in time"},
    {"closed_by_remote", "closed by the other side"},
    {"closed_by_us", "closed by this side"},
    {"failed", "connection failed"},
    {"stopped", "the gate was stopped"},
}};

const Names& NamesOf(CloseReason reason) {
  const auto index = static_cast<std::size_t>(reason);
  return kNames[index < kNames.size() ? index : 0];
}

}  // namespace

std::string_view CloseReasonText(CloseReason reason) { return NamesOf(reason).text; }
std::string_view CloseReasonLabel(CloseReason reason) { return NamesOf(reason).label; }

}  // namespace bourse::gate
