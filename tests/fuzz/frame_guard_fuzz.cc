// Any bytes, from both sides, at any time: FrameGuard must neither crash nor leak
// its part of the shared sums, and must decide the same however the bytes are cut.
//
// Input: one byte of options, then chunks: one byte (who sends, how much time
// passes), two bytes of length, the bytes.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "node/gate/frame_guard.h"

namespace {

using bourse::gate::FrameGuard;
using bourse::gate::GuardOptions;
using bourse::gate::Role;
using bourse::gate::SharedLoad;
using bourse::gate::Verdict;

struct Chunk {
  bool local = false;
  std::int64_t time_us = 0;
  std::span<const std::uint8_t> bytes;
};

std::vector<Chunk> Parse(std::span<const std::uint8_t> input) {
  std::vector<Chunk> chunks;
  std::int64_t now_us = 1;
  while (input.size() >= 3) {
    now_us += std::int64_t{1} << (input[0] >> 1) % 32;
    const std::size_t size = std::min<std::size_t>(input[1] << 8 | input[2], input.size() - 3);
    chunks.push_back(
        {.local = (input[0] & 1) != 0, .time_us = now_us, .bytes = input.subspan(3, size)});
    input = input.subspan(3 + size);
  }
  return chunks;
}

// Small bounds, so that short inputs reach them.
GuardOptions SmallBounds() {
  GuardOptions options;
  options.header_block_bytes_max = 64;
  options.header_block_frames_max = 3;
  options.frame_bytes_max = 128;
  options.data_frame_bytes_max = 256;
  options.settings_entries_max = 4;
  options.calls_open_max = 4;
  options.unfinished_bytes_max = 512;
  for (bourse::gate::Rate* rate :
       {&options.resets, &options.settings, &options.priorities, &options.unknown_frames,
        &options.empty_data, &options.stray_frames, &options.pings, &options.window_updates,
        &options.calls, &options.small_data, &options.crumbs}) {
    *rate = {.per_second = 3, .burst = 4};
  }
  return options;
}

struct Outcome {
  std::vector<Verdict> verdicts;  // after each chunk, and of the clock after it
  std::uint64_t held_bytes = 0;
  std::uint32_t calls = 0;
  std::uint32_t calls_without_message = 0;
  bool proven = false;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

void Require(bool condition) {
  if (!condition) std::abort();
}

// Feeds the chunks in pieces of `piece` bytes.
Outcome Run(std::uint8_t mode, const std::vector<Chunk>& chunks, std::size_t piece) {
  const Role role = (mode & 1) != 0 ? Role::kClient : Role::kServer;
  const GuardOptions options = (mode & 2) != 0 ? GuardOptions{} : SmallBounds();
  SharedLoad all;
  SharedLoad address;
  Outcome outcome;
  {
    FrameGuard guard(role, options, 0, &all, &address);
    for (const Chunk& chunk : chunks) {
      Verdict verdict;
      for (std::size_t at = 0; at < chunk.bytes.size(); at += piece) {
        const auto part = chunk.bytes.subspan(at, std::min(piece, chunk.bytes.size() - at));
        verdict =
            chunk.local ? guard.OnLocal(part, chunk.time_us) : guard.OnRemote(part, chunk.time_us);
      }
      outcome.verdicts.push_back(verdict);
      outcome.verdicts.push_back(guard.OnTime(chunk.time_us));
      Require(guard.calls_without_message() <= guard.calls_open());
      Require(all.calls == guard.calls_open() && address.calls == all.calls);
      Require(all.held_bytes == static_cast<std::int64_t>(guard.held_bytes()));
      if (role == Role::kServer) Require(guard.calls_open() <= options.calls_open_max);
      // A frame may be counted before its bytes have come.
      Require(guard.held_bytes() <= options.unfinished_bytes_max + 64);
    }
    outcome.held_bytes = guard.held_bytes();
    outcome.calls = guard.calls_open();
    outcome.calls_without_message = guard.calls_without_message();
    outcome.proven = guard.proven();
  }
  Require(all.calls == 0 && all.held_bytes == 0);
  Require(address.calls == 0 && address.held_bytes == 0);
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::vector<Chunk> chunks = Parse({data + 1, size - 1});
  const Outcome whole = Run(data[0], chunks, SIZE_MAX / 2);
  const auto agrees = [&](std::size_t piece) {
    const Outcome pieces = Run(data[0], chunks, piece);
    // Inside a closed connection it may differ how far the counts came.
    const bool closed =
        !whole.verdicts.empty() && whole.verdicts.back().kind == Verdict::Kind::kClose;
    Require(closed ? pieces.verdicts == whole.verdicts : pieces == whole);
  };
  agrees(1);
  agrees(1 + (data[0] >> 2) % 40);
  return 0;
}
