#include "node/storage/consensus_log.h"

#include <sodium.h>

#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/check.h"
#include "node/storage/log_segment.h"

namespace bourse::storage {
namespace {

// A segment until it is whole and synced.
constexpr std::string_view kUnfinished = "unfinished";
constexpr std::string_view kSuffix = ".segment";
constexpr std::size_t kDigits = 20;  // of the number in a segment's name

std::string PathOf(const std::string& folder, std::string_view name) {
  return absl::StrCat(folder, "/", std::string(name));
}

std::string SegmentPath(const std::string& folder, std::uint64_t number) {
  return PathOf(folder, absl::StrFormat("%020u%s", number, std::string(kSuffix)));
}

std::optional<std::uint64_t> NumberOf(const std::string& name) {
  std::uint64_t number = 0;
  if (name.size() != kDigits + kSuffix.size() || !name.ends_with(kSuffix) ||
      !absl::SimpleAtoi(name.substr(0, kDigits), &number)) {
    return std::nullopt;
  }
  return number;
}

// Of the segments in a folder, ascending.
absl::StatusOr<std::vector<std::uint64_t>> ListSegments(Disk* disk, const std::string& folder) {
  const absl::StatusOr<std::vector<std::string>> names = disk->List(folder);
  if (!names.ok()) return names.status();
  std::vector<std::uint64_t> numbers;
  for (const std::string& name : *names) {
    if (const auto number = NumberOf(name); number.has_value()) numbers.push_back(*number);
  }
  return numbers;
}

absl::Status CheckSizes(std::span<const std::string> records) {
  for (const std::string& record : records) {
    if (record.size() > kMaxRecordBytes) {
      return absl::InvalidArgumentError(
          absl::StrCat("a record of ", record.size(), " bytes is too long for the consensus log"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

struct ConsensusLog::Sites {
  std::string_view file;
  std::string_view folder;
};

absl::Status ConsensusLog::Create(Disk* disk, const std::string& folder) {
  absl::Status status = disk->MakeFolder(folder);
  if (status.ok()) status = disk->SyncFolder(FolderAbove(folder), kSyncNewLogFolder);
  if (!status.ok()) return status;
  const auto segments = ListSegments(disk, folder);
  if (!segments.ok()) return segments.status();
  if (!segments->empty()) {
    return absl::AlreadyExistsError(absl::StrCat(folder, " holds a consensus log already"));
  }
  return ConsensusLog(disk, folder).WriteSegment(1, {}, {kSyncNewLog, kSyncNewLogName});
}

absl::StatusOr<ConsensusLog::Opened> ConsensusLog::Open(Disk* disk, const std::string& folder) {
  const auto segments = ListSegments(disk, folder);
  if (!segments.ok()) return segments.status();
  if (segments->empty()) {
    return absl::NotFoundError(absl::StrCat("there is no consensus log in ", folder));
  }
  const std::uint64_t newest = segments->back();
  const std::string path = SegmentPath(folder, newest);
  const absl::StatusOr<std::unique_ptr<File>> file = disk->Open(path);
  if (!file.ok()) return file.status();
  absl::StatusOr<SegmentContents> contents = ReadSegment(**file, path, newest);
  if (!contents.ok()) return contents.status();

  Opened opened;
  opened.log.reset(new ConsensusLog(disk, folder));
  opened.log->segment_.number = newest;
  if (absl::Status status = opened.log->Rewrite(contents->records); !status.ok()) return status;
  // Those that a loss of power left behind.
  for (const std::uint64_t number : *segments) {
    if (number == newest) continue;
    const absl::Status removed = disk->Remove(SegmentPath(folder, number));
    if (!removed.ok()) return removed;
  }
  opened.records = std::move(contents->records);
  opened.dropped_tail = contents->has_incomplete_batch;
  return opened;
}

absl::Status ConsensusLog::Append(std::span<const std::string> records) {
  if (!failed_.ok()) return failed_;
  if (absl::Status status = CheckSizes(records); !status.ok()) return status;
  failed_ = AppendDurably(records);
  return failed_;
}

absl::Status ConsensusLog::AppendDurably(std::span<const std::string> records) {
  for (const std::span<const std::string> batch : SplitIntoBatches(records)) {
    absl::Status status = WriteBatch(batch);
    if (status.ok()) status = file_->Sync(kSyncBatch);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status ConsensusLog::WriteBatch(std::span<const std::string> records) {
  const std::string batch = EncodeBatch(segment_, size_, sequence_, records);
  if (absl::Status status = file_->Append(batch); !status.ok()) return status;
  size_ += batch.size();
  ++sequence_;
  return absl::OkStatus();
}

absl::Status ConsensusLog::Rewrite(std::span<const std::string> records) {
  if (!failed_.ok()) return failed_;
  if (absl::Status status = CheckSizes(records); !status.ok()) return status;
  failed_ = Replace(records);
  return failed_;
}

absl::Status ConsensusLog::Replace(std::span<const std::string> records) {
  const std::uint64_t old = segment_.number;
  absl::Status status = WriteSegment(old + 1, records, {kSyncRewritten, kSyncRewrittenName});
  if (!status.ok()) return status;
  // Not synced: should the old one come back, the new one still holds.
  return disk_->Remove(SegmentPath(folder_, old));
}

absl::Status ConsensusLog::WriteSegment(std::uint64_t number, std::span<const std::string> records,
                                        const Sites& sites) {
  const auto batches = SplitIntoBatches(records);
  segment_ = {.number = number, .salt = {}, .sealed_bytes = kPageBytes};
  CHECK(sodium_init() >= 0);
  randombytes_buf(segment_.salt.bytes.data(), segment_.salt.bytes.size());
  for (const auto& batch : batches) segment_.sealed_bytes += BatchBytes(batch);

  const std::string unfinished = PathOf(folder_, kUnfinished);
  absl::StatusOr<std::unique_ptr<File>> file = disk_->Create(unfinished);
  if (!file.ok()) return file.status();
  file_ = *std::move(file);
  size_ = kPageBytes;
  sequence_ = 1;
  if (absl::Status status = file_->Append(Encode(segment_)); !status.ok()) return status;
  for (const auto& batch : batches) {
    if (absl::Status status = WriteBatch(batch); !status.ok()) return status;
  }
  if (absl::Status status = file_->Sync(sites.file); !status.ok()) return status;

  absl::Status status = disk_->Rename(unfinished, SegmentPath(folder_, number));
  if (status.ok()) status = disk_->SyncFolder(folder_, sites.folder);
  return status;
}

}  // namespace bourse::storage
