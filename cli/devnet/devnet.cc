#include "cli/devnet/devnet.h"

#include <chrono>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/client.h"
#include "cli/decimal.h"
#include "cli/devnet/genesis.h"
#include "cli/devnet/process.h"
#include "cli/exit_code.h"
#include "cli/files.h"
#include "cli/key_store.h"
#include "cli/output.h"
#include "cli/settings.h"

namespace bourse::cli {
namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t kPatienceMicros = 30'000'000;

std::string FirstLine(const fs::path& path) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  return text.ok() ? text->substr(0, text->find_first_of(" \r\n")) : "";
}

std::uint64_t NowMicros() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                        std::chrono::system_clock::now().time_since_epoch())
                                        .count());
}

absl::StatusOr<std::vector<DevnetAccount>> MakeKeys(const fs::path& dir) {
  std::vector<std::string> names = DevnetTraders();
  names.push_back(kDevnetIssuer);
  std::vector<DevnetAccount> accounts;
  for (const std::string& name : names) {
    const KeyPair pair = KeyPair::Generate();
    absl::Status saved = SaveNewKey(DevnetKeysDir(dir), name, pair, /*passphrase=*/"");
    if (!saved.ok()) return saved;
    accounts.push_back({name, pair.public_key()});
  }
  return accounts;
}

absl::Status WriteNodes(const fs::path& dir, const std::vector<DevnetNode>& nodes) {
  Json list = Json::array();
  for (const DevnetNode& node : nodes) {
    list.push_back({{"name", node.name}, {"port", node.port}});
  }
  return WriteFile(dir / "devnet.json", Json({{"nodes", list}}).dump(2) + "\n");
}

// What to do about the last line of a node's log, as far as is known.
std::string Advice(const std::string& log) {
  const std::size_t last = log.rfind('\n');
  const bool port =
      log.find("cannot listen on", last == std::string::npos ? 0 : last) != std::string::npos;
  return port ? "\nChoose another port with --listen PORT; 0 is any free one" : "";
}

// All of a devnet's folder, in `dir`.
absl::Status Build(const fs::path& dir, const std::vector<DevnetNode>& nodes,
                   const std::string& boursed) {
  if (absl::Status status = MakeFolder(dir); !status.ok()) return status;
  const absl::StatusOr<std::vector<DevnetAccount>> accounts = MakeKeys(dir);
  if (!accounts.ok()) return accounts.status();
  const fs::path genesis = dir / "genesis.json";
  absl::Status status = WriteFile(genesis, DevnetGenesis(*accounts, NowMicros()));
  if (!status.ok()) return status;
  for (const DevnetNode& node : nodes) {
    const fs::path log = dir / "init.log";
    status = RunProgram(
        {boursed, "init", "--home", (dir / node.name).string(), "--genesis", genesis.string()},
        log);
    if (!status.ok()) return status;
    std::error_code ignored;
    fs::remove(log, ignored);
  }
  return WriteNodes(dir, nodes);
}

}  // namespace

absl::StatusOr<Devnet> Devnet::Open(const fs::path& dir) {
  const absl::StatusOr<std::string> text = ReadFile(dir / "devnet.json");
  if (!text.ok()) {
    return absl::NotFoundError(
        absl::StrCat("there is no devnet in ", dir.string(), "; 'bourse devnet up' makes one"));
  }
  const Json json = Json::parse(*text, nullptr, /*allow_exceptions=*/false);
  std::vector<DevnetNode> nodes;
  if (json.is_object() && json.contains("nodes") && json["nodes"].is_array()) {
    for (const Json& node : json["nodes"]) {
      if (!node.is_object() || !node.contains("name") || !node["name"].is_string()) continue;
      const bool has_port = node.contains("port") && node["port"].is_number_unsigned();
      nodes.push_back({node["name"].get<std::string>(),
                       has_port ? node["port"].get<std::uint16_t>() : std::uint16_t{0}});
    }
  }
  if (nodes.empty()) {
    return UsageError(absl::StrCat((dir / "devnet.json").string(), " is damaged"));
  }
  return Devnet(dir, std::move(nodes));
}

absl::StatusOr<Devnet> Devnet::Create(const fs::path& dir, const std::vector<DevnetNode>& nodes,
                                      const std::string& boursed) {
  std::error_code error;
  if (fs::exists(dir, error) && !fs::is_empty(dir, error)) {
    return UsageError(absl::StrCat(dir.string(),
                                   " holds something else than a devnet; name "
                                   "another folder with --dir"));
  }
  const fs::path unfinished = dir.string() + ".unfinished";
  fs::remove_all(unfinished, error);
  absl::Status status = Build(unfinished, nodes, boursed);
  if (status.ok()) {
    fs::rename(unfinished, dir, error);
    if (error) status = UsageError(absl::StrCat(dir.string(), ": ", error.message()));
  }
  if (!status.ok()) {
    fs::remove_all(unfinished, error);
    return status;
  }
  return Open(dir);
}

