// Whose database a folder holds, found out before RocksDB writes anything into it.
//
// Beside RocksDB's files a ledger's folder has one of ours, which says what it is and of which
// format; it is made before the database is, so there is no database of ours without it.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace bourse::ledger {

// The file's name and what it holds: this, the version in decimals, and a line's end. The version
// goes up with each change of what is stored that earlier versions of Bourse can't read.
inline constexpr char kFormatFile[] = "BOURSE_LEDGER";
inline constexpr char kFormatText[] = "bourse ledger, format ";
inline constexpr int kFormatVersion = 2;

// Checks that `path` holds a ledger that this version can read, or nothing: then makes the folder
// (but not those above it) and marks it as ours. Returns whether there is a database yet.
// FAILED_PRECONDITION for the folder of something else or of another version, DATA_LOSS for a
// database without its most important file; other errors as of RocksStore::Open.
[[nodiscard]] absl::StatusOr<bool> ClaimFolder(rocksdb::Env* env, const std::string& path);

}  // namespace bourse::ledger
