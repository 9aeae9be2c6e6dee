// The four hashes of the state tree, as ledger/state_tree.h defines them.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "common/hash.h"
#include "common/hash_lanes.h"

namespace bourse::ledger {

// A record in a bucket, laid out as it is hashed.
struct TreeLeaf {
  Hash256 place;
  Hash256 hash;
  friend bool operator==(const TreeLeaf&, const TreeLeaf&) = default;
};
static_assert(sizeof(TreeLeaf) == 64);

inline constexpr int kTreeArity = 4;
inline constexpr int kTreeDepth = 128;  // two bits of the place a level

// The four children of a node, laid out as they are hashed. Of an empty one: zeros.
using TreeChildren = std::array<Hash256, kTreeArity>;
static_assert(sizeof(TreeChildren) == 128);

// What each is hashed under.
extern const HashDomain kPlaceDomain, kLeafDomain, kBucketDomain, kNodeDomain;

[[nodiscard]] Hash256 HashPlace(std::string_view key);
[[nodiscard]] Hash256 HashLeaf(const Hash256& place, std::string_view value);
// In the order of places. Of none: zeros.
[[nodiscard]] Hash256 HashBucket(std::span<const TreeLeaf> leaves);
[[nodiscard]] Hash256 HashNode(const TreeChildren& children);
// The bytes that they hash.
[[nodiscard]] Bytes BytesOf(std::span<const TreeLeaf> leaves);
[[nodiscard]] Bytes BytesOf(const TreeChildren& children);

// Which child of a node at `depth` a place is under: 0 to 3. REQUIRES: depth < kTreeDepth.
[[nodiscard]] inline unsigned TreeDigit(const Hash256& place, int depth) {
  const auto at = static_cast<unsigned>(depth);
  return (place.bytes[at / 4] >> (6 - at % 4 * 2)) & 3u;
}

}  // namespace bourse::ledger
