#include "ledger/testing/power_loss_env.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/system_clock.h>

#include <algorithm>
#include <cstdarg>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace bourse::ledger::testing {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;
using Handle = SimulatedDisk::Handle;
using Result = SimulatedDisk::Result;
using DiskRef = std::shared_ptr<SimulatedDisk>;

IOStatus ToStatus(Result result, const std::string& path) {
  switch (result) {
    case Result::kOk:
      return IOStatus::OK();
    case Result::kOff:
      return IOStatus::IOError(path, "the power is off");
    case Result::kMissing:
      return IOStatus::PathNotFound(path, "No such file or directory");
    case Result::kExists:
      return IOStatus::IOError(path, "File exists");
  }
  return IOStatus::IOError(path);
}

// Without doubled and trailing slashes.
std::string Normal(const std::string& path) {
  std::string out;
  for (const char c : path) {
    if (c != '/' || out.empty() || out.back() != '/') out.push_back(c);
  }
  while (out.size() > 1 && out.back() == '/') out.pop_back();
  return out;
}

// A file's bytes from `offset` on, into RocksDB's buffer.
IOStatus ReadAt(const SimulatedDisk& disk, const Handle& handle, std::size_t offset,
                std::size_t size, Slice* result, char* scratch) {
  std::string data;
  const Result read = disk.Read(handle, offset, size, &data);
  std::memcpy(scratch, data.data(), data.size());
  *result = Slice(scratch, data.size());
  return ToStatus(read, "read");
}

class SequentialFile : public rocksdb::FSSequentialFile {
 public:
  SequentialFile(DiskRef disk, Handle handle)
      : disk_(std::move(disk)), handle_(std::move(handle)) {}
  IOStatus Read(std::size_t size, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) override {
    const IOStatus status = ReadAt(*disk_, handle_, at_, size, result, scratch);
    at_ += result->size();
    return status;
  }
  IOStatus Skip(std::uint64_t size) override {
    at_ += size;
    return IOStatus::OK();
  }

 private:
  DiskRef disk_;
  Handle handle_;
  std::size_t at_ = 0;
};

class RandomAccessFile : public rocksdb::FSRandomAccessFile {
 public:
  RandomAccessFile(DiskRef disk, Handle handle)
      : disk_(std::move(disk)), handle_(std::move(handle)) {}
  IOStatus Read(std::uint64_t offset, std::size_t size, const IOOptions&, Slice* result,
                char* scratch, IODebugContext*) const override {
    return ReadAt(*disk_, handle_, offset, size, result, scratch);
  }

 private:
  DiskRef disk_;
  Handle handle_;
};

class WritableFile : public rocksdb::FSWritableFile {
 public:
  WritableFile(DiskRef disk, Handle handle, std::string path)
      : disk_(std::move(disk)), handle_(std::move(handle)), path_(std::move(path)) {}
  using FSWritableFile::Append;
  IOStatus Append(const Slice& data, const IOOptions&, IODebugContext*) override {
    return ToStatus(disk_->Append(handle_, {data.data(), data.size()}), path_);
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions&, IODebugContext*) override {
    return ToStatus(disk_->Truncate(handle_, size), path_);
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    return ToStatus(disk_->Sync(handle_), path_);
  }
  bool IsSyncThreadSafe() const override { return true; }
  // Neither makes anything durable.
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  std::uint64_t GetFileSize(const IOOptions&, IODebugContext*) override {
    std::size_t size = 0;
    disk_->Size(handle_, &size);
    return size;
  }

 private:
  DiskRef disk_;
  Handle handle_;
  std::string path_;
};

class Directory : public rocksdb::FSDirectory {
 public:
  Directory(DiskRef disk, std::string path) : disk_(std::move(disk)), path_(std::move(path)) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    return ToStatus(disk_->SyncFolder(path_), path_);
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  DiskRef disk_;
  std::string path_;
};

class Lock : public rocksdb::FileLock {
 public:
  explicit Lock(std::string locked) : path(std::move(locked)) {}
  const std::string path;
};

// RocksDB's own log of what it does is of no interest here.
class NoLogger : public rocksdb::Logger {
 public:
  void Logv(const char*, va_list) override {}
  std::size_t GetLogFileSize() const override { return 0; }
};

// RocksDB's background threads wait a second after each error; without power there is nothing to
// wait for.
class Clock : public rocksdb::SystemClockWrapper {
 public:
  explicit Clock(DiskRef disk)
      : SystemClockWrapper(rocksdb::SystemClock::Default()), disk_(std::move(disk)) {}
  const char* Name() const override { return "PowerLossClock"; }
  void SleepForMicroseconds(int micros) override {
    if (!disk_->is_off()) SystemClockWrapper::SleepForMicroseconds(micros);
  }

 private:
  DiskRef disk_;
};

// What RocksDB sees of the disk.
class PowerLossFileSystem : public rocksdb::FileSystem {
 public:
  explicit PowerLossFileSystem(DiskRef disk) : disk_(std::move(disk)) {}
  const char* Name() const override { return "PowerLossFileSystem"; }

