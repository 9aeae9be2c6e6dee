#include "cli/key_store.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/exit_code.h"
#include "cli/files.h"
#include "cli/nearest.h"

namespace bourse::cli {
namespace {

namespace fs = std::filesystem;
constexpr char kExtension[] = ".key";

absl::StatusOr<StoredKey> Load(const std::string& name, const fs::path& path) {
  const absl::StatusOr<KeyFile> file = ReadKeyFile(path.string());
  if (!file.ok()) return UsageError(std::string(file.status().message()));
  return StoredKey{name, path, file->public_key, file->lock.has_value()};
}

}  // namespace

std::vector<StoredKey> KeyStore::List(std::vector<std::string>* unreadable) const {
  std::map<std::string, fs::path> paths;
  for (const fs::path& folder : folders_) {
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
      if (it->path().extension() == kExtension) paths.emplace(it->path().stem(), it->path());
    }
  }
  std::vector<StoredKey> keys;
  for (const auto& [name, path] : paths) {
    absl::StatusOr<StoredKey> key = Load(name, path);
    if (key.ok()) {
      keys.push_back(*std::move(key));
    } else if (unreadable != nullptr) {
      unreadable->push_back(std::string(key.status().message()));
    }
  }
  return keys;
}

absl::StatusOr<StoredKey> KeyStore::Find(const std::string& name) const {
  if (absl::Status status = CheckKeyName(name); !status.ok()) return status;
  std::error_code error;
  for (const fs::path& folder : folders_) {
    const fs::path path = KeyPath(folder, name);
    if (fs::exists(path, error)) return Load(name, path);
  }
  std::vector<std::string> names;
  for (const StoredKey& key : List(nullptr)) names.push_back(key.name);
  if (names.empty()) {
    return UsageError(absl::StrCat("there is no key '", name,
                                   "', nor any other: make one with "
                                   "'bourse keys new ",
                                   name, "'"));
  }
  const std::optional<std::string> nearest = Nearest(name, names);
  return UsageError(absl::StrCat("there is no key '", name, "'",
                                 nearest.has_value() ? "; is it '" + *nearest + "'?" : ".",
                                 " There are: ", absl::StrJoin(names, ", ")));
}

std::optional<std::string> KeyStore::NameOf(const PublicKey& id) const {
  for (const StoredKey& key : List(nullptr)) {
    if (key.public_key == id) return key.name;
  }
  return std::nullopt;
}

absl::Status CheckKeyName(const std::string& name) {
  const bool good = !name.empty() && name.size() <= 32 && name.front() != '-' &&
                    std::all_of(name.begin(), name.end(), [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                             (c >= '0' && c <= '9') || c == '-' || c == '_';
                    });
  if (good) return absl::OkStatus();
  return UsageError(absl::StrCat("'", name,
                                 "' is no name of a key: it is 1 to 32 letters, "
                                 "digits, - and _"));
}

fs::path KeyPath(const fs::path& folder, const std::string& name) {
  return folder / (name + kExtension);
}

absl::Status SaveNewKey(const fs::path& folder, const std::string& name, const KeyPair& key,
                        std::string_view passphrase) {
  if (absl::Status status = CheckKeyName(name); !status.ok()) return status;
  if (absl::Status status = MakeFolder(folder); !status.ok()) return status;
  const absl::StatusOr<KeyFile> file = LockKey(key, passphrase);
  if (!file.ok()) return UsageError(std::string(file.status().message()));
  const absl::Status written = WriteKeyFile(KeyPath(folder, name).string(), *file);
  if (absl::IsAlreadyExists(written)) {
    return UsageError(absl::StrCat("there is a key '", name, "' already, in ", folder.string(),
                                   "; nothing was changed"));
  }
  return written.ok() ? written : UsageError(std::string(written.message()));
}

absl::Status ReplaceKey(const fs::path& path, const KeyPair& key, std::string_view passphrase) {
  const absl::StatusOr<KeyFile> file = LockKey(key, passphrase);
  if (!file.ok()) return UsageError(std::string(file.status().message()));
  const fs::path temporary = path.string() + ".new";
  std::error_code error;
  fs::remove(temporary, error);  // left over from one that was interrupted
  absl::Status written = WriteKeyFile(temporary.string(), *file);
  if (!written.ok()) return UsageError(std::string(written.message()));
  fs::rename(temporary, path, error);
  if (error) return UsageError(absl::StrCat(path.string(), ": ", error.message()));
  return absl::OkStatus();
}

}  // namespace bourse::cli
