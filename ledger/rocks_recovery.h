// Tells what a loss of power tore from what the disk damaged, before RocksDB reads it.
//
// Power that goes tears what was being written, so replay has to stop at the first record that is
// not intact (kPointInTimeRecovery). But RocksDB then stops just as quietly where the disk lost
// records that it had acknowledged, and goes on without the blocks that follow. The two can be told
// apart, as each record is synced before the next is written: only the last one can be torn. So a
// record that is intact behind one that is not means damage:
//
//     batch 7 | batch 8 | bat~~          torn:    batch 9 was never acknowledged; go on after 8
//     batch 7 | ~~~~~~~ | batch 9        damaged: batch 8 was
//
// Of a manifest, RocksDB accepts a last record that is cut off, but not one of which only parts
// arrived; that one is as good as not written, and is cut off here.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace bourse::ledger {

// Makes ready what a loss of power left in folder `path`. DATA_LOSS if replay would drop more than
// a torn last batch; other errors if the files can't be read. REQUIRES: no one has the database
// open.
[[nodiscard]] absl::Status PrepareRecovery(rocksdb::Env* env, const std::string& path);

}  // namespace bourse::ledger
