// Where a command looks for its node and its keys: flags, environment, config file, devnet.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/output.h"

namespace bourse::cli {

inline constexpr char kDefaultNode[] = "127.0.0.1:7400";

// As typed; empty: not given.
struct Flags {
  std::string home;
  std::string node;
  std::string key;
  std::string output;
  std::string tls_ca;
  bool tls = false;
  std::string passphrase_file;
  std::string timeout;
};

// What HOME/config.toml may set.
struct ConfigFile {
  std::string node;
  std::string key;
  std::string output;
  std::string tls_ca;
  std::string genesis;
  bool tls = false;
};

// A local network that `bourse devnet up` has left running for this home.
struct DevnetLink {
  std::filesystem::path dir;
  std::string node;                // HOST:PORT of the first that runs
  std::vector<std::string> nodes;  // of all that run
};

struct Settings {
  std::filesystem::path home;
  std::string node;         // HOST:PORT
  std::string node_source;  // why that one, for people
  std::string tls_ca;
  bool tls = false;
  std::string genesis;  // file whose validators are trusted; empty: none
  Format format = Format::kTable;
  std::uint64_t timeout_micros = 0;
  // The devnet whose node that is, if it is one.
  std::optional<DevnetLink> devnet;
  // Where keys are looked for, the first first.
  std::vector<std::filesystem::path> key_dirs;
  // Named by --key or BOURSE_KEY; and by the config file or `bourse keys use`.
  std::string key;
  std::string default_key;
};

// Keys that this home's user made: HOME/keys.
[[nodiscard]] std::filesystem::path KeysDir(const std::filesystem::path& home);

// The home folder: --home, BOURSE_HOME or ~/.bourse. It need not exist.
[[nodiscard]] absl::StatusOr<std::filesystem::path> FindHome(const std::string& flag);

// Reads HOME/config.toml; without the file, all is empty.
[[nodiscard]] absl::StatusOr<ConfigFile> ReadConfig(const std::filesystem::path& home);

// A node is named by --node, BOURSE_NODE, the config file, a devnet that is up; the first has it,
// else it is kDefaultNode.
[[nodiscard]] absl::StatusOr<Settings> Resolve(const Flags& flags);

// HOME/default_key: what `bourse keys use` chose; empty: nothing.
[[nodiscard]] std::string ReadDefaultKey(const std::filesystem::path& home);
[[nodiscard]] absl::Status WriteDefaultKey(const std::filesystem::path& home,
                                           const std::string& name);

// HOME/devnet_is_up: the folder of the devnet that is up. The file is ours alone, so that nothing
// that a user wrote is ever touched.
[[nodiscard]] std::optional<DevnetLink> ReadDevnetLink(const std::filesystem::path& home);
[[nodiscard]] absl::Status WriteDevnetLink(const std::filesystem::path& home,
                                           const std::filesystem::path& dir);
// Only if the link is to that folder.
void RemoveDevnetLink(const std::filesystem::path& home, const std::filesystem::path& dir);

[[nodiscard]] std::filesystem::path DevnetKeysDir(const std::filesystem::path& dir);

}  // namespace bourse::cli
