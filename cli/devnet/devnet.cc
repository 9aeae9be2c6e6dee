#include "cli/devnet/devnet.h"

#include <signal.h>

#include <chrono>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/client.h"
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
// Many times what a message takes on one computer, be it a busy one.
constexpr std::uint32_t kSlotTimeoutMs = 200;

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
    list.push_back({{"name", node.name}, {"port", node.port}, {"peer_port", node.peer_port}});
  }
  return WriteFile(dir / "devnet.json", Json({{"nodes", list}}).dump(2) + "\n");
}

bool ReadPort(const Json& node, const char* key, std::uint16_t* port) {
  if (!node.contains(key) || !node[key].is_number_unsigned()) return false;
  const std::uint64_t number = node[key].get<std::uint64_t>();
  *port = static_cast<std::uint16_t>(number);
  return number == *port;
}

bool ReadNode(const Json& json, DevnetNode* node) {
  if (!json.is_object() || !json.contains("name") || !json["name"].is_string()) return false;
  node->name = json["name"].get<std::string>();
  return ReadPort(json, "port", &node->port) && ReadPort(json, "peer_port", &node->peer_port);
}

void SpreadPorts(std::uint16_t first, std::vector<DevnetNode>* nodes) {
  for (std::size_t i = 0; i < nodes->size(); ++i) {
    (*nodes)[i].port = first == 0 ? first : static_cast<std::uint16_t>(first + i);
  }
}

// What to do about the last line of a node's log, as far as is known.
std::string Advice(const std::string& log) {
  const std::size_t last = log.rfind('\n');
  const bool port =
      log.find("cannot listen on", last == std::string::npos ? 0 : last) != std::string::npos;
  return port ? "\nChoose other ports with --listen PORT; 0 is any free ones" : "";
}

// Runs `boursed init` with these words, and gives what it said.
absl::StatusOr<std::string> RunInit(const fs::path& dir, const std::string& boursed,
                                    std::vector<std::string> words) {
  const fs::path log = dir / "init.log";
  words.insert(words.begin(), {boursed, "init"});
  if (absl::Status status = RunProgram(words, log); !status.ok()) return status;
  std::string said = LastLines(log);
  std::error_code ignored;
  fs::remove(log, ignored);
  return said;
}

absl::StatusOr<std::vector<DevnetValidator>> MakeNodeKeys(const fs::path& dir,
                                                          const std::vector<DevnetNode>& nodes,
                                                          const std::string& boursed) {
  std::vector<DevnetValidator> out;
  for (const DevnetNode& node : nodes) {
    absl::StatusOr<std::string> key =
        RunInit(dir, boursed, {"--home", (dir / node.name).string(), "--key-only"});
    if (!key.ok()) return key.status();
    out.push_back({node.name, *std::move(key)});
  }
  return out;
}

