// The state tree: commits to every record of the state with one root.
//
// A sparse Merkle tree of arity 4 over BLAKE2b-256. A record's place is the hash of its key, two
// bits a level, from the first byte's highest. A subtree of at most kBucketLeaves leaves is a
// bucket, hashed as the list of its leaves in the order of their places; a larger one is a node,
// hashed as its four children. So the shape, and the root, are a function of the set of records
// alone, not of the order of changes.
//
//   place  = BLAKE2b[bourse/place/1](key)
//   leaf   = BLAKE2b[bourse/leaf/1](place ‖ value)
//   bucket = BLAKE2b[bourse/bucket/1](place ‖ leaf ‖ …)     1 to 4 leaves
//   node   = BLAKE2b[bourse/node/1](child0 ‖ … ‖ child3)
//   empty subtree: 32 zero bytes
//
// The domain in brackets is BLAKE2b's personalization, filled up with zeros to 16 bytes: unlike a
// prefix it takes no room in the message, so that a node's 128 bytes are one block of BLAKE2b, not
// two. A bucket commits to its places, as the proof that a record is absent rests on them.
//
// All of the tree lives in memory. Not thread-safe; independent of every other part of the state,
// so it may be updated on a thread of its own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "common/hash.h"

namespace bourse::ledger {

// Proof that a record is in the state, or that none with its key is.
struct StateProof {
  // Leaves of the bucket at the end of the record's path: (place, leaf hash), in order of place.
  std::vector<std::pair<Hash256, Hash256>> bucket;
  // From the bucket up to the root: the three other children of each node, in order.
  std::vector<std::array<Hash256, 3>> siblings;
};

class StateTree {
 public:
  static constexpr int kBucketLeaves = 4;

  struct Change {
    Hash256 place;
    std::optional<Hash256> leaf;  // nothing: the record is gone
  };

  // A record by its name, family ‖ key, and its value; nothing: the record is gone.
  struct Record {
    char family;
    std::string_view key;
    std::optional<std::string_view> value;
  };

  StateTree();
  ~StateTree();
  StateTree(StateTree&&) noexcept;
  StateTree& operator=(StateTree&&) noexcept;

  // The tree of these leaves, each place once; it needs less time and memory than an update with as
  // many.
  [[nodiscard]] static StateTree Of(std::vector<Change> leaves);

  [[nodiscard]] static Hash256 PlaceOf(std::string_view key);
  [[nodiscard]] static Hash256 LeafOf(const Hash256& place, std::string_view value);

  // Places and leaves of many records, in their order; less dear than one by one.
  [[nodiscard]] static std::vector<Change> ChangesOf(std::span<const Record> records);

  // Applies a block's changes, at most one a place, in any order, and rehashes each node above
  // them once. Returns the new root. Removing a record that is not there has no effect.
  Hash256 Update(std::span<const Change> changes);

  [[nodiscard]] Hash256 root() const;
  [[nodiscard]] std::size_t size() const;

  [[nodiscard]] StateProof Prove(const Hash256& place) const;

  // Checks a proof against a root: the value's leaf for a record that is there, or nothing for one
  // that is not. Costs one hash a level; bounded whatever the proof holds.
  [[nodiscard]] static bool VerifyProof(const Hash256& root, const Hash256& place,
                                        const std::optional<Hash256>& leaf,
                                        const StateProof& proof);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bourse::ledger
