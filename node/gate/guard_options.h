// GuardOptions: every bound of FrameGuard, with the default of a port for clients.
//
// "Closes" ends the connection. "Pauses" stops reading until the bucket has
// refilled, where honest traffic can look the same.
#pragma once

#include <cstdint>

#include "node/gate/bucket.h"

namespace bourse::gate {

struct GuardOptions {
  // Sizes. All close.
  std::uint32_t header_block_bytes_max = 16 * 1024;  // HEADERS with its CONTINUATIONs
  std::uint32_t header_block_frames_max = 8;
  std::uint32_t frame_bytes_max = 16 * 1024;         // payload of all but DATA
  std::uint32_t data_frame_bytes_max = 1024 * 1024;  // gRPC enforces the smaller size it announces
  std::uint32_t settings_entries_max = 32;           // of one frame; honest ones send about 8
  std::uint32_t goaways_max = 4;                     // of one connection

  // Calls and what they hold. Close.
  std::uint32_t calls_open_max = 128;  // above the 100 that gRPC announces
  // Bytes of messages that have begun and not ended, each frame counted with its
  // overhead, over all calls of the connection.
  std::uint32_t unfinished_bytes_max = 4 * 1024 * 1024;

  // While too many calls of an address have been abandoned (SharedLoad), its
  // connections may have so few open at once.
  std::uint32_t calls_open_in_debt_max = 4;

  // What a receiver of our kind never needs more of. Close.
  Rate resets{.per_second = 100, .burst = 500};  // both ways, as either can be forced
  Rate settings{.per_second = 5, .burst = 50};
  Rate priorities{.per_second = 20, .burst = 200};
  Rate unknown_frames{.per_second = 5, .burst = 50};
  Rate empty_data{.per_second = 50, .burst = 500};      // without END_STREAM
  Rate stray_frames{.per_second = 100, .burst = 1000};  // headers and resets of ended calls

  // What honest traffic does too. Pause.
  Rate pings{.per_second = 1'000, .burst = 2'000};
  Rate window_updates{.per_second = 20'000, .burst = 40'000};
  Rate calls{.per_second = 20'000, .burst = 20'000};
  Rate header_bytes{.per_second = 4 * 1024 * 1024, .burst = 1024 * 1024};
  // DATA of fewer than `small_data_bytes`, without END_STREAM: those that end a
  // message, and those that are mere crumbs of one.
  std::uint32_t small_data_bytes = 128;
  Rate small_data{.per_second = 100'000, .burst = 100'000};
  Rate crumbs{.per_second = 2'000, .burst = 4'000};

  // Times, in microseconds. Close.
  std::int64_t preface_us_max = 5'000'000;         // preface and the first frame's header
  std::int64_t frame_us_max = 10'000'000;          // one frame (not DATA), or header block
  std::int64_t message_us_max = 30'000'000;        // from a message's first byte to its last
  std::int64_t first_message_us_max = 60'000'000;  // from a call's start; 0: for ever
  std::int64_t window_us_max = 20'000'000;         // an answer waits for the other's window
  std::int64_t idle_us_max = 600'000'000;          // without any call; 0: for ever
};

}  // namespace bourse::gate
