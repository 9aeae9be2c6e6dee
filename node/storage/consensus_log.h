// ConsensusLog: what a validator must remember before it speaks. Records, opaque here, that are
// durable before anything that follows from them is sent.
//
//   ConsensusLog::Create(&disk, folder);                       // `boursed init`, once
//   auto opened = ConsensusLog::Open(&disk, folder);           // each start
//   for (const std::string& record : opened->records) …        // back to the replica
//   opened->log->Append(effects.persist);                      // one batch, one sync: then send
//   opened->log->Rewrite(*effects.rewrite_log);                // drop what is no longer needed
//
// Invariants:
//   1. After a loss of power at any point, Open gives all records of the calls that returned OK, in
//      order, and of the one that had not returned yet all or none.
//   2. A batch is begun only when the one before is durable. So an incomplete batch at the end was
//      never synced, and nothing that follows from it was ever sent: Open drops it.
//   3. Any other damage, and a log that is not there, is an error: never an empty or shorter log. A
//      validator that forgot what it signed would sign the opposite.
//
// Why not RocksDB, which keeps the ledger: a recovery that only says "the log ends here" is enough
// for a ledger, whose blocks can be fetched again, but not for votes, which nobody else remembers;
// whether the end was never synced, or was and is damaged, must be known (log_segment.h). Also the
// simulator runs this very code on a simulated disk, and a turn of the event loop costs one sync of
// one file, nothing in the background.
//
// On disk: one segment, a file of batches with checksums (log_format.h). Rewrite, and each Open,
// write a new one under another name, sync it, give it its name, sync the folder, and only then
// remove the old one; of two the newer holds. Open does it too since what it reads may be in the
// system's cache only: of a process that was killed before its sync, or whose sync failed. So all
// that it returns was written and synced by it; and nothing is ever appended behind a dropped
// batch.
//
// Not thread-safe. Nobody else may have the log open: the lock of the ledger, opened before, sees
// to that.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "node/storage/disk.h"
#include "node/storage/log_format.h"

namespace bourse::storage {

class ConsensusLog {
 public:
  struct Opened;

  // Makes an empty log in `folder`, and the folder if it is missing; the folder above must be
  // there. Durable when it returns OK. kAlreadyExists if there is a log; errors of the disk.
  [[nodiscard]] static absl::Status Create(Disk* disk, const std::string& folder);

  // kNotFound: there is no log. kDataLoss: it is damaged; the disk is left as it is. Errors of the
  // disk. `disk` must outlive the log.
  [[nodiscard]] static absl::StatusOr<Opened> Open(Disk* disk, const std::string& folder);

  ConsensusLog(const ConsensusLog&) = delete;
  ConsensusLog& operator=(const ConsensusLog&) = delete;

  // Returns when the records are durable: one write and one sync, none without records. More than
  // kMaxBatchBytes are several batches, of which a loss of power may leave the first ones.
  // kInvalidArgument, and nothing is done, for a record longer than kMaxRecordBytes. After any
  // other error the log is of no more use: each call returns that error, as nobody knows what is
  // durable. Only Open can tell.
  [[nodiscard]] absl::Status Append(std::span<const std::string> records);

  // Makes these the log's records, in place of all others, durable and at once. Errors as Append.
  [[nodiscard]] absl::Status Rewrite(std::span<const std::string> records);

  // That the log has grown by since it was opened or rewritten; in pages.
  [[nodiscard]] std::uint64_t bytes() const { return size_ - segment_.sealed_bytes; }

 private:
  struct Sites;
  ConsensusLog(Disk* disk, std::string folder) : disk_(disk), folder_(std::move(folder)) {}

  // Makes this the live segment, durably. Leaves the old one's file.
  absl::Status WriteSegment(std::uint64_t number, std::span<const std::string> records,
                            const Sites& sites);
  absl::Status WriteBatch(std::span<const std::string> records);
  absl::Status Replace(std::span<const std::string> records);
  absl::Status AppendDurably(std::span<const std::string> records);

  Disk* const disk_;
  const std::string folder_;
  Segment segment_;
  std::unique_ptr<File> file_;
  std::uint64_t size_ = 0;      // of the segment's file
  std::uint64_t sequence_ = 1;  // of the next batch
  absl::Status failed_;         // the first error
};

struct ConsensusLog::Opened {
  std::unique_ptr<ConsensusLog> log;
  std::vector<std::string> records;
  bool dropped_tail = false;  // an incomplete batch, never synced, was there
};

// Each sync of the log, by the name it gives to the disk. None can be left out: the tests try.
inline constexpr std::string_view kSyncNewLog = "log/create/file";
inline constexpr std::string_view kSyncNewLogName = "log/create/folder";
inline constexpr std::string_view kSyncNewLogFolder = "log/create/folder-above";
inline constexpr std::string_view kSyncBatch = "log/append/file";
inline constexpr std::string_view kSyncRewritten = "log/rewrite/file";
inline constexpr std::string_view kSyncRewrittenName = "log/rewrite/folder";
inline constexpr std::array kLogSyncSites = {kSyncNewLog, kSyncNewLogName, kSyncNewLogFolder,
                                             kSyncBatch,  kSyncRewritten,  kSyncRewrittenName};

}  // namespace bourse::storage
