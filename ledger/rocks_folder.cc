#include "ledger/rocks_folder.h"

#include <rocksdb/env.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ledger/rocks_status.h"

namespace bourse::ledger {
namespace {

using Names = std::vector<std::string>;

constexpr char kUnfinished[] = "BOURSE_LEDGER.dbtmp";

absl::Status ForeignError(const std::string& path, const std::string& what) {
  return absl::FailedPreconditionError(absl::StrCat(
      path, " does not hold a ledger of Bourse: ", what, ". Choose an empty or another folder"));
}

bool Contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The folder's files, sorted, so that errors are the same each time; none if it does not exist.
absl::StatusOr<Names> ListFolder(rocksdb::Env* env, const std::string& path) {
  if (env->FileExists(path).IsNotFound()) return Names();
  bool is_folder = true;
  if (env->IsDirectory(path, &is_folder).ok() && !is_folder) {
    return ForeignError(path, "it is a file, not a folder");
  }
  Names names;
  const rocksdb::Status status = env->GetChildren(path, &names);
  if (!status.ok()) return FromRocks(status, path);
  std::erase_if(names, [](const std::string& name) { return name == "." || name == ".."; });
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status CheckFormat(rocksdb::Env* env, const std::string& path) {
  std::string text;
  const rocksdb::Status status = rocksdb::ReadFileToString(env, path + "/" + kFormatFile, &text);
  if (!status.ok()) return FromRocks(status, path);
  int version = 0;
  if (!text.starts_with(kFormatText) ||
      !absl::SimpleAtoi(text.substr(sizeof(kFormatText) - 1), &version) || version < 1) {
    return DamagedError(path, absl::StrCat("its file ", kFormatFile, " is not readable"));
  }
  if (version > kFormatVersion) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the ledger in ", path, " was written by a newer version of Bourse (format ", version,
        "; this one reads ", kFormatVersion, "): install that version, or choose another folder"));
  }
  if (version < kFormatVersion) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the ledger in ", path, " was written by an older version of Bourse (format ", version,
        "; this one reads ", kFormatVersion,
        "): run that version, or make a new home, into which the node fetches the chain"));
  }
  return absl::OkStatus();
}

// A database's data are never there before its file CURRENT is.
absl::Status CheckNothingIsLost(const Names& names, const std::string& path) {
  for (const std::string& name : names) {
    if (name.ends_with(".sst") || name.ends_with(".log")) {
      return DamagedError(path,
                          absl::StrCat("its file CURRENT is missing, though ", name, " is there"));
    }
  }
  return absl::OkStatus();
}

// The name of the folder's own entry is durable only when the folder above it is synced.
std::string FolderAbove(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

rocksdb::Status SyncFolder(rocksdb::Env* env, const std::string& path) {
  std::unique_ptr<rocksdb::Directory> folder;
  const rocksdb::Status status = env->NewDirectory(path, &folder);
  return status.ok() ? folder->Fsync() : status;
}

rocksdb::Status WriteFormat(rocksdb::Env* env, const std::string& path) {
  const std::string unfinished = path + "/" + kUnfinished;
  const std::string text = absl::StrCat(kFormatText, kFormatVersion, "\n");
  rocksdb::Status status = rocksdb::WriteStringToFile(env, text, unfinished, /*should_sync=*/true);
  if (status.ok()) status = env->RenameFile(unfinished, path + "/" + kFormatFile);
  return status;
}

// Each step is durable before the next.
rocksdb::Status MakeFolder(rocksdb::Env* env, const std::string& path) {
  rocksdb::Status status = env->CreateDirIfMissing(path);
  if (status.ok()) status = SyncFolder(env, FolderAbove(path));
  if (status.ok()) status = WriteFormat(env, path);
  if (status.ok()) status = SyncFolder(env, path);
  return status;
}

}  // namespace

absl::StatusOr<bool> ClaimFolder(rocksdb::Env* env, const std::string& path) {
  const absl::StatusOr<Names> names = ListFolder(env, path);
  if (!names.ok()) return names.status();
  if (Contains(*names, kFormatFile)) {
    if (const absl::Status status = CheckFormat(env, path); !status.ok()) return status;
    if (Contains(*names, "CURRENT")) return true;
    if (const absl::Status status = CheckNothingIsLost(*names, path); !status.ok()) return status;
    return false;
  }
  for (const std::string& name : *names) {
    if (name != kUnfinished) {
      return ForeignError(path, absl::StrCat("it contains '", name, "' but no ", kFormatFile));
    }
  }
  if (const rocksdb::Status status = MakeFolder(env, path); !status.ok()) {
    return FromRocks(status, path);
  }
  return false;
}

}  // namespace bourse::ledger
