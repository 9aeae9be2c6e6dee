// AdmissionOptions: the bounds that all connections of a gate share.
#pragma once

#include <cstddef>
#include <cstdint>

#include "node/gate/bucket.h"

namespace bourse::gate {

struct AdmissionOptions {
  std::size_t connections_max = 1'024;
  std::size_t connections_per_address_max = 128;
  // Connections without a preface (with TLS: in the handshake), in all.
  std::size_t unproven_max = 256;
  std::size_t unproven_per_address_max = 64;
  std::int64_t calls_max = 8'192;
  std::int64_t calls_per_address_max = 512;
  // Calls reset by their clients or left open at a connection's end. Beyond it a
  // connection (of that address) closes when it opens more than a few calls.
  Rate abandoned{.per_second = 5'000, .burst = 10'000};
  Rate abandoned_per_address{.per_second = 200, .burst = 1'000};
  // Bytes of unfinished messages.
  std::int64_t held_bytes_max = 32 * 1024 * 1024;
  std::int64_t held_bytes_per_address_max = 16 * 1024 * 1024;
};

}  // namespace bourse::gate
