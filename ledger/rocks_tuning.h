// How RocksDB is set up for the ledger, and why.
#pragma once

#include <rocksdb/options.h>

#include <memory>

#include "ledger/rocks_store.h"

namespace bourse::ledger {

[[nodiscard]] rocksdb::DBOptions DatabaseOptions(const RocksOptions& options);

// `cache` is shared by all families.
[[nodiscard]] rocksdb::ColumnFamilyOptions FamilyOptions(
    const RocksOptions& options, const std::shared_ptr<rocksdb::Cache>& cache);

}  // namespace bourse::ledger