  IOStatus NewSequentialFile(const std::string& path, const FileOptions&,
                             std::unique_ptr<rocksdb::FSSequentialFile>* out,
                             IODebugContext*) override {
    Handle handle;
    const IOStatus status = ToStatus(disk_->Open(Normal(path), &handle), path);
    if (status.ok()) *out = std::make_unique<SequentialFile>(disk_, handle);
    return status;
  }
  IOStatus NewRandomAccessFile(const std::string& path, const FileOptions&,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* out,
                               IODebugContext*) override {
    Handle handle;
    const IOStatus status = ToStatus(disk_->Open(Normal(path), &handle), path);
    if (status.ok()) *out = std::make_unique<RandomAccessFile>(disk_, handle);
    return status;
  }
  IOStatus NewWritableFile(const std::string& path, const FileOptions&,
                           std::unique_ptr<rocksdb::FSWritableFile>* out,
                           IODebugContext*) override {
    Handle handle;
    const IOStatus status = ToStatus(disk_->Create(Normal(path), &handle), path);
    if (status.ok()) *out = std::make_unique<WritableFile>(disk_, handle, path);
    return status;
  }
  IOStatus ReopenWritableFile(const std::string& path, const FileOptions&,
                              std::unique_ptr<rocksdb::FSWritableFile>* out,
                              IODebugContext*) override {
    Handle handle;
    const IOStatus status = ToStatus(disk_->Open(Normal(path), &handle), path);
    if (status.ok()) *out = std::make_unique<WritableFile>(disk_, handle, path);
    return status;
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions&,
                        std::unique_ptr<rocksdb::FSDirectory>* out, IODebugContext*) override {
    Handle handle;
    const IOStatus status = ToStatus(disk_->Open(Normal(path), &handle), path);
    if (status.ok()) *out = std::make_unique<Directory>(disk_, Normal(path));
    return status;
  }
  IOStatus FileExists(const std::string& path, const IOOptions&, IODebugContext*) override {
    Handle handle;
    const Result result = disk_->Open(Normal(path), &handle);
    return result == Result::kMissing ? IOStatus::NotFound(path) : ToStatus(result, path);
  }
  IOStatus GetChildren(const std::string& path, const IOOptions&, std::vector<std::string>* names,
                       IODebugContext*) override {
    return ToStatus(disk_->List(Normal(path), names), path);
  }
  IOStatus Truncate(const std::string& path, std::size_t size, const IOOptions&,
                    IODebugContext*) override {
    Handle handle;
    Result result = disk_->Open(Normal(path), &handle);
    if (result == Result::kOk) result = disk_->Truncate(handle, size);
    return ToStatus(result, path);
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions&, IODebugContext*) override {
    return ToStatus(disk_->Remove(Normal(path)), path);
  }
  IOStatus CreateDir(const std::string& path, const IOOptions&, IODebugContext*) override {
    return ToStatus(disk_->MakeFolder(Normal(path)), path);
  }
  IOStatus CreateDirIfMissing(const std::string& path, const IOOptions&, IODebugContext*) override {
    const Result result = disk_->MakeFolder(Normal(path));
    return result == Result::kExists ? IOStatus::OK() : ToStatus(result, path);
  }
  IOStatus DeleteDir(const std::string& path, const IOOptions&, IODebugContext*) override {
    return ToStatus(disk_->Remove(Normal(path)), path);
  }
  IOStatus GetFileSize(const std::string& path, const IOOptions&, std::uint64_t* size,
                       IODebugContext*) override {
    Handle handle;
    std::size_t bytes = 0;
    Result result = disk_->Open(Normal(path), &handle);
    if (result == Result::kOk) result = disk_->Size(handle, &bytes);
    *size = bytes;
    return ToStatus(result, path);
  }
  IOStatus GetFileModificationTime(const std::string&, const IOOptions&, std::uint64_t* time,
                                   IODebugContext*) override {
    *time = 0;
    return IOStatus::OK();
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions&,
                      IODebugContext*) override {
    return ToStatus(disk_->Rename(Normal(from), Normal(to)), from);
  }
  IOStatus LockFile(const std::string& path, const IOOptions&, rocksdb::FileLock** lock,
                    IODebugContext*) override {
    const IOStatus status = ToStatus(disk_->Lock(Normal(path)), path);
    *lock = status.ok() ? new Lock(Normal(path)) : nullptr;
    return status;
  }
  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) override {
    const std::unique_ptr<Lock> owned(static_cast<Lock*>(lock));
    disk_->Unlock(owned->path);
    return IOStatus::OK();
  }
  IOStatus GetTestDirectory(const IOOptions&, std::string* path, IODebugContext*) override {
    *path = "/";
    return IOStatus::OK();
  }
  IOStatus NewLogger(const std::string&, const IOOptions&, std::shared_ptr<rocksdb::Logger>* out,
                     IODebugContext*) override {
    *out = std::make_shared<NoLogger>();
    return IOStatus::OK();
  }
  IOStatus GetAbsolutePath(const std::string& path, const IOOptions&, std::string* out,
                           IODebugContext*) override {
    *out = Normal(path);
    return IOStatus::OK();
  }
  IOStatus IsDirectory(const std::string& path, const IOOptions&, bool* is_folder,
                       IODebugContext*) override {
    Handle handle;
    const Result result = disk_->Open(Normal(path), &handle);
    if (result == Result::kOk) *is_folder = handle.node->is_folder;
    return ToStatus(result, path);
  }

 private:
  DiskRef disk_;
};

}  // namespace

// Both together, with the threads of the machine's own environment.
class PowerLossEnv::Env : public rocksdb::EnvWrapper {
 public:
  explicit Env(const DiskRef& disk)
      : EnvWrapper(rocksdb::NewCompositeEnv(std::make_shared<PowerLossFileSystem>(disk))) {
    system_clock_ = std::make_shared<Clock>(disk);
  }
  const char* Name() const override { return "PowerLossEnv"; }
};

PowerLossEnv::PowerLossEnv(std::uint64_t seed)
    : disk_(std::make_shared<SimulatedDisk>(seed)), env_(std::make_unique<Env>(disk_)) {}

PowerLossEnv::~PowerLossEnv() = default;

rocksdb::Env* PowerLossEnv::env() const { return env_.get(); }

}  // namespace bourse::ledger::testing
