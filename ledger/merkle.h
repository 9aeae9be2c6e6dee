// Merkle trees over lists (RFC 6962, section 2.1, with BLAKE2b-256): what a block's transactions
// and results are committed to with. A leaf is hashed with the prefix 0x00, a node with 0x01.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/hash.h"

namespace bourse::ledger {

[[nodiscard]] Hash256 MerkleLeaf(Bytes leaf);

// The hashes of many leaves, in their order; less dear than one by one.
[[nodiscard]] std::vector<Hash256> MerkleLeaves(std::span<const std::string_view> leaves);

// Root over leaf hashes; of an empty list the hash of nothing.
[[nodiscard]] Hash256 MerkleRoot(std::span<const Hash256> leaves);

// Root over the hashes of these leaves, in order: what a block commits to its transactions with.
[[nodiscard]] Hash256 MerkleRootOf(std::span<const std::string> leaves);

// Audit path of leaf `index` (RFC 6962, 2.1.1), from the leaf up. REQUIRES: index < leaves.size().
[[nodiscard]] std::vector<Hash256> MerklePath(std::span<const Hash256> leaves, std::size_t index);

// Whether a path leads from leaf `index` of `count` to `root` (RFC 9162, 2.1.3.2).
[[nodiscard]] bool VerifyMerklePath(const Hash256& root, const Hash256& leaf, std::size_t index,
                                    std::size_t count, std::span<const Hash256> path);

}  // namespace bourse::ledger
