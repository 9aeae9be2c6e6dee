#include "cli/settings.h"

#include <algorithm>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/clock_text.h"
#include "cli/devnet/process.h"
#include "cli/exit_code.h"
#include "cli/files.h"
#include "cli/nearest.h"
#include "toml++/toml.h"

namespace bourse::cli {
namespace {

namespace fs = std::filesystem;

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

const std::vector<std::string>& ConfigKeys() {
  static const auto* const keys =
      new std::vector<std::string>{"node", "key", "output", "tls_ca", "genesis", "tls"};
  return *keys;
}

absl::Status ReadEntry(const std::string& name, const toml::node& value, ConfigFile* config) {
  if (name == "tls") {
    if (!value.is_boolean()) return UsageError("'tls' is true or false");
    config->tls = value.value_or(false);
    return absl::OkStatus();
  }
  std::string* const target = name == "node"      ? &config->node
                              : name == "key"     ? &config->key
                              : name == "output"  ? &config->output
                              : name == "tls_ca"  ? &config->tls_ca
                              : name == "genesis" ? &config->genesis
                                                  : nullptr;
  if (target == nullptr) {
    const std::optional<std::string> nearest = Nearest(name, ConfigKeys());
    return UsageError(absl::StrCat("there is no setting '", name, "'",
                                   nearest.has_value() ? "; is it '" + *nearest + "'?" : ""));
  }
  if (!value.is_string()) return UsageError(absl::StrCat("'", name, "' is text in quotes"));
  *target = value.value_or(std::string());
  return absl::OkStatus();
}

absl::StatusOr<Format> ParseFormat(const std::string& text) {
  if (text.empty() || text == "table") return Format::kTable;
  if (text == "json") return Format::kJson;
  return UsageError(absl::StrCat("there is no output '", text, "': it is table or json"));
}

// The first that is named, with where.
void ChooseNode(const Flags& flags, const ConfigFile& config, Settings* settings) {
  const std::optional<DevnetLink> devnet = ReadDevnetLink(settings->home);
  const std::pair<std::string, std::string> candidates[] = {
      {flags.node, "--node"},
      {Environment("BOURSE_NODE"), "BOURSE_NODE"},
      {config.node, (settings->home / "config.toml").string()},
      {devnet.has_value() ? devnet->node : "", "the devnet"},
      {kDefaultNode, "the default"},
  };
  for (const auto& [node, source] : candidates) {
    if (node.empty()) continue;
    settings->node = node;
    settings->node_source = source;
    break;
  }
  if (!devnet.has_value()) return;
  const std::vector<std::string>& all = devnet->nodes;
  if (std::find(all.begin(), all.end(), settings->node) == all.end()) return;
  settings->devnet = devnet;
  settings->devnet->node = settings->node;
}

absl::Status CheckNode(const std::string& node, const std::string& source) {
  const std::size_t colon = node.rfind(':');
  const std::string port = colon == std::string::npos ? "" : node.substr(colon + 1);
  const bool good = colon != 0 && !port.empty() && port.size() <= 5 &&
                    port.find_first_not_of("0123456789") == std::string::npos &&
                    node.find('/') == std::string::npos;
  if (good) return absl::OkStatus();
  return UsageError(absl::StrCat("'", node, "' (from ", source,
                                 ") is no node: write HOST:PORT, such as ", kDefaultNode));
}

// Where a devnet's nodes serve, in their order: those that run, or all that ever said so. A node
// that was killed leaves its word behind.
std::vector<std::string> AddressesOf(const fs::path& dir, bool running) {
  std::vector<std::string> out;
  for (int number = 1;; ++number) {
    const fs::path node = dir / absl::StrCat("node", number);
    std::error_code error;
    if (!fs::exists(node, error)) return out;
    if (running && !IsRunning(ReadPid(node.string() + ".pid"), node.string())) continue;
    const absl::StatusOr<std::string> said = ReadFile(node / "listen");
    if (!said.ok()) continue;
    const std::string address = said->substr(0, said->find_first_of(" \r\n"));
    if (!address.empty()) out.push_back(address);
  }
}

}  // namespace

fs::path KeysDir(const fs::path& home) { return home / "keys"; }
fs::path DevnetKeysDir(const fs::path& dir) { return dir / "keys"; }

absl::StatusOr<fs::path> FindHome(const std::string& flag) {
  std::string home = flag.empty() ? Environment("BOURSE_HOME") : flag;
  if (home.empty()) {
    const std::string user = Environment("HOME");
    if (user.empty())
      return UsageError("HOME is not set: name a folder with --home or BOURSE_HOME");
    home = user + "/.bourse";
  }
  std::error_code error;
  fs::path out = fs::absolute(home, error);
  if (error) return UsageError(absl::StrCat("no folder can be '", home, "'"));
  return out;
}

absl::StatusOr<ConfigFile> ReadConfig(const fs::path& home) {
  const fs::path path = home / "config.toml";
  ConfigFile config;
  std::error_code error;
  if (!fs::exists(path, error)) return config;
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return text.status();
  const toml::parse_result parsed = toml::parse(*text);
  if (!parsed) {
    return UsageError(absl::StrCat(path.string(), ", line ", parsed.error().source().begin.line,
                                   ": ", std::string(parsed.error().description())));
  }
  for (const auto& [name, value] : parsed.table()) {
    const absl::Status status = ReadEntry(std::string(name.str()), value, &config);
    if (!status.ok()) return UsageError(absl::StrCat(path.string(), ": ", status.message()));
  }
  return config;
}

absl::StatusOr<Settings> Resolve(const Flags& flags) {
  Settings settings;
  absl::StatusOr<fs::path> home = FindHome(flags.home);
  if (!home.ok()) return home.status();
  settings.home = *home;
  const absl::StatusOr<ConfigFile> config = ReadConfig(settings.home);
  if (!config.ok()) return config.status();
  const absl::StatusOr<Format> format =
      ParseFormat(flags.output.empty() ? config->output : flags.output);
  if (!format.ok()) return format.status();
  settings.format = *format;
  const absl::StatusOr<std::uint64_t> timeout =
      ParseDuration("--timeout", flags.timeout.empty() ? "30s" : flags.timeout);
  if (!timeout.ok()) return timeout.status();
  settings.timeout_micros = *timeout;
  ChooseNode(flags, *config, &settings);
  if (absl::Status status = CheckNode(settings.node, settings.node_source); !status.ok()) {
    return status;
  }
  settings.tls_ca = flags.tls_ca.empty() ? config->tls_ca : flags.tls_ca;
  settings.genesis = config->genesis;
  settings.tls = flags.tls || !settings.tls_ca.empty() || config->tls;
  if (settings.devnet.has_value()) {
    settings.key_dirs.push_back(DevnetKeysDir(settings.devnet->dir));
    settings.tls = flags.tls || !flags.tls_ca.empty();  // the config's is for another node
  }
  settings.key_dirs.push_back(KeysDir(settings.home));
  settings.key = flags.key.empty() ? Environment("BOURSE_KEY") : flags.key;
  settings.default_key = config->key.empty() ? ReadDefaultKey(settings.home) : config->key;
  return settings;
}

std::string ReadDefaultKey(const fs::path& home) {
  const absl::StatusOr<std::string> name = ReadFile(home / "default_key");
  return name.ok() ? name->substr(0, name->find('\n')) : "";
}

absl::Status WriteDefaultKey(const fs::path& home, const std::string& name) {
  return WriteFile(home / "default_key", name + "\n");
}

std::optional<DevnetLink> ReadDevnetLink(const fs::path& home) {
  const absl::StatusOr<std::string> dir = ReadFile(home / "devnet_is_up");
  if (!dir.ok()) return std::nullopt;
  DevnetLink link;
  link.dir = dir->substr(0, dir->find('\n'));
  link.nodes = AddressesOf(link.dir, /*running=*/true);
  // If none runs, whoever asks hears that it does not answer.
  if (link.nodes.empty()) link.nodes = AddressesOf(link.dir, /*running=*/false);
  if (link.nodes.empty()) return std::nullopt;
  link.node = link.nodes.front();
  return link;
}

absl::Status WriteDevnetLink(const fs::path& home, const fs::path& dir) {
  return WriteFile(home / "devnet_is_up", dir.string() + "\n");
}

void RemoveDevnetLink(const fs::path& home, const fs::path& dir) {
  const absl::StatusOr<std::string> linked = ReadFile(home / "devnet_is_up");
  if (!linked.ok() || linked->substr(0, linked->find('\n')) != dir.string()) return;
  std::error_code ignored;
  fs::remove(home / "devnet_is_up", ignored);
}

}  // namespace bourse::cli