fs::path Devnet::HomeOf(const DevnetNode& node) const { return dir_ / node.name; }
fs::path Devnet::LogOf(const DevnetNode& node) const { return dir_ / (node.name + ".log"); }
fs::path Devnet::PidFileOf(const DevnetNode& node) const { return dir_ / (node.name + ".pid"); }

DevnetNodeState Devnet::StateOf(const DevnetNode& node) const {
  DevnetNodeState state{node, 0, "", LogOf(node)};
  const absl::StatusOr<std::uint64_t> pid = ParseNumber("pid", FirstLine(PidFileOf(node)));
  if (!pid.ok() || !IsRunning(static_cast<pid_t>(*pid), HomeOf(node).string())) return state;
  state.pid = static_cast<pid_t>(*pid);
  state.address = FirstLine(HomeOf(node) / "listen");
  return state;
}

std::vector<DevnetNodeState> Devnet::States() const {
  std::vector<DevnetNodeState> out;
  for (const DevnetNode& node : nodes_) out.push_back(StateOf(node));
  return out;
}

bool Devnet::AnyRunning() const {
  for (const DevnetNodeState& state : States()) {
    if (state.pid != 0) return true;
  }
  return false;
}

absl::Status Devnet::AwaitServing(const DevnetNode& node, pid_t pid) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(kPatienceMicros);
  absl::Status last = UnreachableError("it has not said its address");
  while (std::chrono::steady_clock::now() < end) {
    if (ChildHasEnded(pid)) {
      const std::string log = LastLines(LogOf(node));
      return RejectedError(absl::StrCat(node.name, " ended while it started. The end of ",
                                        LogOf(node).string(), ":\n", log, Advice(log)));
    }
    const std::string address = FirstLine(HomeOf(node) / "listen");
    if (!address.empty()) {
      absl::StatusOr<std::unique_ptr<Client>> client =
          Client::Create({address, false, "", 2'000'000});
      if (!client.ok()) return client.status();
      last = (*client)->GetStatus().status();
      if (last.ok()) return absl::OkStatus();
    }
    Pause();
  }
  return UnreachableError(absl::StrCat(node.name, " does not serve after ",
                                       kPatienceMicros / 1'000'000, " s (", last.message(),
                                       "); its log: ", LogOf(node).string()));
}

absl::Status Devnet::StartNode(const DevnetNode& node, const std::string& boursed) {
  std::error_code ignored;
  fs::remove(HomeOf(node) / "listen", ignored);  // of a node that was killed
  const absl::StatusOr<pid_t> pid = StartDaemon({boursed, "start", "--home", HomeOf(node).string(),
                                                 "--listen", absl::StrCat("127.0.0.1:", node.port)},
                                                LogOf(node));
  if (!pid.ok()) return pid.status();
  absl::Status status = WriteFile(PidFileOf(node), absl::StrCat(*pid, "\n"));
  if (status.ok()) status = AwaitServing(node, *pid);
  if (!status.ok()) StopAndWait(*pid, HomeOf(node).string(), kPatienceMicros).IgnoreError();
  return status;
}

absl::Status Devnet::Start(const std::string& boursed) {
  std::vector<DevnetNode> started;
  for (const DevnetNode& node : nodes_) {
    if (StateOf(node).pid != 0) continue;
    absl::Status status = StartNode(node, boursed);
    if (status.ok()) {
      started.push_back(node);
      continue;
    }
    for (const DevnetNode& other : started) {
      StopAndWait(StateOf(other).pid, HomeOf(other).string(), kPatienceMicros).IgnoreError();
    }
    return status;
  }
  return absl::OkStatus();
}

absl::Status Devnet::Stop() {
  for (const DevnetNode& node : nodes_) {
    const DevnetNodeState state = StateOf(node);
    absl::Status status = StopAndWait(state.pid, HomeOf(node).string(), kPatienceMicros);
    if (!status.ok()) return status;
    std::error_code ignored;
    fs::remove(PidFileOf(node), ignored);
  }
  return absl::OkStatus();
}

absl::Status Devnet::SetPort(std::uint16_t port) {
  nodes_.front().port = port;
  return WriteNodes(dir_, nodes_);
}

absl::Status Devnet::Delete() {
  std::error_code error;
  fs::remove_all(dir_, error);
  if (error) return UsageError(absl::StrCat(dir_.string(), ": ", error.message()));
  return absl::OkStatus();
}

}  // namespace bourse::cli
