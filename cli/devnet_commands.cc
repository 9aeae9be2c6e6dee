// bourse devnet up | down | status
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/devnet/devnet.h"
#include "cli/devnet/process.h"
#include "cli/exit_code.h"
#include "cli/passphrase.h"
#include "cli/table.h"

namespace bourse::cli {
namespace {

namespace fs = std::filesystem;
constexpr std::uint16_t kDefaultPort = 7410;

struct DevnetFlags {
  std::string dir;
  std::optional<std::uint16_t> port;
  std::string boursed;
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
                     {"node", state.address.empty() ? Json() : Json(state.address)},
                     {"log", state.log.string()}});
  }
  return {{"dir", devnet.dir().string()},
          {"running", devnet.AnyRunning()},
          {"keys_dir", DevnetKeysDir(devnet.dir()).string()},
          {"nodes", nodes}};
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
  const DevnetNodeState node = devnet.States().front();
  out << (was_up ? "The devnet is up already: " : "The devnet is up: ") << node.address
      << ", process " << node.pid << ", folder " << devnet.dir().string() << "\n"
      << "The keys alice, bob, carol and issuer are funded and have no passphrase. Commands find\n"
      << "the node and these keys by themselves, and sign with alice unless you say --key.\n"
      << HowToReach(context, node.address) << "\nNext:\n"
      << "  bourse order sell BTC/USD 0.5 --price 64000\n"
      << "  bourse order buy BTC/USD 0.2 --price 64000 --key bob\n"
      << "  bourse trades BTC/USD\n"
      << "  bourse account bob\n"
      << "  bourse devnet down\n";
}

absl::Status Up(Context& context, const DevnetFlags& flags) {
  const absl::StatusOr<fs::path> dir = FolderOf(context, flags);
  if (!dir.ok()) return dir.status();
  absl::StatusOr<Devnet> devnet = Devnet::Open(*dir);
  const bool was_up = devnet.ok() && devnet->AnyRunning();
  if (!was_up) {
    const absl::StatusOr<std::string> boursed = FindProgram("boursed", flags.boursed);
    if (!boursed.ok()) return boursed.status();
    if (absl::IsNotFound(devnet.status())) {
      devnet = Devnet::Create(*dir, {{"node1", flags.port.value_or(kDefaultPort)}}, *boursed);
    } else if (devnet.ok() && flags.port.has_value()) {
      if (absl::Status status = devnet->SetPort(*flags.port); !status.ok()) return status;
    }
    if (!devnet.ok()) return devnet.status();
    if (absl::Status status = devnet->Start(*boursed); !status.ok()) return status;
  }
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
  if (absl::Status status = devnet->Stop(); !status.ok()) return status;
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

absl::Status ShowStatus(Context& context, const DevnetFlags& flags) {
  const absl::StatusOr<fs::path> dir = FolderOf(context, flags);
  if (!dir.ok()) return dir.status();
  const absl::StatusOr<Devnet> devnet = Devnet::Open(*dir);
  if (!devnet.ok()) return devnet.status();
  Json document = StatesDocument(*devnet);
  Table table(
      {{"NODE"}, {"ADDRESS"}, {"HEIGHT", Align::kRight}, {"PROCESS", Align::kRight}, {"LOG"}});
  const std::vector<DevnetNodeState> states = devnet->States();
  for (std::size_t i = 0; i < states.size(); ++i) {
    const DevnetNodeState& state = states[i];
    std::string height;
    if (!state.address.empty()) {
      absl::StatusOr<std::unique_ptr<Client>> client =
          Client::Create({state.address, false, "", 5'000'000});
      if (!client.ok()) return client.status();
      const absl::StatusOr<v1::NodeStatus> status = (*client)->GetStatus();
      height = status.ok() ? std::to_string(status->height()) : "no answer";
    }
    document["nodes"][i]["height"] = height.empty() ? Json() : Json(height);
    table.AddRow({state.node.name, state.pid == 0 ? "down" : state.address, height,
                  state.pid == 0 ? "" : std::to_string(state.pid), state.log.string()});
  }
  context.output().Write(document, [&](std::ostream& out) { table.Print(out); });
  return absl::OkStatus();
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
  CLI::App* group = AddGroup(app, "devnet", "A local network to play with, with funded keys",
                             "  bourse devnet up\n  bourse devnet status\n  bourse devnet down\n");
  const auto [up, up_flags] =
      Add(*group, context, "up", "Start a local network, or the same again",
          "  bourse devnet up\n  bourse devnet up --dir play --listen 0\n", Up);
  up->add_option("--listen", up_flags->port,
                 "The node's port, 0 for any free one (7410, or where it served before)");
  up->add_option("--boursed", up_flags->boursed,
                 "The node's program; without, the one beside bourse, or on PATH");
  const auto [down, down_flags] =
      Add(*group, context, "down", "Stop it; its ledger stays",
          "  bourse devnet down\n  bourse devnet down --delete --yes\n", Down);
  down->add_flag("--delete", down_flags->delete_it, "Delete its folder, too, after asking");
  down->add_flag("--yes", down_flags->yes, "Don't ask");
  Add(*group, context, "status", "Height, address and process of each node",
      "  bourse devnet status\n", ShowStatus);
}

}  // namespace bourse::cli