// All of a devnet's folder, in `dir`.
absl::Status Build(const fs::path& dir, const std::vector<DevnetNode>& nodes,
                   const std::string& boursed) {
  if (absl::Status status = MakeFolder(dir); !status.ok()) return status;
  const absl::StatusOr<std::vector<DevnetAccount>> accounts = MakeKeys(dir);
  if (!accounts.ok()) return accounts.status();
  const absl::StatusOr<std::vector<DevnetValidator>> validators = MakeNodeKeys(dir, nodes, boursed);
  if (!validators.ok()) return validators.status();
  const fs::path genesis = dir / "genesis.json";
  absl::Status status = WriteFile(genesis, DevnetGenesis(*accounts, *validators, NowMicros()));
  if (!status.ok()) return status;
  for (const DevnetNode& node : nodes) {
    status =
        RunInit(dir, boursed, {"--home", (dir / node.name).string(), "--genesis", genesis.string()})
            .status();
    if (!status.ok()) return status;
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
  bool good = json.is_object() && json.contains("nodes") && json["nodes"].is_array();
  for (const Json& each : good ? json["nodes"] : Json::array()) {
    nodes.emplace_back();
    good = good && ReadNode(each, &nodes.back());
  }
  if (!good || nodes.empty()) {
    return UsageError(absl::StrCat((dir / "devnet.json").string(),
                                   " is damaged, or of another version; delete ", dir.string(),
                                   ", or name another folder with --dir"));
  }
  return Devnet(dir, std::move(nodes));
}

absl::StatusOr<Devnet> Devnet::Create(const fs::path& dir, std::size_t count, std::uint16_t port,
                                      const std::string& boursed) {
  std::vector<DevnetNode> nodes;
  for (std::size_t i = 1; i <= count; ++i) nodes.push_back({absl::StrCat("node", i)});
  SpreadPorts(port, &nodes);
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
  const pid_t pid = ReadPid(PidFileOf(node));
  if (!IsRunning(pid, HomeOf(node).string())) return state;
  state.pid = pid;
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

bool Devnet::AllRunning() const {
  for (const DevnetNodeState& state : States()) {
    if (state.pid == 0) return false;
  }
  return true;
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

absl::StatusOr<DevnetNode> Devnet::Find(const std::string& name) const {
  std::vector<std::string> names;
  for (const DevnetNode& node : nodes_) {
    if (node.name == name || node.name == "node" + name) return node;
    names.push_back(node.name);
  }
  return UsageError(
      absl::StrCat("the devnet has no node '", name, "', but ", absl::StrJoin(names, ", ")));
}

absl::Status Devnet::ChoosePeerPorts() {
  const absl::StatusOr<std::vector<std::uint16_t>> ports = FreePorts(nodes_.size());
  if (!ports.ok()) return ports.status();
  for (std::size_t i = 0; i < nodes_.size(); ++i) nodes_[i].peer_port = (*ports)[i];
  return WriteNodes(dir_, nodes_);
}

std::vector<std::string> Devnet::CommandOf(const DevnetNode& node,
                                           const std::string& boursed) const {
  std::vector<std::string> peers;
  for (const DevnetNode& other : nodes_) {
    if (other.name == node.name) continue;
    peers.push_back(absl::StrCat(other.name, "@127.0.0.1:", other.peer_port));
  }
  std::vector<std::string> command = {boursed,
                                      "start",
                                      "--home",
                                      HomeOf(node).string(),
                                      "--listen",
                                      absl::StrCat("127.0.0.1:", node.port),
                                      "--peer-listen",
                                      absl::StrCat("127.0.0.1:", node.peer_port),
                                      "--slot-timeout-ms",
                                      absl::StrCat(kSlotTimeoutMs)};
  if (!peers.empty()) command.insert(command.end(), {"--peers", absl::StrJoin(peers, ",")});
  return command;
}

absl::StatusOr<pid_t> Devnet::Launch(const DevnetNode& node, const std::string& boursed) const {
  std::error_code ignored;
  fs::remove(HomeOf(node) / "listen", ignored);  // of a node that was killed
  const absl::StatusOr<pid_t> pid = StartDaemon(CommandOf(node, boursed), LogOf(node));
  if (!pid.ok()) return pid.status();
  if (absl::Status status = WriteFile(PidFileOf(node), absl::StrCat(*pid, "\n")); !status.ok()) {
    StopAndWait(*pid, HomeOf(node).string(), kPatienceMicros).IgnoreError();
    return status;
  }
  return pid;
}

absl::Status Devnet::Start(const std::vector<DevnetNode>& nodes, const std::string& boursed) {
  std::vector<DevnetNode> started;
  absl::Status status;
  for (const DevnetNode& node : nodes) {
    if (!status.ok() || StateOf(node).pid != 0) continue;
    status = Launch(node, boursed).status();
    if (status.ok()) started.push_back(node);
  }
  for (const DevnetNode& node : started) {
    if (status.ok()) status = AwaitServing(node, ReadPid(PidFileOf(node)));
  }
  if (!status.ok()) Stop(started, /*kill=*/false).IgnoreError();
  return status;
}

absl::Status Devnet::StartAll(const std::string& boursed) {
  if (!AnyRunning()) {
    if (absl::Status status = ChoosePeerPorts(); !status.ok()) return status;
  }
  return Start(nodes_, boursed);
}

absl::Status Devnet::Stop(const std::vector<DevnetNode>& nodes, bool kill) {
  std::vector<DevnetNodeState> running;
  for (const DevnetNode& node : nodes) {
    running.push_back(StateOf(node));
    absl::Status sent =
        SendSignal(running.back().pid, HomeOf(node).string(), kill ? SIGKILL : SIGTERM);
    if (!sent.ok()) return sent;
  }
  for (const DevnetNodeState& state : running) {
    const std::string home = HomeOf(state.node).string();
    if (absl::Status ended = AwaitEnd(state.pid, home, kPatienceMicros); !ended.ok()) return ended;
    std::error_code ignored;
    fs::remove(PidFileOf(state.node), ignored);
  }
  return absl::OkStatus();
}

void Devnet::SetPort(std::uint16_t port) { SpreadPorts(port, &nodes_); }

absl::Status Devnet::Delete() {
  std::error_code error;
  fs::remove_all(dir_, error);
  if (error) return UsageError(absl::StrCat(dir_.string(), ": ", error.message()));
  return absl::OkStatus();
}

}  // namespace bourse::cli
