// FaultyDisk: a Disk that leaves out chosen syncs, or fails, on top of another.
//
//   FaultyDisk faulty(&disk);
//   faulty.Ignore(kSyncBatch);   // as if that line were missing in the source
//   faulty.FailAfter(3);         // from the third change from now on all fail: a killed process
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "node/storage/disk.h"

namespace bourse::storage::testing {

// Not thread-safe.
class FaultyDisk final : public Disk {
 public:
  // `disk` must outlive it.
  explicit FaultyDisk(Disk* disk) : disk_(disk) {}

  // Syncs of this site say OK and do nothing.
  void Ignore(std::string_view site) { ignored_ = site; }
  // Syncs of this site do nothing and fail.
  void FailSync(std::string_view site) { failing_ = site; }
  // The `count`th change from now (1: the next) is not done, nor is any after it; a write is done
  // in half.
  void FailAfter(std::uint64_t count) { changes_left_ = count; }
  void Repair();
  [[nodiscard]] bool has_failed() const { return changes_left_ == 0; }

  absl::Status MakeFolder(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<File>> Create(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path) override;
  absl::Status Rename(const std::string& from, const std::string& to) override;
  absl::Status Remove(const std::string& path) override;
  absl::StatusOr<std::vector<std::string>> List(const std::string& path) override;
  absl::Status SyncFolder(const std::string& path, std::string_view site) override;

 private:
  class FaultyFile;

  // Counts a change; an error if it must not happen.
  absl::Status Change();
  // An error to return, or whether to do the sync.
  absl::StatusOr<bool> Syncs(std::string_view site);

  Disk* const disk_;
  std::string ignored_;
  std::string failing_;
  std::uint64_t changes_left_ = ~std::uint64_t{0};
};

}  // namespace bourse::storage::testing
