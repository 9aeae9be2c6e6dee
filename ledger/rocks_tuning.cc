#include "ledger/rocks_tuning.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <vector>

namespace bourse::ledger {
namespace {

// The first of these that RocksDB was built with.
rocksdb::CompressionType FirstSupported(std::vector<rocksdb::CompressionType> wanted) {
  const std::vector<rocksdb::CompressionType> supported = rocksdb::GetSupportedCompressions();
  for (const rocksdb::CompressionType type : wanted) {
    if (std::find(supported.begin(), supported.end(), type) != supported.end()) return type;
  }
  return rocksdb::kNoCompression;
}

rocksdb::BlockBasedTableOptions TableOptions(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  // Most look-ups are of one key, many of a key that is not there (is this transaction known?): ten
  // bits a key spare 99 in 100 of the reads that would find nothing.
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  // So that cache_bytes bounds the memory of indexes and filters too, in a ledger of any size.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.format_version = 5;  // faster filters than the default of this release's predecessors
  return table;
}

}  // namespace

rocksdb::DBOptions DatabaseOptions(const RocksOptions& options) {
  rocksdb::DBOptions db;
  if (options.env != nullptr) db.env = options.env;

  // Safety. A torn last batch ends the replay; damage before it is found by PrepareRecovery. Of
  // the other modes, kAbsoluteConsistency would refuse to start after most losses of power, and
  // kTolerateCorruptedTailRecords after those which leave a record's length behind without its
  // bytes.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  db.track_and_verify_wals_in_manifest = true;  // a log that is missing is an error, not an end
  db.paranoid_checks = true;
  // A disk that failed to sync may forget what it was given, so trying again proves nothing.
  db.max_bgerror_resume_count = 0;

  // Restart replays the logs: they are kept this short by writing the oldest memtables to tables.
  db.db_write_buffer_size = options.write_buffer_bytes;
  db.max_total_wal_size = 2 * options.write_buffer_bytes;
  // Written out bit by bit in the background, so that the sync of a block doesn't wait behind the
  // sync of a whole table.
  db.bytes_per_sync = 1 << 20;

  db.max_background_jobs = 2;  // flush and compaction, beside the exchange and the network
  db.max_open_files = 512;     // below the usual limit of 1,024 for all of a process
  db.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  db.max_log_file_size = 4 << 20;
  db.keep_log_file_num = 4;
  return db;
}

rocksdb::ColumnFamilyOptions FamilyOptions(const RocksOptions& options,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions out;
  out.table_factory.reset(rocksdb::NewBlockBasedTableFactory(TableOptions(cache)));
  // db_write_buffer_size bounds the sum; so one busy family may use up to half of it.
  out.write_buffer_size = options.write_buffer_bytes / 2;
  // A batch comes sorted: the place of each key is looked for from that of the one before.
  out.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(0));
  // Keeps the tables' overhead near 11% whatever their size.
  out.level_compaction_dynamic_level_bytes = true;
  // What is new is compacted often, so fast; what is old (the last level: nine tenths of all) well.
  out.compression = FirstSupported({rocksdb::kLZ4Compression, rocksdb::kSnappyCompression});
  out.bottommost_compression = FirstSupported({rocksdb::kZSTD, rocksdb::kLZ4Compression});
  return out;
}

}  // namespace bourse::ledger
