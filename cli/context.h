// What a command works with: settings, output, the node, the keys. One for a run; not thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/catalog.h"
#include "cli/client.h"
#include "cli/key_store.h"
#include "cli/output.h"
#include "cli/settings.h"

namespace bourse::cli {

class Context {
 public:
  Context(std::ostream& out, std::ostream& err) : output_(out, err) {}

  // Parsing fills these in: flags that all commands share, and what to run.
  Flags flags;
  std::function<absl::Status()> action;

  // Once, before the action. Decides the output's format, too.
  [[nodiscard]] absl::Status ResolveSettings();

  [[nodiscard]] Output& output() { return output_; }
  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] KeyStore keys() const { return KeyStore(settings_.key_dirs); }

  // Made when first asked for.
  [[nodiscard]] absl::StatusOr<Client*> client();
  [[nodiscard]] absl::StatusOr<Catalog*> catalog();
  [[nodiscard]] absl::StatusOr<const v1::NodeStatus*> node_status();

  // The key to act as: named by --key, else the default, else the only one there is.
  [[nodiscard]] absl::StatusOr<StoredKey> SelectKey();
  // With its passphrase, if it has one.
  [[nodiscard]] absl::StatusOr<KeyPair> Unlock(const StoredKey& key);

  // A market by its name or number; people are told if others are named so.
  [[nodiscard]] absl::StatusOr<MarketInfo> FindMarket(const std::string& text);
  // An account by its id ("bourse1…") or the name of a key.
  [[nodiscard]] absl::StatusOr<PublicKey> FindAccount(const std::string& text);
  // "alice (bourse1…)", or the id alone. `id` is as the node sends it.
  [[nodiscard]] std::string ShowAccount(const std::string& id);

 private:
  Output output_;
  Settings settings_;
  std::unique_ptr<Client> client_;
  std::unique_ptr<Catalog> catalog_;
  std::optional<v1::NodeStatus> node_status_;
  std::optional<std::map<std::string, std::string>> key_names_;  // by id
};

// 32 bytes as the protocol carries them.
[[nodiscard]] std::string IdBytes(const PublicKey& key);
// "bourse1…"; of bytes that are no id, their hexadecimal digits.
[[nodiscard]] std::string AddressText(const std::string& id);
[[nodiscard]] std::string HexText(const std::string& bytes);

}  // namespace bourse::cli
