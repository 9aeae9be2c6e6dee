#include "node/storage/log_segment.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace bourse::storage {
namespace {

class SegmentReader {
 public:
  SegmentReader(const File& file, const std::string& path) : file_(file), path_(path) {}

  absl::StatusOr<SegmentContents> Read(std::uint64_t number) {
    if (absl::Status status = ReadHeader(number); !status.ok()) return status;
    for (;;) {
      const absl::StatusOr<bool> read = ReadBatch();
      if (!read.ok()) return read.status();
      if (!*read) break;
    }
    if (offset_ < size_) {
      if (absl::Status status = CheckIncomplete(); !status.ok()) return status;
      contents_.has_incomplete_batch = true;
    }
    return std::move(contents_);
  }

 private:
  absl::Status Damaged(std::string_view what) const {
    return absl::DataLossError(absl::StrCat(path_, " is damaged: ", std::string(what)));
  }

  absl::Status ReadHeader(std::uint64_t number) {
    const absl::StatusOr<std::uint64_t> size = file_.Size();
    if (!size.ok()) return size.status();
    size_ = *size;
    const absl::StatusOr<std::string> page = file_.Read(0, kPageBytes);
    if (!page.ok()) return page.status();
    if (!Decode(*page, &segment_)) return Damaged("its header is unreadable");
    if (segment_.number != number) {
      return Damaged(absl::StrCat("its header is that of segment ", segment_.number));
    }
    if (size_ < segment_.sealed_bytes) return Damaged("its end is missing");
    return absl::OkStatus();
  }

  // False: there is no good batch at offset_.
  absl::StatusOr<bool> ReadBatch() {
    if (offset_ == size_) return false;
    const absl::StatusOr<std::string> page = file_.Read(offset_, kPageBytes);
    if (!page.ok()) return page.status();
    BatchHead head;
    if (!DecodeHead(segment_, offset_, *page, &head)) return false;
    if (head.sequence != sequence_) {
      return Damaged(absl::StrCat("where batch ", sequence_, " should be, ", head.sequence, " is"));
    }
    good_head_end_ = offset_ + head.TotalBytes();
    if (good_head_end_ > size_) return false;
    const absl::StatusOr<std::string> batch = file_.Read(offset_, head.TotalBytes());
    if (!batch.ok()) return batch.status();
    const std::size_t records = contents_.records.size();
    if (!DecodeBody(segment_, offset_, head, *batch, &contents_.records)) {
      contents_.records.resize(records);
      return false;
    }
    offset_ = good_head_end_;
    ++sequence_;
    return true;
  }

  // Whether what starts at offset_ can be a batch that was never synced.
  absl::Status CheckIncomplete() const {
    const std::string where = absl::StrCat("batch ", sequence_, " at byte ", offset_, " is broken");
    if (offset_ < segment_.sealed_bytes) {
      return Damaged(absl::StrCat(where, ", though it was synced with its segment"));
    }
    const bool has_good_head = good_head_end_ > offset_;
    const std::uint64_t end_max = has_good_head ? good_head_end_ : offset_ + kMaxBatchBytes;
    if (size_ > end_max) return Damaged(absl::StrCat(where, ", though another one follows it"));
    for (std::uint64_t at = offset_ + kPageBytes; at < size_; at += kPageBytes) {
      const absl::StatusOr<std::string> page = file_.Read(at, kPageBytes);
      if (!page.ok()) return page.status();
      BatchHead head;
      if (DecodeHead(segment_, at, *page, &head)) {
        return Damaged(absl::StrCat(where, ", though batch ", head.sequence, " follows it"));
      }
    }
    return absl::OkStatus();
  }

  const File& file_;
  const std::string& path_;
  Segment segment_;
  std::uint64_t size_ = 0;
  std::uint64_t offset_ = kPageBytes;  // of the next batch
  std::uint64_t sequence_ = 1;         // of the next batch
  std::uint64_t good_head_end_ = 0;    // where the batch ends whose head was the last good one
  SegmentContents contents_;
};

}  // namespace

absl::StatusOr<SegmentContents> ReadSegment(const File& file, const std::string& path,
                                            std::uint64_t number) {
  return SegmentReader(file, path).Read(number);
}

}  // namespace bourse::storage
