#include "node/peer/bounds.h"

#include "common/limits.h"
#include "node/peer/outbox.h"

namespace bourse::peer {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;

// What a frame takes besides the bytes of its messages: 16 for each is more than enough.
static_assert(kFrameBytes + 16 * kFrameMessages < 512 * 1024);
static_assert(512 * 1024 <= limits::kMaxMessageBytes);

}  // namespace

gate::ConnectionOptions PeerConnection() {
  gate::ConnectionOptions options;
  gate::GuardOptions& guard = options.guard;
  guard.calls_open_max = 4;
  guard.unfinished_bytes_max = 2 * 1024 * 1024;
  guard.resets = {.per_second = 1, .burst = 20};
  guard.stray_frames = {.per_second = 100, .burst = 1'000};  // of a stream just ended
  guard.pings = {.per_second = 20, .burst = 100};
  guard.calls = {.per_second = 10, .burst = 20};
  guard.header_bytes = {.per_second = 16 * 1024, .burst = 64 * 1024};
  guard.first_message_us_max = 10 * kSecondUs;  // a Hello goes first, at once
  guard.idle_us_max = 5 * kSecondUs;            // a connection is good for one call
  return options;
}

gate::GateOptions PeerGate() {
  gate::GateOptions options;
  options.connection = PeerConnection();
  options.admission.connections_max = 256;
  options.admission.connections_per_address_max = 64;
  options.admission.unproven_max = 64;
  options.admission.unproven_per_address_max = 32;
  options.admission.calls_max = 512;
  options.admission.calls_per_address_max = 128;
  return options;
}

gate::HardeningOptions PeerHardening() {
  gate::HardeningOptions options;
  options.calls_per_connection = 2;
  options.window_bytes = 2 * 1024 * 1024;  // a block of 4 MiB in two round trips
  return options;
}

}  // namespace bourse::peer
