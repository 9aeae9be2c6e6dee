#include "ledger/rocks_recovery.h"

#include <rocksdb/env.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/codec.h"
#include "ledger/rocks_log.h"
#include "ledger/rocks_status.h"

namespace bourse::ledger {
namespace {

// The numbers of all changes in a log's batches, and where some are missing.
struct Numbers {
  std::optional<std::uint64_t> first;
  std::uint64_t last = 0;
  std::optional<std::uint64_t> missing_before;
};

// A batch starts with its first change's number and the count of its changes.
Numbers NumbersOf(const std::vector<LogRecord>& batches) {
  Numbers out;
  for (const LogRecord& batch : batches) {
    Reader reader(batch.head);
    const std::uint64_t first = reader.U64();
    const std::uint64_t count = reader.U32();
    if (!reader.ok() || count == 0) continue;
    const bool gap = out.first.has_value() && first != out.last + 1;
    if ((batch.after_damage || gap) && !out.missing_before.has_value()) out.missing_before = first;
    if (!out.first.has_value()) out.first = first;
    out.last = first + count - 1;
  }
  return out;
}

// The logs of a folder, by number.
std::map<std::uint64_t, std::string> LogNames(const std::vector<std::string>& children) {
  static constexpr std::string_view kSuffix = ".log";
  std::map<std::uint64_t, std::string> out;
  for (const std::string& name : children) {
    std::uint64_t number = 0;
    if (name.ends_with(kSuffix) &&
        absl::SimpleAtoi(name.substr(0, name.size() - kSuffix.size()), &number)) {
      out[number] = name;
    }
  }
  return out;
}

absl::Status CheckLogs(rocksdb::Env* env, const std::string& path) {
  std::vector<std::string> children;
  if (const rocksdb::Status status = env->GetChildren(path, &children); !status.ok()) {
    return FromRocks(status, path);
  }
  bool torn = false;  // the log before
  std::uint64_t last = 0;
  for (const auto& [number, name] : LogNames(children)) {
    std::string file;
    const rocksdb::Status status = rocksdb::ReadFileToString(env, path + "/" + name, &file);
    if (!status.ok()) return FromRocks(status, path);
    const LogContents log = ReadLog(file);
    Numbers numbers = NumbersOf(log.records);
    if (!numbers.first.has_value()) continue;
    // The numbers of a torn batch are given again. A log that ends well and whose next is not there
    // is no sign of damage: logs that tables replaced are deleted in any order. That none which is
    // needed is missing, RocksDB checks itself (track_and_verify_wals_in_manifest).
    if (torn && *numbers.first > last + 1) {
      numbers.missing_before = numbers.first;
    }
    if (numbers.missing_before.has_value()) {
      return DamagedError(path, absl::StrCat("changes before number ", *numbers.missing_before,
                                             " are missing from ", name,
                                             " or the log before it, though later ones are there"));
    }
    torn = log.torn;
    last = numbers.last;
  }
  return absl::OkStatus();
}

// Cuts off a manifest's torn last record. What is wrong otherwise, RocksDB finds.
absl::Status TrimManifest(rocksdb::Env* env, const std::string& path) {
  std::string name;
  if (!rocksdb::ReadFileToString(env, path + "/CURRENT", &name).ok()) return absl::OkStatus();
  if (!name.empty() && name.back() == '\n') name.pop_back();
  const std::string manifest = path + "/" + name;
  std::string file;
  if (!name.starts_with("MANIFEST-") || !rocksdb::ReadFileToString(env, manifest, &file).ok()) {
    return absl::OkStatus();
  }
  const LogContents log = ReadLog(file);
  const bool only_the_last = log.records.empty() || !log.records.back().after_damage;
  if (!log.torn || !only_the_last || log.intact_bytes == 0) return absl::OkStatus();
  return FromRocks(env->Truncate(manifest, log.intact_bytes), path);
}

}  // namespace

absl::Status PrepareRecovery(rocksdb::Env* env, const std::string& path) {
  if (const absl::Status status = CheckLogs(env, path); !status.ok()) return status;
  return TrimManifest(env, path);
}

}  // namespace bourse::ledger
