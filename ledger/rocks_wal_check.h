// Tells a torn log from a damaged one, before RocksDB replays it.
//
// A loss of power may tear what was being written, so replay has to stop at the first record that
// is not intact (kPointInTimeRecovery). But RocksDB then stops just as quietly where the disk lost
// records that it had acknowledged, and goes on without the blocks that follow. The two can be told
// apart, as the store syncs each batch before it writes the next: only the last batch of a log can
// be torn. So a batch that is intact behind one that is not means damage:
//
//     batch 7 | batch 8 | bat~~          torn:    batch 9 was never acknowledged; go on after 8
//     batch 7 | ~~~~~~~ | batch 9        damaged: batch 8 was
//
// The format of the log: rocksdb/db/log_format.h (blocks of 32 KiB; a record is a CRC-32C, a
// 16-bit length, a type, and its bytes, which start with the batch's first sequence number and its
// count).
#pragma once

#include <string>

#include "absl/status/status.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace bourse::ledger {

// OK if replay would drop nothing but a torn last batch of the logs in folder `path`. DATA_LOSS if
// it would drop more; other errors if the files can't be read. Reads the logs, changes nothing.
[[nodiscard]] absl::Status CheckWriteAheadLogs(rocksdb::Env* env, const std::string& path);

}  // namespace bourse::ledger
