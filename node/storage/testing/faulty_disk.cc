#include "node/storage/testing/faulty_disk.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace bourse::storage::testing {

class FaultyDisk::FaultyFile final : public File {
 public:
  FaultyFile(FaultyDisk* disk, std::unique_ptr<File> file) : disk_(disk), file_(std::move(file)) {}

  absl::Status Append(std::string_view bytes) override {
    const bool failed_before = disk_->has_failed();
    const absl::Status change = disk_->Change();
    if (change.ok()) return file_->Append(bytes);
    if (!failed_before) file_->Append(bytes.substr(0, bytes.size() / 2)).IgnoreError();
    return change;
  }
  absl::StatusOr<std::string> Read(std::uint64_t offset, std::size_t size) const override {
    return file_->Read(offset, size);
  }
  absl::StatusOr<std::uint64_t> Size() const override { return file_->Size(); }
  absl::Status Sync(std::string_view site) override {
    const absl::StatusOr<bool> syncs = disk_->Syncs(site);
    if (!syncs.ok()) return syncs.status();
    return *syncs ? file_->Sync(site) : absl::OkStatus();
  }

 private:
  FaultyDisk* const disk_;
  const std::unique_ptr<File> file_;
};

void FaultyDisk::Repair() {
  ignored_.clear();
  failing_.clear();
  changes_left_ = ~std::uint64_t{0};
}

absl::Status FaultyDisk::Change() {
  if (changes_left_ > 0) --changes_left_;
  return has_failed() ? absl::UnavailableError("the disk has failed") : absl::OkStatus();
}

absl::StatusOr<bool> FaultyDisk::Syncs(std::string_view site) {
  if (absl::Status change = Change(); !change.ok()) return change;
  if (site == failing_) {
    return absl::UnavailableError(absl::StrCat("the sync ", std::string(site), " has failed"));
  }
  return site != ignored_;
}

absl::Status FaultyDisk::MakeFolder(const std::string& path) {
  absl::Status change = Change();
  return change.ok() ? disk_->MakeFolder(path) : change;
}

absl::StatusOr<std::unique_ptr<File>> FaultyDisk::Create(const std::string& path) {
  if (absl::Status change = Change(); !change.ok()) return change;
  absl::StatusOr<std::unique_ptr<File>> file = disk_->Create(path);
  if (!file.ok()) return file.status();
  return std::make_unique<FaultyFile>(this, *std::move(file));
}

absl::StatusOr<std::unique_ptr<File>> FaultyDisk::Open(const std::string& path) {
  absl::StatusOr<std::unique_ptr<File>> file = disk_->Open(path);
  if (!file.ok()) return file.status();
  return std::make_unique<FaultyFile>(this, *std::move(file));
}

absl::Status FaultyDisk::Rename(const std::string& from, const std::string& to) {
  absl::Status change = Change();
  return change.ok() ? disk_->Rename(from, to) : change;
}

absl::Status FaultyDisk::Remove(const std::string& path) {
  absl::Status change = Change();
  return change.ok() ? disk_->Remove(path) : change;
}

absl::StatusOr<std::vector<std::string>> FaultyDisk::List(const std::string& path) {
  return disk_->List(path);
}

absl::Status FaultyDisk::SyncFolder(const std::string& path, std::string_view site) {
  const absl::StatusOr<bool> syncs = Syncs(site);
  if (!syncs.ok()) return syncs.status();
  return *syncs ? disk_->SyncFolder(path, site) : absl::OkStatus();
}

}  // namespace bourse::storage::testing
