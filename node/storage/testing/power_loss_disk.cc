#include "node/storage/testing/power_loss_disk.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace bourse::storage::testing {
namespace {

using ledger::testing::SimulatedDisk;
using Result = SimulatedDisk::Result;

absl::Status ToStatus(Result result, const std::string& path) {
  switch (result) {
    case Result::kOk:
      return absl::OkStatus();
    case Result::kOff:
      return absl::UnavailableError(absl::StrCat(path, ": the power is off"));
    case Result::kMissing:
      return absl::NotFoundError(absl::StrCat(path, ": there is no such file or folder"));
    case Result::kExists:
      return absl::AlreadyExistsError(path);
  }
  return absl::InternalError(path);
}

class SimulatedFile final : public File {
 public:
  SimulatedFile(std::shared_ptr<SimulatedDisk> disk, std::string path, SimulatedDisk::Handle handle)
      : disk_(std::move(disk)), path_(std::move(path)), handle_(std::move(handle)) {}

  absl::Status Append(std::string_view bytes) override {
    return ToStatus(disk_->Append(handle_, bytes), path_);
  }
  absl::StatusOr<std::string> Read(std::uint64_t offset, std::size_t size) const override {
    std::string out;
    const absl::Status status = ToStatus(disk_->Read(handle_, offset, size, &out), path_);
    if (!status.ok()) return status;
    return out;
  }
  absl::StatusOr<std::uint64_t> Size() const override {
    std::size_t size = 0;
    const absl::Status status = ToStatus(disk_->Size(handle_, &size), path_);
    if (!status.ok()) return status;
    return std::uint64_t{size};
  }
  absl::Status Sync(std::string_view) override { return ToStatus(disk_->Sync(handle_), path_); }

 private:
  const std::shared_ptr<SimulatedDisk> disk_;
  const std::string path_;
  const SimulatedDisk::Handle handle_;
};

}  // namespace

PowerLossDisk::PowerLossDisk(std::uint64_t seed) : disk_(std::make_shared<SimulatedDisk>(seed)) {
  disk_->TearPages();
}

absl::Status PowerLossDisk::MakeFolder(const std::string& path) {
  const Result result = disk_->MakeFolder(path);
  return result == Result::kExists ? absl::OkStatus() : ToStatus(result, path);
}

absl::StatusOr<std::unique_ptr<File>> PowerLossDisk::Create(const std::string& path) {
  SimulatedDisk::Handle handle;
  const absl::Status status = ToStatus(disk_->Create(path, &handle), path);
  if (!status.ok()) return status;
  return std::make_unique<SimulatedFile>(disk_, path, std::move(handle));
}

absl::StatusOr<std::unique_ptr<File>> PowerLossDisk::Open(const std::string& path) {
  SimulatedDisk::Handle handle;
  const absl::Status status = ToStatus(disk_->Open(path, &handle), path);
  if (!status.ok()) return status;
  return std::make_unique<SimulatedFile>(disk_, path, std::move(handle));
}

absl::Status PowerLossDisk::Rename(const std::string& from, const std::string& to) {
  return ToStatus(disk_->Rename(from, to), from);
}

absl::Status PowerLossDisk::Remove(const std::string& path) {
  return ToStatus(disk_->Remove(path), path);
}

absl::StatusOr<std::vector<std::string>> PowerLossDisk::List(const std::string& path) {
  std::vector<std::string> names;
  const absl::Status status = ToStatus(disk_->List(path, &names), path);
  if (!status.ok()) return status;
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status PowerLossDisk::SyncFolder(const std::string& path, std::string_view) {
  return ToStatus(disk_->SyncFolder(path), path);
}

absl::Status PowerLossDisk::Overwrite(const std::string& path, std::string_view bytes) {
  SimulatedDisk::Handle handle;
  Result result = disk_->Open(path, &handle);
  if (result == Result::kOk) result = disk_->Truncate(handle, 0);
  if (result == Result::kOk) result = disk_->Append(handle, bytes);
  if (result == Result::kOk) result = disk_->Sync(handle);
  return ToStatus(result, path);
}

}  // namespace bourse::storage::testing
