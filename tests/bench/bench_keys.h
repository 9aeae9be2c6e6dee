// The keys of benchmarks' accounts, of which everyone can know the secret.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/ed25519.h"

namespace bourse::bench {

[[nodiscard]] inline KeyPair KeyOf(std::uint32_t number) {
  std::array<std::uint8_t, 32> seed{};
  for (std::size_t i = 0; i < 4; ++i) seed[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return KeyPair::FromSeed(seed);
}

}  // namespace bourse::bench
