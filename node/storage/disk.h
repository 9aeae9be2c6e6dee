// Disk: folders and files, as far as a node's storage needs them. The same code so runs on real
// files (posix_disk.h) and, in tests and simulation, on a disk that forgets what was not synced
// (testing/power_loss_disk.h).
//
// Nothing is durable before it is synced: the bytes of a file by File::Sync, names that came, went
// or changed by SyncFolder of the folder they are in. After an error of either nobody knows what is
// durable, and another call may say OK though it is not: never try a sync again.
//
// A sync names its place in the source (`site`). Errors tell it, and tests take out one place at a
// time, to see that its loss would be noticed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bourse::storage {

// An open file. Not thread-safe.
class File {
 public:
  virtual ~File() = default;

  // Writes at the end. After an error a part may be there.
  [[nodiscard]] virtual absl::Status Append(std::string_view bytes) = 0;

  // `size` bytes from `offset` on; fewer only at the file's end.
  [[nodiscard]] virtual absl::StatusOr<std::string> Read(std::uint64_t offset,
                                                         std::size_t size) const = 0;

  [[nodiscard]] virtual absl::StatusOr<std::uint64_t> Size() const = 0;

  // Returns when all that the file holds would survive a loss of power.
  [[nodiscard]] virtual absl::Status Sync(std::string_view site) = 0;
};

// Thread-safe. Paths are of files on one file system; a Disk outlives its files.
class Disk {
 public:
  virtual ~Disk() = default;

  // OK if it is there already; the folder above must be.
  [[nodiscard]] virtual absl::Status MakeFolder(const std::string& path) = 0;

  // An empty file, in place of one that was there.
  [[nodiscard]] virtual absl::StatusOr<std::unique_ptr<File>> Create(const std::string& path) = 0;

  // kNotFound if there is none.
  [[nodiscard]] virtual absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path) = 0;

  // Replaces what `to` named. Open files stay open.
  [[nodiscard]] virtual absl::Status Rename(const std::string& from, const std::string& to) = 0;

  [[nodiscard]] virtual absl::Status Remove(const std::string& path) = 0;

  // The names in a folder, sorted. kNotFound if there is no such folder.
  [[nodiscard]] virtual absl::StatusOr<std::vector<std::string>> List(const std::string& path) = 0;

  // Returns when the names in the folder, as they are now, would survive a loss of power.
  [[nodiscard]] virtual absl::Status SyncFolder(const std::string& path, std::string_view site) = 0;
};

// The folder that a path's last name is in.
[[nodiscard]] std::string FolderAbove(std::string path);

}  // namespace bourse::storage
