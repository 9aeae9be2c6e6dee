#include "node/storage/posix_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"

namespace bourse::storage {
namespace {

absl::Status Failed(const std::string& path, std::string_view what) {
  return absl::ErrnoToStatus(errno, absl::StrCat(path, ": ", std::string(what)));
}

// Calls until no signal interrupts.
template <typename Call>
auto Uninterrupted(const Call& call) {
  for (;;) {
    const auto result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags)
      : fd_(Uninterrupted([&] { return open(path.c_str(), flags | O_CLOEXEC, 0600); })) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  // Whether closing fails tells nothing: what must be durable was synced.
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

class PosixFile final : public File {
 public:
  PosixFile(std::string path, Descriptor descriptor)
      : path_(std::move(path)), descriptor_(std::move(descriptor)) {}

  absl::Status Append(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t size =
          Uninterrupted([&] { return write(descriptor_.get(), bytes.data(), bytes.size()); });
      if (size < 0) return Failed(path_, "cannot be written");
      bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> Read(std::uint64_t offset, std::size_t size) const override {
    std::string out(size, '\0');
    std::size_t done = 0;
    while (done < size) {
      const ssize_t got = Uninterrupted([&] {
        return pread(descriptor_.get(), out.data() + done, size - done,
                     static_cast<off_t>(offset + done));
      });
      if (got < 0) return Failed(path_, "cannot be read");
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    out.resize(done);
    return out;
  }

  absl::StatusOr<std::uint64_t> Size() const override {
    struct stat found {};
    if (fstat(descriptor_.get(), &found) != 0) return Failed(path_, "has no size");
    return static_cast<std::uint64_t>(found.st_size);
  }

  // fdatasync syncs the size, too, as the bytes could not be read without it.
  absl::Status Sync(std::string_view site) override {
    if (Uninterrupted([&] { return fdatasync(descriptor_.get()); }) != 0) {
      return Failed(path_, absl::StrCat("cannot be synced (", std::string(site), ")"));
    }
    return absl::OkStatus();
  }

 private:
  const std::string path_;
  const Descriptor descriptor_;
};

absl::StatusOr<std::unique_ptr<File>> OpenFile(const std::string& path, int flags,
                                               const char* failure) {
  Descriptor descriptor(path, O_RDWR | O_APPEND | flags);
  if (!descriptor.is_open()) return Failed(path, failure);
  return std::make_unique<PosixFile>(path, std::move(descriptor));
}

}  // namespace

absl::Status PosixDisk::MakeFolder(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0) return absl::OkStatus();
  const int error = errno;
  struct stat found {};
  if (error == EEXIST && stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode)) {
    return absl::OkStatus();
  }
  errno = error;
  return Failed(path, "cannot be made");
}

absl::StatusOr<std::unique_ptr<File>> PosixDisk::Create(const std::string& path) {
  return OpenFile(path, O_CREAT | O_TRUNC, "cannot be made");
}

absl::StatusOr<std::unique_ptr<File>> PosixDisk::Open(const std::string& path) {
  return OpenFile(path, 0, "cannot be opened");
}

absl::Status PosixDisk::Rename(const std::string& from, const std::string& to) {
  if (rename(from.c_str(), to.c_str()) != 0) {
    return Failed(from, absl::StrCat("cannot be renamed to ", to));
  }
  return absl::OkStatus();
}

absl::Status PosixDisk::Remove(const std::string& path) {
  if (unlink(path.c_str()) != 0) return Failed(path, "cannot be removed");
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> PosixDisk::List(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(path.c_str()), &closedir);
  if (folder == nullptr) return Failed(path, "cannot be listed");
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = readdir(folder.get());
    if (entry == nullptr) break;
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  if (errno != 0) return Failed(path, "cannot be listed");
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status PosixDisk::SyncFolder(const std::string& path, std::string_view site) {
  const Descriptor folder(path, O_RDONLY | O_DIRECTORY);
  if (!folder.is_open() || Uninterrupted([&] { return fsync(folder.get()); }) != 0) {
    return Failed(path, absl::StrCat("cannot be synced (", std::string(site), ")"));
  }
  return absl::OkStatus();
}

}  // namespace bourse::storage
