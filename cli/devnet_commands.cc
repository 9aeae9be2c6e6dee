// bourse devnet up | down | status | stop | start
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/devnet/devnet.h"
#include "cli/devnet/engine.h"
#include "cli/devnet/process.h"
#include "cli/exit_code.h"
#include "cli/node_text.h"
#include "cli/passphrase.h"
#include "cli/table.h"

namespace bourse::cli {
namespace {

namespace fs = std::filesystem;
constexpr std::uint16_t kDefaultPort = 7410;
constexpr std::size_t kDefaultNodes = 4;

struct DevnetFlags {
  std::string dir;
  std::optional<std::uint16_t> port;
  std::optional<std::uint32_t> count;
  std::string boursed;
  std::string engine;
  std::string cometbft;
  std::vector<std::string> nodes;
  bool kill = false;
  bool delete_it = false;
  bool yes = false;
};

// --dir, else the one that is up for this home, else HOME/devnet.
absl::StatusOr<fs::path> FolderOf(const Context& context, const DevnetFlags& flags) {
  if (flags.dir.empty()) {
    const std::optional<DevnetLink> link = ReadDevnetLink(context.settings().home);
    return link.has_value() ? link->dir : context.settings().home / "devnet";
  }
  std::error_code error;
  fs::path dir = fs::absolute(flags.dir, error).lexically_normal();
  if (error) return UsageError(absl::StrCat(flags.dir, ": ", error.message()));
  if (dir.filename().empty()) dir = dir.parent_path();  // "DIR/"
  return dir;
}

Json StatesDocument(const Devnet& devnet) {
  Json nodes = Json::array();
  for (const DevnetNodeState& state : devnet.States()) {
    nodes.push_back({{"name", state.node.name},
                     {"running", state.pid != 0},
                     {"pid", state.pid == 0 ? Json() : Json(state.pid)},
                     {"engine_pid", state.engine_pid == 0 ? Json() : Json(state.engine_pid)},
                     {"node", state.address.empty() ? Json() : Json(state.address)},
                     {"log", state.log.string()}});
  }
  return {{"dir", devnet.dir().string()},
          {"engine", devnet.has_cometbft() ? "cometbft" : "simplex"},
          {"running", devnet.AnyRunning()},
          {"keys_dir", DevnetKeysDir(devnet.dir()).string()},
          {"nodes", nodes}};
}

// Of a node that runs; empty: none does.
std::string FirstAddress(const std::vector<DevnetNodeState>& states) {
  for (const DevnetNodeState& state : states) {
    if (!state.address.empty()) return state.address;
  }
  return "";
}

// Somebody who set a node on purpose keeps it; how to reach the devnet then is said.
std::string HowToReach(const Context& context, const std::string& address) {
  const Settings& settings = context.settings();
  const bool own_choice =
      settings.node_source != "the devnet" && settings.node_source != "the default";
  if (!own_choice || settings.node == address) return "";
  return absl::StrCat("\nBut ", settings.node_source, " names the node ", settings.node,
                      ". To reach the devnet, add --node ", address, "\n");
}

void PrintUp(std::ostream& out, const Context& context, const Devnet& devnet, bool was_up) {
  const std::vector<DevnetNodeState> states = devnet.States();
  const std::string address = FirstAddress(states);
  const std::string count = states.size() == 1 ? "1 node" : absl::StrCat(states.size(), " nodes");
  out << (was_up ? "The devnet is up already: " : "The devnet is up: ") << count
      << (devnet.has_cometbft() ? " on CometBFT" : "") << ", folder " << devnet.dir().string()
      << "\n";
  for (const DevnetNodeState& state : states) {
    out << "  " << state.node.name << "  "
        << (state.pid == 0 ? "down"
                           : absl::StrCat(state.address, ", process ", std::to_string(state.pid)))
        << "\n";
  }
  out << "The keys alice, bob, carol and issuer are funded and have no passphrase. Commands find\n"
      << "a node and these keys by themselves, and sign with alice unless you say --key.\n"
      << HowToReach(context, address) << "\nNext:\n"
      << "  bourse order sell BTC/USD 0.5 --price 64000\n"
      << "  bourse order buy BTC/USD 0.2 --price 64000 --key bob\n"
      << "  bourse trades BTC/USD\n"
      << "  bourse account bob\n"
      << (states.size() < 4 ? "" : "  bourse devnet stop node4 --kill     the others go on\n")
      << "  bourse devnet down\n";
}

// What was asked for must be what there is.
absl::Status CheckUp(const Devnet& devnet, const DevnetFlags& flags) {
  if (!flags.engine.empty() && (flags.engine == "cometbft") != devnet.has_cometbft()) {
    return UsageError(absl::StrCat("the devnet in ", devnet.dir().string(), " has another engine, ",
                                   "which can't change; make another with --dir, or delete it "
                                   "with 'bourse devnet down --delete'"));
  }
  if (!flags.count.has_value() || *flags.count == devnet.size()) return absl::OkStatus();
  return UsageError(absl::StrCat("the devnet in ", devnet.dir().string(), " has ", devnet.size(),
                                 " nodes, which can't change; make another with --dir, or delete "
                                 "it with 'bourse devnet down --delete'"));
}

absl::StatusOr<DevnetPrograms> FindPrograms(const DevnetFlags& flags, bool cometbft) {
  absl::StatusOr<std::string> boursed = FindProgram("boursed", flags.boursed);
  if (!boursed.ok()) return boursed.status();
  if (!cometbft) return DevnetPrograms{*std::move(boursed), ""};
  absl::StatusOr<std::string> engine = FindCometBft(flags.cometbft);
  if (!engine.ok()) return engine.status();
  return DevnetPrograms{*std::move(boursed), *std::move(engine)};
}

absl::StatusOr<Devnet> OpenOrCreate(const fs::path& dir, const DevnetFlags& flags) {
  absl::StatusOr<Devnet> devnet = Devnet::Open(dir);
  if (absl::IsNotFound(devnet.status())) {
    const absl::StatusOr<DevnetPrograms> programs = FindPrograms(flags, flags.engine == "cometbft");
    if (!programs.ok()) return programs.status();
    return Devnet::Create(dir, flags.count.value_or(kDefaultNodes),
                          flags.port.value_or(kDefaultPort), *programs);
  }
  if (!devnet.ok()) return devnet.status();
  if (absl::Status fits = CheckUp(*devnet, flags); !fits.ok()) return fits;
  if (flags.port.has_value() && !devnet->AnyRunning()) devnet->SetPort(*flags.port);
  return devnet;
}

absl::Status Up(Context& context, const DevnetFlags& flags) {
  if (flags.count.has_value() && (*flags.count == 0 || *flags.count > kMaxDevnetNodes)) {
    return UsageError(absl::StrCat("--nodes is 1 to ", kMaxDevnetNodes));
  }
  const absl::StatusOr<fs::path> dir = FolderOf(context, flags);
  if (!dir.ok()) return dir.status();
  absl::StatusOr<Devnet> devnet = OpenOrCreate(*dir, flags);
  if (!devnet.ok()) return devnet.status();
  const absl::StatusOr<DevnetPrograms> programs = FindPrograms(flags, devnet->has_cometbft());
  if (!programs.ok()) return programs.status();
  const bool was_up = devnet->AllRunning();
  if (absl::Status status = devnet->StartAll(*programs); !status.ok()) return status;
  absl::Status linked = WriteDevnetLink(context.settings().home, *dir);
  if (!linked.ok()) return linked;
  context.output().Write(StatesDocument(*devnet),
                         [&](std::ostream& out) { PrintUp(out, context, *devnet, was_up); });
  return absl::OkStatus();
}

absl::Status Down(Context& context, const DevnetFlags& flags) {
  const absl::StatusOr<fs::path> dir = FolderOf(context, flags);
  if (!dir.ok()) return dir.status();
  absl::StatusOr<Devnet> devnet = Devnet::Open(*dir);
  if (!devnet.ok()) return devnet.status();
  if (flags.delete_it && !flags.yes &&
      !Confirm("Stop the devnet and delete " + dir->string() + ", its ledger and its keys?")) {
    return UsageError("nothing was done. To delete without being asked, say --delete --yes");
  }
  const bool was_up = devnet->AnyRunning();
  if (absl::Status status = devnet->StopAll(); !status.ok()) return status;
  RemoveDevnetLink(context.settings().home, *dir);
  if (flags.delete_it) {
    if (absl::Status status = devnet->Delete(); !status.ok()) return status;
  }
  const Json document = {
      {"dir", dir->string()}, {"was_running", was_up}, {"deleted", flags.delete_it}};
  context.output().Write(document, [&](std::ostream& out) {
    out << (was_up ? "The devnet is down" : "The devnet was down already");
    if (flags.delete_it) {
      out << ", and " << dir->string() << " is deleted.\n";
    } else {
      out << "; 'bourse devnet up' resumes it from " << dir->string() << "\n";
    }
  });
  return absl::OkStatus();
}

// What a node says of itself; nothing if it does not answer.
std::optional<v1::NodeStatus> AskNode(const DevnetNodeState& state) {
  if (state.address.empty()) return std::nullopt;
  const absl::StatusOr<std::unique_ptr<Client>> client =
      Client::Create({state.address, false, "", 5'000'000});
  if (!client.ok()) return std::nullopt;
  absl::StatusOr<v1::NodeStatus> status = (*client)->GetStatus();
  if (!status.ok()) return std::nullopt;
  return *std::move(status);
}

void AddStatus(const DevnetNodeState& state, Json* document, Table* table) {
  const std::optional<v1::NodeStatus> status = AskNode(state);
  const bool up = state.pid != 0;
  (*document)["height"] = status ? Number(status->height()) : Json();
  (*document)["role"] = status ? Json(RoleText(status->role())) : Json();
  (*document)["voting"] = status ? Json(status->voting()) : Json();
  (*document)["catching_up"] = status ? Json(status->catching_up()) : Json();
  (*document)["peers"] = status ? Json(status->connected_peers()) : Json();
  table->AddRow({state.node.name, up ? state.address : "down",
                 status ? StandingText(*status) : (up ? "no answer" : ""),
                 status ? std::to_string(status->height()) : "",
                 status ? std::to_string(status->connected_peers()) : "",
                 up ? std::to_string(state.pid) : "", state.log.string()});
}

absl::Status ShowStatus(Context& context, const DevnetFlags& flags) {
  const absl::StatusOr<fs::path> dir = FolderOf(context, flags);
  if (!dir.ok()) return dir.status();
  const absl::StatusOr<Devnet> devnet = Devnet::Open(*dir);
  if (!devnet.ok()) return devnet.status();
  Json document = StatesDocument(*devnet);
  Table table({{"NODE"},
               {"ADDRESS"},
               {"ROLE"},
               {"HEIGHT", Align::kRight},
               {"PEERS", Align::kRight},
               {"PROCESS", Align::kRight},
               {"LOG"}});
  const std::vector<DevnetNodeState> states = devnet->States();
  for (std::size_t i = 0; i < states.size(); ++i) {
    AddStatus(states[i], &document["nodes"][i], &table);
  }
  context.output().Write(document, [&](std::ostream& out) { table.Print(out); });
  return absl::OkStatus();
}

// Stops or starts those that are named.
absl::Status Switch(Context& context, const DevnetFlags& flags, bool start) {
  const absl::StatusOr<fs::path> dir = FolderOf(context, flags);
  if (!dir.ok()) return dir.status();
  absl::StatusOr<Devnet> devnet = Devnet::Open(*dir);
  if (!devnet.ok()) return devnet.status();
  std::vector<DevnetNode> nodes;
  for (const std::string& name : flags.nodes) {
    absl::StatusOr<DevnetNode> node = devnet->Find(name);
    if (!node.ok()) return node.status();
    nodes.push_back(*std::move(node));
  }
  absl::Status status;
  if (start) {
    const absl::StatusOr<DevnetPrograms> programs = FindPrograms(flags, devnet->has_cometbft());
    if (!programs.ok()) return programs.status();
    status = devnet->Start(nodes, *programs);
  } else {
    status = devnet->Stop(nodes, flags.kill);
  }
  if (!status.ok()) return status;
  const char* verb = start ? " is up" : flags.kill ? " is killed" : " is stopped";
  context.output().Write(StatesDocument(*devnet), [&](std::ostream& out) {
    for (const DevnetNode& node : nodes) out << node.name << verb << "\n";
  });
  return absl::OkStatus();
}

absl::Status StopNodes(Context& context, const DevnetFlags& flags) {
  return Switch(context, flags, /*start=*/false);
}

absl::Status StartNodes(Context& context, const DevnetFlags& flags) {
  return Switch(context, flags, /*start=*/true);
}

using Action = absl::Status (*)(Context&, const DevnetFlags&);

std::pair<CLI::App*, std::shared_ptr<DevnetFlags>> Add(CLI::App& group, Context& context,
                                                       const char* name, const char* text,
                                                       const char* examples, Action action) {
  auto flags = std::make_shared<DevnetFlags>();
  CLI::App* command = AddCommand(group, name, text, examples, context,
                                 [&context, flags, action] { return action(context, *flags); });
  command->add_option("--dir", flags->dir, "The network's folder; without, devnet in the home");
  return {command, flags};
}

}  // namespace

void AddDevnetCommands(CLI::App& app, Context& context) {
  constexpr char kProgram[] = "The node's program; without, the one beside bourse, or on PATH";
  constexpr char kEngineProgram[] = "CometBFT's program; without, the one on PATH";
  constexpr char kNodes[] = "Their names or numbers, as node3 or 3";
  CLI::App* group = AddGroup(app, "devnet", "A local network to play with, with funded keys",
                             "  bourse devnet up\n  bourse devnet up --nodes 7\n"
                             "  bourse devnet status\n  bourse devnet stop node3 --kill\n"
                             "  bourse devnet start node3\n  bourse devnet down\n");
  const auto [up, up_flags] =
      Add(*group, context, "up", "Start a local network, or the same again",
          "  bourse devnet up\n  bourse devnet up --dir play --nodes 1 --listen 0\n"
          "  bourse devnet up --dir comet --engine cometbft\n",
          Up);
  up->add_option("--nodes", up_flags->count, "How many validators, 1 to 16 (4)");
  up->add_option("--listen", up_flags->port,
                 "The first node's port, each other's the next; 0 for any free ones (7410, or "
                 "where they served before)");
  up->add_option("--engine", up_flags->engine, "What orders the blocks: simplex or cometbft")
      ->check(CLI::IsMember({"simplex", "cometbft"}));
  up->add_option("--boursed", up_flags->boursed, kProgram);
  up->add_option("--cometbft-bin", up_flags->cometbft, kEngineProgram);
  const auto [down, down_flags] =
      Add(*group, context, "down", "Stop it; its ledgers stay",
          "  bourse devnet down\n  bourse devnet down --delete --yes\n", Down);
  down->add_flag("--delete", down_flags->delete_it, "Delete its folder, too, after asking");
  down->add_flag("--yes", down_flags->yes, "Don't ask");
  Add(*group, context, "status", "Address, role, height, peers and process of each node",
      "  bourse devnet status\n", ShowStatus);
  const auto [stop, stop_flags] =
      Add(*group, context, "stop", "Stop some of its nodes, and see the others go on",
          "  bourse devnet stop node3\n  bourse devnet stop 2 3 --kill\n", StopNodes);
  stop->add_option("NODE", stop_flags->nodes, kNodes)->required();
  stop->add_flag("--kill", stop_flags->kill, "As a crash would: at once (SIGKILL)");
  const auto [start, start_flags] =
      Add(*group, context, "start", "Start nodes that were stopped; they catch up",
          "  bourse devnet start node3\n", StartNodes);
  start->add_option("NODE", start_flags->nodes, kNodes)->required();
  start->add_option("--boursed", start_flags->boursed, kProgram);
  start->add_option("--cometbft-bin", start_flags->cometbft, kEngineProgram);
}

}  // namespace bourse::cli
