// The Disk of a running node: files, with fsync.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "node/storage/disk.h"

namespace bourse::storage {

// Folders get mode 0700, files 0600. Errors carry the path and what the system said.
class PosixDisk final : public Disk {
 public:
  absl::Status MakeFolder(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<File>> Create(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path) override;
  absl::Status Rename(const std::string& from, const std::string& to) override;
  absl::Status Remove(const std::string& path) override;
  absl::StatusOr<std::vector<std::string>> List(const std::string& path) override;
  absl::Status SyncFolder(const std::string& path, std::string_view site) override;
};

}  // namespace bourse::storage
