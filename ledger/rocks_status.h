// RocksDB's errors, as statuses that tell an operator what to do.
#pragma once

#include <rocksdb/status.h>

#include <string>

#include "absl/status/status.h"

namespace bourse::ledger {

// OK stays OK; the codes are those of RocksStore::Open. `path` is the database's folder.
[[nodiscard]] absl::Status FromRocks(const rocksdb::Status& status, const std::string& path);

// The error for a database whose files are not what was written: `what` says which.
[[nodiscard]] absl::Status DamagedError(const std::string& path, const std::string& what);

}  // namespace bourse::ledger
