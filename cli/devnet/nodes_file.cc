#include "cli/devnet/nodes_file.h"

#include "absl/strings/str_cat.h"
#include "cli/exit_code.h"
#include "cli/files.h"
#include "cli/output.h"

namespace bourse::cli {
namespace {

namespace fs = std::filesystem;

bool ReadPort(const Json& node, const char* key, std::uint16_t* port) {
  if (!node.contains(key) || !node[key].is_number_unsigned()) return false;
  const std::uint64_t number = node[key].get<std::uint64_t>();
  *port = static_cast<std::uint16_t>(number);
  return number == *port;
}

bool ReadText(const Json& json, const char* key, std::string* text) {
  if (!json.is_object() || !json.contains(key) || !json[key].is_string()) return false;
  *text = json[key].get<std::string>();
  return true;
}

bool ReadNode(const Json& json, bool cometbft, DevnetNode* node) {
  if (!ReadText(json, "name", &node->name) || !ReadPort(json, "port", &node->port) ||
      !ReadPort(json, "peer_port", &node->peer_port)) {
    return false;
  }
  return !cometbft || (ReadPort(json, "rpc_port", &node->rpc_port) &&
                       ReadPort(json, "app_port", &node->app_port) &&
                       ReadText(json, "engine_id", &node->engine_id));
}

}  // namespace

absl::StatusOr<DevnetNodes> ReadNodes(const fs::path& dir) {
  const absl::StatusOr<std::string> text = ReadFile(dir / "devnet.json");
  if (!text.ok()) {
    return absl::NotFoundError(
        absl::StrCat("there is no devnet in ", dir.string(), "; 'bourse devnet up' makes one"));
  }
  const Json json = Json::parse(*text, nullptr, /*allow_exceptions=*/false);
  DevnetNodes out;
  std::string engine = "simplex";  // of a devnet that knew no other
  ReadText(json, "engine", &engine);
  out.cometbft = engine == "cometbft";
  bool good = json.is_object() && json.contains("nodes") && json["nodes"].is_array();
  for (const Json& each : good ? json["nodes"] : Json::array()) {
    out.all.emplace_back();
    good = good && ReadNode(each, out.cometbft, &out.all.back());
  }
  if (good && !out.all.empty()) return out;
  return UsageError(absl::StrCat((dir / "devnet.json").string(),
                                 " is damaged, or of another version; delete ", dir.string(),
                                 ", or name another folder with --dir"));
}

absl::Status WriteNodes(const fs::path& dir, const DevnetNodes& nodes) {
  Json list = Json::array();
  for (const DevnetNode& node : nodes.all) {
    Json one = {{"name", node.name}, {"port", node.port}, {"peer_port", node.peer_port}};
    if (nodes.cometbft) {
      one["rpc_port"] = node.rpc_port;
      one["app_port"] = node.app_port;
      one["engine_id"] = node.engine_id;
    }
    list.push_back(one);
  }
  const Json document = {{"engine", nodes.cometbft ? "cometbft" : "simplex"}, {"nodes", list}};
  return WriteFile(dir / "devnet.json", document.dump(2) + "\n");
}

}  // namespace bourse::cli
