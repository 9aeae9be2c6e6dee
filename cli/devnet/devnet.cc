#include "cli/devnet/devnet.h"

#include <signal.h>

#include <chrono>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/client.h"
#include "cli/devnet/engine.h"
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

// Starts a program, and keeps its process id in a file.
absl::StatusOr<pid_t> LaunchOne(const std::vector<std::string>& command, const fs::path& log,
                                const fs::path& pid_file, const fs::path& home) {
  const absl::StatusOr<pid_t> pid = StartDaemon(command, log);
  if (!pid.ok()) return pid.status();
  if (absl::Status status = WriteFile(pid_file, absl::StrCat(*pid, "\n")); !status.ok()) {
    StopAndWait(*pid, home.string(), kPatienceMicros).IgnoreError();
    return status;
  }
  return pid;
}

// All of a devnet's folder, in `dir`.
absl::Status Build(const fs::path& dir, std::vector<DevnetNode> nodes,
                   const DevnetPrograms& programs) {
  if (absl::Status status = MakeFolder(dir); !status.ok()) return status;
  const absl::StatusOr<std::vector<DevnetAccount>> accounts = MakeKeys(dir);
  if (!accounts.ok()) return accounts.status();
  const absl::StatusOr<std::vector<DevnetValidator>> validators =
      MakeNodeKeys(dir, nodes, programs.boursed);
  if (!validators.ok()) return validators.status();
  const bool cometbft = !programs.cometbft.empty();
  const fs::path genesis = dir / "genesis.json";
  absl::Status status = WriteFile(genesis, DevnetGenesis(*accounts, *validators, NowMicros()));
  if (!status.ok()) return status;
  for (DevnetNode& node : nodes) {
    status = RunInit(dir, programs.boursed,
                     {"--home", (dir / node.name).string(), "--genesis", genesis.string(),
                      "--engine", cometbft ? "cometbft" : "simplex"})
                 .status();
    if (!status.ok()) return status;
    if (!cometbft) continue;
    absl::StatusOr<std::string> id =
        PrepareEngine(programs.cometbft, dir / node.name / "cometbft", dir / "init.log");
    if (!id.ok()) return id.status();
    node.engine_id = *std::move(id);
  }
  return WriteNodes(dir, {cometbft, nodes});
}

}  // namespace

absl::StatusOr<Devnet> Devnet::Open(const fs::path& dir) {
  absl::StatusOr<DevnetNodes> nodes = ReadNodes(dir);
  if (!nodes.ok()) return nodes.status();
  return Devnet(dir, std::move(nodes->all), nodes->cometbft);
}

absl::StatusOr<Devnet> Devnet::Create(const fs::path& dir, std::size_t count, std::uint16_t port,
                                      const DevnetPrograms& programs) {
  std::vector<DevnetNode> nodes;
  for (std::size_t i = 1; i <= count; ++i) {
    nodes.emplace_back();
    nodes.back().name = absl::StrCat("node", i);
  }
  SpreadPorts(port, &nodes);
  std::error_code error;
  if (fs::exists(dir, error) && !fs::is_empty(dir, error)) {
    return UsageError(absl::StrCat(dir.string(),
                                   " holds something else than a devnet; name "
                                   "another folder with --dir"));
  }
  const fs::path unfinished = dir.string() + ".unfinished";
  fs::remove_all(unfinished, error);
  absl::Status status = Build(unfinished, nodes, programs);
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

fs::path Devnet::EngineHomeOf(const DevnetNode& node) const { return HomeOf(node) / "cometbft"; }
fs::path Devnet::EngineLogOf(const DevnetNode& node) const {
  return dir_ / (node.name + ".cometbft.log");
}
fs::path Devnet::EnginePidFileOf(const DevnetNode& node) const {
  return dir_ / (node.name + ".cometbft.pid");
}

DevnetNodeState Devnet::StateOf(const DevnetNode& node) const {
  DevnetNodeState state{node, 0, 0, "", LogOf(node)};
  const pid_t engine_pid = cometbft_ ? ReadPid(EnginePidFileOf(node)) : 0;
  if (IsRunning(engine_pid, EngineHomeOf(node).string())) state.engine_pid = engine_pid;
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
    if (state.pid != 0 || state.engine_pid != 0) return true;
  }
  return false;
}

