#include "ledger/rocks_status.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace bourse::ledger {
namespace {

// RocksDB has no codes for these, only the texts of the system and its own.
bool IsLocked(const std::string& text) {
  return absl::StrContains(text, "lock hold by current process") ||
         (absl::StrContains(text, "lock file") &&
          absl::StrContains(text, "Resource temporarily unavailable"));
}

bool IsForbidden(const std::string& text) {
  return absl::StrContains(text, "Permission denied") ||
         absl::StrContains(text, "Operation not permitted") ||
         absl::StrContains(text, "Read-only file system");
}

}  // namespace

absl::Status DamagedError(const std::string& path, const std::string& what) {
  return absl::DataLossError(absl::StrCat(
      "the ledger in ", path, " is damaged: ", what,
      ". Check the disk; then restore a copy of the folder, or move it away and let the node fetch "
      "the blocks from its peers"));
}

absl::Status FromRocks(const rocksdb::Status& status, const std::string& path) {
  if (status.ok()) return absl::OkStatus();
  const std::string text = status.ToString();
  if (status.IsNoSpace() || absl::StrContains(text, "No space left on device")) {
    return absl::ResourceExhaustedError(absl::StrCat("no space left on the disk of ", path,
                                                     "; free some and start the node again (", text,
                                                     ")"));
  }
  if (IsLocked(text)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the ledger in ", path,
        " is in use by another process; stop that, or choose another folder (", text, ")"));
  }
  if (IsForbidden(text)) {
    return absl::PermissionDeniedError(
        absl::StrCat("no permission to read and write the ledger in ", path,
                     "; the folder and its files must belong to the node's user (", text, ")"));
  }
  if (status.IsCorruption()) return DamagedError(path, text);
  return absl::UnavailableError(absl::StrCat("the ledger in ", path, " failed: ", text));
}

}  // namespace bourse::ledger
