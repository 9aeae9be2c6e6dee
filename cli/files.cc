#include "cli/files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "cli/exit_code.h"

namespace bourse::cli {
namespace {

namespace fs = std::filesystem;
constexpr std::uintmax_t kMaxFileBytes = 16 * 1024 * 1024;

}  // namespace

absl::StatusOr<std::string> ReadFile(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) {
    return absl::NotFoundError(absl::StrCat("there is no file ", path.string()));
  }
  if (fs::is_directory(path, error)) {
    return UsageError(absl::StrCat(path.string(), " is a folder, not a file"));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return UsageError(absl::StrCat(path.string(), " can't be read: ", strerror(errno)));
  std::string text;
  char buffer[16 * 1024];
  while (file.read(buffer, sizeof(buffer)) || file.gcount() > 0) {
    text.append(buffer, static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMaxFileBytes) {
      return UsageError(absl::StrCat(path.string(), " is larger than 16 MiB"));
    }
  }
  return text;
}

absl::Status MakeFolder(const fs::path& path) {
  std::error_code error;
  if (path.empty() || fs::is_directory(path, error)) return absl::OkStatus();
  if (absl::Status status = MakeFolder(path.parent_path()); !status.ok()) return status;
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return UsageError(
        absl::StrCat("the folder ", path.string(), " can't be made: ", strerror(errno)));
  }
  return absl::OkStatus();
}

absl::Status WriteFile(const fs::path& path, const std::string& text) {
  if (absl::Status status = MakeFolder(path.parent_path()); !status.ok()) return status;
  const fs::path temporary = path.string() + "." + std::to_string(getpid());
  {
    std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
    file << text;
    file.flush();
    if (!file) {
      return UsageError(absl::StrCat(path.string(), " can't be written: ", strerror(errno)));
    }
  }
  std::error_code error;
  fs::rename(temporary, path, error);
  if (error) {
    return UsageError(absl::StrCat(path.string(), " can't be written: ", error.message()));
  }
  return absl::OkStatus();
}

}  // namespace bourse::cli
