// The bytes of the consensus log (consensus_log.h): segments, each a file of whole pages.
//
//   page 0   "bourse/log/1" ‖ number (8) ‖ salt (32) ‖ sealed bytes (8) ‖ checksum (32) ‖ zeros
//   then batch after batch, each of whole pages:
//            sequence (8) ‖ records (4) ‖ bytes of them (4) ‖ body checksum (32) ‖
//            head checksum (32) ‖ the records, sized ‖ zeros
//
// Sequences count up from 1 in each segment. Checksums are BLAKE2b-256: that of the head of what
// stands before it, that of the body of all pages but both checksums. Both also cover the segment's
// number and salt and the batch's offset, so that nothing but this batch at this place has them: no
// old data of the disk, and no record whose bytes a peer chose (the salt is random).
//
// A batch has pages of its own since a disk that loses power within a write may damage the whole
// page: nothing that was synced before may stand in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/hash.h"

namespace bourse::storage {

inline constexpr std::size_t kPageBytes = 4'096;

// Bounds. A record may hold a whole block.
inline constexpr std::size_t kMaxRecordBytes = 8 * 1024 * 1024;
// Of a batch with its head and padding.
inline constexpr std::size_t kMaxBatchBytes = 32 * 1024 * 1024;

struct Segment {
  std::uint64_t number = 0;
  Hash256 salt;
  // The file's first bytes, which were synced before it got its name: no part of them can be an
  // incomplete batch.
  std::uint64_t sealed_bytes = kPageBytes;
};

// One page.
[[nodiscard]] std::string Encode(const Segment& segment);
[[nodiscard]] bool Decode(std::string_view page, Segment* segment);

// The head of a batch.
struct BatchHead {
  std::uint64_t sequence = 0;
  std::uint32_t records = 0;
  std::uint32_t bytes = 0;
  Hash256 body_checksum;

  // Of the whole batch, a multiple of kPageBytes.
  [[nodiscard]] std::size_t TotalBytes() const;
};

// Cuts records into runs that fit a batch each; at least one record a run.
// REQUIRES: no record is longer than kMaxRecordBytes.
[[nodiscard]] std::vector<std::span<const std::string>> SplitIntoBatches(
    std::span<const std::string> records);

// What EncodeBatch would return has so many bytes.
[[nodiscard]] std::size_t BatchBytes(std::span<const std::string> records);

// The batch at `offset` of `segment`. REQUIRES: BatchBytes(records) <= kMaxBatchBytes.
[[nodiscard]] std::string EncodeBatch(const Segment& segment, std::uint64_t offset,
                                      std::uint64_t sequence, std::span<const std::string> records);

// Reads the head from a batch's first page, or its beginning. True only for one that EncodeBatch
// made for this place.
[[nodiscard]] bool DecodeHead(const Segment& segment, std::uint64_t offset, std::string_view page,
                              BatchHead* head);

// Appends the records of a whole batch, whose head is given, to `records`. False if it is not what
// EncodeBatch made.
[[nodiscard]] bool DecodeBody(const Segment& segment, std::uint64_t offset, const BatchHead& head,
                              std::string_view batch, std::vector<std::string>* records);

}  // namespace bourse::storage
