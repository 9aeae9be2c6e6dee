// A candidate's header, and its hash: what a block is called.
#pragma once

#include <cstdint>

#include "common/hash.h"
#include "common/strong_int.h"
#include "common/units.h"

namespace bourse::consensus {

// One chance to propose: 0, 1, 2, …
using Slot = StrongInt<struct SlotTag, std::uint64_t>;

// The slot of the genesis: -1, in two's complement.
inline constexpr Slot kGenesisSlot(~std::uint64_t{0});

// Until the set of validators can change.
inline constexpr std::uint64_t kFirstEpoch = 0;

struct Header {
  Hash256 genesis_hash;
  std::uint64_t epoch = kFirstEpoch;
  std::uint32_t protocol_version = 0;
  Slot slot;
  Height height;
  TimeMicros time;
  Slot parent_slot;
  Hash256 parent_hash;
  Hash256 transactions_root;  // Merkle root over the transactions' exact bytes
};

// BLAKE2b-256 of "bourse/candidate/1" and the fields in their order, little-endian: 32, 8, 4, 8, 8,
// 8, 8, 32 and 32 bytes.
[[nodiscard]] Hash256 HashOf(const Header& header);

}  // namespace bourse::consensus