bool Devnet::AllRunning() const {
  for (const DevnetNodeState& state : States()) {
    if (state.pid == 0 || (cometbft_ && state.engine_pid == 0)) return false;
  }
  return true;
}

void Devnet::AwaitListening(const Launched& launched) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(kPatienceMicros);
  while (launched.pid != 0 && std::chrono::steady_clock::now() < end &&
         FirstLine(HomeOf(launched.node) / "listen").empty() && !ChildHasEnded(launched.pid)) {
    Pause();
  }
}

absl::Status Devnet::AskWhetherItServes(const DevnetNode& node) const {
  const std::string address = FirstLine(HomeOf(node) / "listen");
  if (address.empty()) return UnreachableError("it has not said its address");
  absl::StatusOr<std::unique_ptr<Client>> client = Client::Create({address, false, "", 2'000'000});
  if (!client.ok()) return client.status();
  const absl::StatusOr<v1::NodeStatus> status = (*client)->GetStatus();
  if (!status.ok()) return status.status();
  if (!cometbft_) return absl::OkStatus();
  // What the node says may be of the engine that was there before.
  if (!IsListening(node.rpc_port)) return UnreachableError("its CometBFT does not listen yet");
  const bool engine_answers = status->voting() || status->catching_up();
  if (engine_answers) return absl::OkStatus();
  return UnreachableError(status->not_voting_because());
}

absl::Status Devnet::AwaitServing(const Launched& launched) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(kPatienceMicros);
  const DevnetNode& node = launched.node;
  absl::Status last;
  while (std::chrono::steady_clock::now() < end) {
    for (const auto& [pid, path] : {std::pair(launched.pid, LogOf(node)),
                                    std::pair(launched.engine_pid, EngineLogOf(node))}) {
      if (pid == 0 || !ChildHasEnded(pid)) continue;
      const std::string log = LastLines(path);
      return RejectedError(absl::StrCat(node.name, " ended while it started. The end of ",
                                        path.string(), ":\n", log, Advice(log)));
    }
    last = AskWhetherItServes(node);
    if (last.ok()) return last;
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
  const absl::StatusOr<std::vector<std::uint16_t>> ports = FreePorts(3 * nodes_.size());
  if (!ports.ok()) return ports.status();
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i].peer_port = (*ports)[3 * i];
    nodes_[i].rpc_port = (*ports)[3 * i + 1];
    nodes_[i].app_port = (*ports)[3 * i + 2];
  }
  return WriteNodes(dir_, {cometbft_, nodes_});
}

std::vector<std::string> Devnet::CommandOf(const DevnetNode& node,
                                           const std::string& boursed) const {
  std::vector<std::string> command = {boursed,    "start",
                                      "--home",   HomeOf(node).string(),
                                      "--listen", absl::StrCat("127.0.0.1:", node.port)};
  if (cometbft_) {
    const std::vector<std::string> flags = EngineFlags(HomeOf(node), node);
    command.insert(command.end(), flags.begin(), flags.end());
    return command;
  }
  std::vector<std::string> peers;
  for (const DevnetNode& other : nodes_) {
    if (other.name == node.name) continue;
    peers.push_back(absl::StrCat(other.name, "@127.0.0.1:", other.peer_port));
  }
  command.insert(command.end(), {"--peer-listen", absl::StrCat("127.0.0.1:", node.peer_port),
                                 "--slot-timeout-ms", absl::StrCat(kSlotTimeoutMs)});
  if (!peers.empty()) command.insert(command.end(), {"--peers", absl::StrJoin(peers, ",")});
  return command;
}

