// HashLanes: BLAKE2b-256 of many messages, four side by side where the processor has AVX2. The same
// hashes as HashOf's, in about half the time.
//
//   HashLanes lanes;
//   for (…) lanes.Add(prefix, leaf, &hashes[i]);
//   lanes.Finish();  // now they are there
//
// Not thread-safe; any number may exist.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/hash.h"

namespace bourse {

// BLAKE2b's personalization, filled up with zeros; zeros alone: none.
using HashDomain = std::array<std::uint8_t, 16>;

class HashLanes {
 public:
  explicit HashLanes(const HashDomain& domain = {});
  HashLanes(const HashLanes&) = delete;
  HashLanes& operator=(const HashLanes&) = delete;
  // Calls Finish.
  ~HashLanes();

  // Hashes head ‖ body into `out`, at the latest in Finish. Until then `out` must stay where it is,
  // and so must what lies beyond the message's first 128 bytes. REQUIRES: a head of at most 128
  // bytes.
  void Add(Bytes head, Bytes body, Hash256* out);
  void Finish();

 private:
  static constexpr std::size_t kLanes = 4;
  static constexpr std::size_t kBlockBytes = 128;
  using Row = std::array<std::uint64_t, kLanes>;  // a word of each lane

  struct Lane {
    Hash256* out = nullptr;  // null: the lane is free
    Bytes left;              // of the message, beyond the block
  };

  void Begin(std::size_t lane, Bytes head, Bytes body);
  void FillBlock(std::size_t lane, std::size_t filled);
  void Step();

  HashDomain domain_;
  std::array<Lane, kLanes> lanes_;
  std::size_t busy_ = 0;
  alignas(32) std::array<Row, 8> start_;
  alignas(32) std::array<Row, 8> state_{};
  alignas(32) Row hashed_{};  // bytes, with those of the block
  alignas(32) Row last_{};    // all ones where the block is its message's last
  alignas(32) std::array<std::array<std::uint8_t, kBlockBytes>, kLanes> blocks_{};
};

}  // namespace bourse
