// RocksDB's log format, read as strictly as after a loss of power is needed: which records are
// intact, and what else is there. Write-ahead logs and manifests have it.
//
// The format (rocksdb/db/log_format.h): blocks of 32 KiB; a fragment is a CRC-32C, a 16-bit length,
// a type, and its bytes; a record is one fragment or more.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bourse::ledger {

struct LogRecord {
  std::string head;           // its first bytes, at most kLogHeadSize
  bool after_damage = false;  // something before it in the file is not intact
};
inline constexpr std::size_t kLogHeadSize = 12;

struct LogContents {
  std::vector<LogRecord> records;  // the intact ones, in order
  std::size_t intact_bytes = 0;    // the file up to the end of the last record before any damage
  bool torn = false;               // something that is not intact comes last
};

[[nodiscard]] LogContents ReadLog(std::string_view file);

}  // namespace bourse::ledger