absl::Status Devnet::Launch(const DevnetNode& node, const DevnetPrograms& programs,
                            Launched* out) const {
  const DevnetNodeState state = StateOf(node);
  out->node = node;
  if (state.pid == 0) {
    std::error_code ignored;
    fs::remove(HomeOf(node) / "listen", ignored);  // of a node that was killed
    const absl::StatusOr<pid_t> pid =
        LaunchOne(CommandOf(node, programs.boursed), LogOf(node), PidFileOf(node), HomeOf(node));
    if (!pid.ok()) return pid.status();
    out->pid = *pid;
  }
  if (!cometbft_ || (state.pid != 0 && state.engine_pid != 0)) return absl::OkStatus();
  // One whose node has gone can do nothing more, and does not always end by itself.
  const std::string mark = EngineHomeOf(node).string();
  if (absl::Status ended = End({{state.engine_pid, mark, EnginePidFileOf(node)}}, SIGKILL);
      !ended.ok()) {
    return ended;
  }
  AwaitListening(*out);
  const absl::StatusOr<pid_t> pid =
      LaunchOne(EngineCommand(programs.cometbft, HomeOf(node), node, nodes_), EngineLogOf(node),
                EnginePidFileOf(node), EngineHomeOf(node));
  if (!pid.ok()) return pid.status();
  out->engine_pid = *pid;
  return absl::OkStatus();
}

absl::Status Devnet::Start(const std::vector<DevnetNode>& nodes, const DevnetPrograms& programs) {
  std::vector<Launched> launched;
  std::vector<DevnetNode> started;
  absl::Status status;
  for (const DevnetNode& node : nodes) {
    if (!status.ok()) continue;
    Launched one;
    status = Launch(node, programs, &one);
    if (one.pid == 0 && one.engine_pid == 0) continue;
    launched.push_back(one);
    started.push_back(node);
  }
  for (const Launched& one : launched) {
    if (status.ok()) status = AwaitServing(one);
  }
  if (!status.ok()) Stop(started, /*kill=*/false).IgnoreError();
  return status;
}

absl::Status Devnet::StartAll(const DevnetPrograms& programs) {
  if (!AnyRunning()) {
    if (absl::Status status = ChoosePeerPorts(); !status.ok()) return status;
  }
  return Start(nodes_, programs);
}

absl::Status Devnet::End(const std::vector<Process>& processes, int signal) {
  for (const Process& one : processes) {
    if (absl::Status sent = SendSignal(one.pid, one.mark, signal); !sent.ok()) return sent;
  }
  for (const Process& one : processes) {
    absl::Status ended = AwaitEnd(one.pid, one.mark, kPatienceMicros);
    if (!ended.ok()) return ended;
    std::error_code ignored;
    fs::remove(one.pid_file, ignored);
  }
  return absl::OkStatus();
}

// An engine goes before its node: without it, it does not always end by itself.
absl::Status Devnet::Stop(const std::vector<DevnetNode>& nodes, bool kill) {
  std::vector<Process> engines, widows, programs;
  for (const DevnetNode& node : nodes) {
    const DevnetNodeState state = StateOf(node);
    std::vector<Process>& list = state.pid == 0 ? widows : engines;
    list.push_back({state.engine_pid, EngineHomeOf(node).string(), EnginePidFileOf(node)});
    programs.push_back({state.pid, HomeOf(node).string(), PidFileOf(node)});
  }
  const int signal = kill ? SIGKILL : SIGTERM;
  if (absl::Status ended = End(widows, SIGKILL); !ended.ok()) return ended;
  if (absl::Status ended = End(engines, signal); !ended.ok()) return ended;
  return End(programs, signal);
}

void Devnet::SetPort(std::uint16_t port) { SpreadPorts(port, &nodes_); }

absl::Status Devnet::Delete() {
  std::error_code error;
  fs::remove_all(dir_, error);
  if (error) return UsageError(absl::StrCat(dir_.string(), ": ", error.message()));
  return absl::OkStatus();
}

}  // namespace bourse::cli
