// Reading a segment of the consensus log, and telling what was never synced from what is damaged.
//
// A batch is begun only when the one before is durable. So at most one is incomplete, the last, and
// there is nothing after it. What follows the last good batch of a segment is that incomplete one
// only if
//   - it is not among the sealed bytes, which were synced before the segment got its name;
//   - it is no longer than a batch may be, nor, if its head is good, than this one is;
//   - no page of it is the head of a later batch.
// Anything else is damage. What stays open: damage of the last batch alone, after it was synced,
// looks like a batch that never was. No form of the log can tell these apart without a second sync
// for each batch.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "node/storage/disk.h"
#include "node/storage/log_format.h"

namespace bourse::storage {

struct SegmentContents {
  std::vector<std::string> records;
  bool has_incomplete_batch = false;
};

// kDataLoss for damage, with `path` and what is wrong; errors of the file as they are.
[[nodiscard]] absl::StatusOr<SegmentContents> ReadSegment(const File& file, const std::string& path,
                                                          std::uint64_t number);

}  // namespace bourse::storage
