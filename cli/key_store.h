// Folders of key files, a file NAME.key for each key.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/ed25519.h"
#include "common/key_file.h"

namespace bourse::cli {

struct StoredKey {
  std::string name;
  std::filesystem::path path;
  PublicKey public_key;  // the account's id
  bool encrypted = true;
};

// Looks for keys in several folders, the first first. New keys go to a folder that is named.
class KeyStore {
 public:
  explicit KeyStore(std::vector<std::filesystem::path> folders) : folders_(std::move(folders)) {}

  // Sorted by name; of two with one name, the one that would be used. Damaged files are left out
  // and named in `unreadable`.
  [[nodiscard]] std::vector<StoredKey> List(std::vector<std::string>* unreadable) const;

  // kInvalidArgument, naming the keys there are, if there is none of that name.
  [[nodiscard]] absl::StatusOr<StoredKey> Find(const std::string& name) const;

  // The name of a key with this id, if there is one.
  [[nodiscard]] std::optional<std::string> NameOf(const PublicKey& id) const;

 private:
  std::vector<std::filesystem::path> folders_;
};

// 1 to 32 of a-z, A-Z, 0-9, '-' and '_', not beginning with '-'. kInvalidArgument says so.
[[nodiscard]] absl::Status CheckKeyName(const std::string& name);

[[nodiscard]] std::filesystem::path KeyPath(const std::filesystem::path& folder,
                                            const std::string& name);

// Writes a new key; an empty passphrase leaves it open. Never overwrites.
[[nodiscard]] absl::Status SaveNewKey(const std::filesystem::path& folder, const std::string& name,
                                      const KeyPair& key, std::string_view passphrase);

// Puts a key file with another passphrase in the place of `path`.
[[nodiscard]] absl::Status ReplaceKey(const std::filesystem::path& path, const KeyPair& key,
                                      std::string_view passphrase);

}  // namespace bourse::cli
