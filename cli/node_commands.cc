// bourse node status
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/clock_text.h"
#include "cli/commands.h"
#include "cli/describe.h"
#include "cli/node_text.h"
#include "cli/table.h"

namespace bourse::cli {
namespace {

Json FeesDocument(const v1::FeeSchedule& fees, const v1::Asset& asset) {
  const auto amount = [&](std::uint64_t atoms) { return AmountDocument(atoms, asset); };
  return {{"asset", asset.name()},
          {"per_transaction", amount(fees.per_transaction())},
          {"per_operation", amount(fees.per_operation())},
          {"per_cancel", amount(fees.per_cancel())},
          {"per_byte", amount(fees.per_byte())},
          {"account_deposit", amount(fees.account_deposit())},
          {"order_deposit", amount(fees.order_deposit())},
          {"asset_deposit", amount(fees.asset_deposit())},
          {"market_deposit", amount(fees.market_deposit())}};
}

std::string RoleLine(const v1::NodeStatus& node) {
  std::string out = StandingText(node);
  if (node.role() == v1::NODE_ROLE_VALIDATOR) {
    absl::StrAppend(&out, ": ", Printable(node.validator_name()), ", number ", node.validator() + 1,
                    " of ", node.validator_count());
    if (!node.not_voting_because().empty()) {
      absl::StrAppend(&out, "; ", Printable(node.not_voting_because()));
    }
  } else {
    absl::StrAppend(&out, " of a network of ", node.validator_count(), " validators");
  }
  return absl::StrCat(out, " (", node.quorum(), " decide)");
}

std::string HeightLine(const v1::NodeStatus& node) {
  std::string out = std::to_string(node.height());
  if (node.decided_height() > node.height()) {
    absl::StrAppend(&out, ", decided ", node.decided_height());
  }
  if (node.catching_up()) {
    absl::StrAppend(&out, " of about ", node.network_height(), ": catching up");
  }
  return out;
}

std::string CertifiedLine(const v1::NodeStatus& node) {
  if (node.certified_height() == 0) return "no block yet";
  return absl::StrCat("up to block ", node.certified_height());
}

void Print(std::ostream& out, const Settings& settings, const v1::NodeStatus& node,
           const v1::Asset& asset) {
  const v1::FeeSchedule& fees = node.fees();
  Table table({{"NODE"}, {settings.node}});
  table.AddRow({"named by", settings.node_source});
  table.AddRow({"version", Printable(node.version())});
  table.AddRow({"chain", Printable(node.chain_name())});
  table.AddRow({"genesis hash", HexText(node.genesis_hash())});
  table.AddRow({"role", RoleLine(node)});
  table.AddRow({"engine", Printable(node.engine())});
  table.AddRow({"height", HeightLine(node)});
  table.AddRow({"certified", CertifiedLine(node)});
  table.AddRow(
      {"peers", absl::StrCat(node.connected_peers(), " connected; see 'bourse node peers'")});
  table.AddRow({"block time", FormatTime(node.block_time())});
  table.AddRow({"state root", HexText(node.state_root())});
  table.AddRow({"queue", absl::StrCat(node.pending_transactions(), " transactions, ",
                                      node.pending_bytes(), " bytes")});
  table.AddRow({"up for", FormatSeconds(node.uptime_seconds())});
  table.AddRow(
      {"a transaction costs", absl::StrCat(AmountText(fees.per_transaction(), asset), ", and ",
                                           AmountText(fees.per_byte(), asset), " a byte")});
  table.AddRow({"an operation", absl::StrCat(AmountText(fees.per_operation(), asset), "; a cancel ",
                                             AmountText(fees.per_cancel(), asset))});
  table.AddRow({"deposits", absl::StrCat("account ", AmountText(fees.account_deposit(), asset),
                                         ", order ", AmountText(fees.order_deposit(), asset),
                                         ", asset ", AmountText(fees.asset_deposit(), asset),
                                         ", market ", AmountText(fees.market_deposit(), asset))});
  table.Print(out);
}

absl::Status Status(Context& context) {
  const absl::StatusOr<const v1::NodeStatus*> found = context.node_status();
  if (!found.ok()) return found.status();
  const v1::NodeStatus& node = **found;
  const absl::StatusOr<Catalog*> catalog = context.catalog();
  if (!catalog.ok()) return catalog.status();
  const absl::StatusOr<v1::Asset> asset = (*catalog)->AssetById(node.fees().asset());
  if (!asset.ok()) return asset.status();
  const Settings& settings = context.settings();
  const bool validator = node.role() == v1::NODE_ROLE_VALIDATOR;
  const Json document = {{"node", settings.node},
                         {"version", node.version()},
                         {"chain_name", node.chain_name()},
                         {"genesis_hash", HexText(node.genesis_hash())},
                         {"protocol_version", node.protocol_version()},
                         {"height", Number(node.height())},
                         {"block_time", FormatTime(node.block_time())},
                         {"block_time_micros", Number(node.block_time())},
                         {"block_hash", HexText(node.block_hash())},
                         {"state_root", HexText(node.state_root())},
                         {"pending_transactions", Number(node.pending_transactions())},
                         {"pending_bytes", Number(node.pending_bytes())},
                         {"uptime_seconds", Number(node.uptime_seconds())},
                         {"clock", FormatTime(node.clock())},
                         {"clock_micros", Number(node.clock())},
                         {"node_key", HexText(node.node_key())},
                         {"role", RoleText(node.role())},
                         {"validator", validator ? Json(node.validator()) : Json()},
                         {"validator_name", validator ? Json(node.validator_name()) : Json()},
                         {"voting", node.voting()},
                         {"not_voting_because", node.not_voting_because()},
                         {"validator_count", node.validator_count()},
                         {"quorum", node.quorum()},
                         {"decided_height", Number(node.decided_height())},
                         {"certified_height", Number(node.certified_height())},
                         {"network_height", Number(node.network_height())},
                         {"catching_up", node.catching_up()},
                         {"connected_peers", node.connected_peers()},
                         {"engine", node.engine()},
                         {"fees", FeesDocument(node.fees(), *asset)}};
  context.output().Write(document, [&](std::ostream& out) { Print(out, settings, node, *asset); });
  return absl::OkStatus();
}

}  // namespace

void AddNodeCommands(CLI::App& app, Context& context) {
  CLI::App* node = AddGroup(app, "node", "The node that commands talk to",
                            "  bourse node status\n  bourse node status --node 127.0.0.1:7400\n"
                            "  bourse node peers\n  bourse node evidence\n");
  AddCommand(*node, "status", "Its network, role, height, queue, and what transactions cost",
             "  bourse node status\n", context, [&context] { return Status(context); });
  AddNodeListCommands(*node, context);
}

}  // namespace bourse::cli
