// The file that a key is in: its mode, and its way to the disk.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/key_file.h"

namespace bourse {
namespace {

constexpr std::size_t kMaxFileBytes = 4096;

absl::Status Failed(const std::string& path, const char* what) {
  return absl::ErrnoToStatus(errno, absl::StrCat(path, ": ", what));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

// A file's name for as long as it is being written.
class TemporaryName {
 public:
  explicit TemporaryName(std::string name) : name_(std::move(name)) {}
  TemporaryName(const TemporaryName&) = delete;
  TemporaryName& operator=(const TemporaryName&) = delete;
  ~TemporaryName() { unlink(name_.c_str()); }

 private:
  std::string name_;
};

bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = write(fd, text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

bool ReadAll(int fd, std::string* text) {
  char buffer[kMaxFileBytes];
  for (;;) {
    const ssize_t size = read(fd, buffer, sizeof(buffer));
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return size == 0;
    text->append(buffer, static_cast<std::size_t>(size));
    if (text->size() > kMaxFileBytes) return true;
  }
}

absl::Status SyncFolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || fsync(fd.get()) != 0) return Failed(folder, "cannot be synced to disk");
  return absl::OkStatus();
}

absl::Status CheckFile(const std::string& path, int fd) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return Failed(path, "cannot be read");
  if (!S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": this is no key file"));
  }
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, ": others than its owner have access to this key; run: chmod 600 ", path));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteKeyFile(const std::string& path, const KeyFile& file) {
  std::string name = path + ".XXXXXX";
  const Descriptor fd(mkostemp(name.data(), O_CLOEXEC));  // of mode 0600
  if (fd.get() < 0) return Failed(path, "cannot be created");
  const TemporaryName temporary(name);
  if (!WriteAll(fd.get(), FormatKeyFile(file)) || fsync(fd.get()) != 0) {
    return Failed(path, "cannot be written");
  }
  // A link, unlike a rename, never takes the place of a file.
  if (link(name.c_str(), path.c_str()) != 0) {
    if (errno != EEXIST) return Failed(path, "cannot be created");
    return absl::AlreadyExistsError(
        absl::StrCat(path, ": there is a file of this name, which was left as it is"));
  }
  return SyncFolderOf(path);
}

absl::StatusOr<KeyFile> ReadKeyFile(const std::string& path) {
  const Descriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0) return Failed(path, "cannot be opened");
  if (absl::Status status = CheckFile(path, fd.get()); !status.ok()) return status;
  std::string text;
  if (!ReadAll(fd.get(), &text)) return Failed(path, "cannot be read");
  absl::StatusOr<KeyFile> file = ParseKeyFile(text);
  if (!file.ok()) {
    return absl::Status(file.status().code(), absl::StrCat(path, ": ", file.status().message()));
  }
  return file;
}

}  // namespace bourse
