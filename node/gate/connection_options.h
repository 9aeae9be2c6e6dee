// ConnectionOptions: the bounds of one connection.
#pragma once

#include <cstdint>

#include "node/gate/guard_options.h"

namespace bourse::gate {

struct ConnectionOptions {
  GuardOptions guard;
  std::int64_t handshake_us_max = 5'000'000;  // TLS, to its end
  // A piece of bytes that the receiver has not taken for so long closes.
  std::int64_t stall_us_max = 30'000'000;
  // Once one side has said that it is done, the other has so long.
  std::int64_t linger_us_max = 5'000'000;
};

}  // namespace bourse::gate
