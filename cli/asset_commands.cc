// bourse asset create | list | show | mint | burn
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/describe.h"
#include "cli/exit_code.h"
#include "cli/send.h"
#include "cli/table.h"
#include "common/limits.h"

namespace bourse::cli {
namespace {

Json AssetDocument(const v1::Asset& asset) {
  const Step atom = Step::Atom(asset.decimals());
  Json out = {{"id", HexText(asset.asset())},
              {"name", asset.name()},
              {"code", asset.code()},
              {"issuer", nullptr},
              {"decimals", asset.decimals()},
              {"supply", atom.Format(asset.supply())},
              {"supply_atoms", Number(asset.supply())},
              {"supply_cap", atom.Format(asset.supply_cap())},
              {"supply_cap_atoms", Number(asset.supply_cap())},
              {"fee_pot", atom.Format(asset.fee_pot())},
              {"fee_pot_atoms", Number(asset.fee_pot())}};
  if (!asset.issuer().empty()) out["issuer"] = AddressText(asset.issuer());
  return out;
}

AssetId IdOf(const v1::Asset& asset) {
  AssetId id;
  std::copy_n(asset.asset().begin(), std::min(asset.asset().size(), id.bytes.size()),
              id.bytes.begin());
  return id;
}

// --- create

struct CreateFlags {
  std::string code;
  std::uint32_t decimals = 8;
  std::string cap;
  SendFlags send;
};

absl::Status Create(Context& context, const CreateFlags& flags) {
  const bool good = !flags.code.empty() && flags.code.size() <= limits::kMaxAssetCodeBytes &&
                    std::all_of(flags.code.begin(), flags.code.end(), [](char c) {
                      return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
                    });
  if (!good) return UsageError("an asset's code is 1 to 12 of A-Z and 0-9, such as GOLD");
  if (flags.decimals > limits::kMaxAssetDecimals) return UsageError("--decimals is 0 to 18");
  const absl::StatusOr<std::uint64_t> cap = Step::Atom(flags.decimals).Count("--cap", flags.cap);
  if (!cap.ok()) return cap.status();
  const Report report = {nullptr, [&](std::ostream& out, const v1::Receipt& receipt) {
                           out << "created " << flags.code << ", id "
                               << HexText(receipt.results(0).asset())
                               << "\nNext: bourse asset mint " << flags.code << " AMOUNT\n";
                         }};
  return SendAndReport(context, {CreateAsset{flags.code, flags.decimals, Atoms(*cap)}}, flags.send,
                       report);
}

void AddCreate(CLI::App& asset, Context& context) {
  auto flags = std::make_shared<CreateFlags>();
  CLI::App* command = AddCommand(asset, "create", "Create an asset that your account issues",
                                 "  bourse asset create GOLD --decimals 4 --cap 1000000\n", context,
                                 [&context, flags] { return Create(context, *flags); });
  command->add_option("CODE", flags->code, "1 to 12 of A-Z and 0-9")->required();
  command->add_option("--decimals", flags->decimals, "Places after the point, 0 to 18")
      ->capture_default_str();
  command->add_option("--cap", flags->cap, "The most that may ever exist")->required();
  AddSendFlags(*command, &flags->send);
}

// --- list, show

absl::Status List(Context& context) {
  const absl::StatusOr<Client*> client = context.client();
  if (!client.ok()) return client.status();
  Json documents = Json::array();
  Table table(
      {{"ASSET"}, {"DECIMALS", Align::kRight}, {"SUPPLY", Align::kRight}, {"CAP", Align::kRight}});
  v1::ListAssetsRequest request;
  request.set_page_size(limits::kMaxPageSize);
  for (int pages = 0; pages < kMaxPages; ++pages) {
    const absl::StatusOr<v1::ListAssetsResponse> page = (*client)->ListAssets(request);
    if (!page.ok()) return page.status();
    for (const v1::Asset& asset : page->assets()) {
      if (asset.decimals() > limits::kMaxAssetDecimals) continue;
      const Step atom = Step::Atom(asset.decimals());
      documents.push_back(AssetDocument(asset));
      table.AddRow({Printable(asset.name()), std::to_string(asset.decimals()),
                    atom.Format(asset.supply()), atom.Format(asset.supply_cap())});
    }
    if (page->next_page_token().empty()) break;
    request.set_page_token(page->next_page_token());
  }
  context.output().Write({{"assets", documents}}, [&](std::ostream& out) { table.Print(out); });
  return absl::OkStatus();
}

// An asset by what was typed; of several named alike, the selected key's own goes second.
absl::StatusOr<v1::Asset> Find(Context& context, const std::string& name) {
  const absl::StatusOr<Catalog*> catalog = context.catalog();
  if (!catalog.ok()) return catalog.status();
  const absl::StatusOr<StoredKey> key = context.SelectKey();
  return (*catalog)->FindAsset(name,
                               key.ok() ? std::optional<PublicKey>(key->public_key) : std::nullopt);
}

absl::Status Show(Context& context, const std::string& name) {
  const absl::StatusOr<v1::Asset> asset = Find(context, name);
  if (!asset.ok()) return asset.status();
  const Json document = AssetDocument(*asset);
  context.output().Write(document, [&](std::ostream& out) {
    const Step atom = Step::Atom(asset->decimals());
    Table table({{"ASSET"}, {Printable(asset->name())}});
    table.AddRow({"id", HexText(asset->asset())});
    table.AddRow({"issuer", asset->issuer().empty() ? "none: it is the genesis's"
                                                    : context.ShowAccount(asset->issuer())});
    table.AddRow({"decimals", std::to_string(asset->decimals())});
    table.AddRow({"supply", atom.Format(asset->supply())});
    table.AddRow({"cap", atom.Format(asset->supply_cap())});
    table.AddRow({"fees collected", atom.Format(asset->fee_pot())});
    table.Print(out);
  });
  return absl::OkStatus();
}

// --- mint, burn

struct AmountFlags {
  std::string asset;
  std::string amount;
  std::string to;
  std::string memo;
  SendFlags send;
};

absl::Status MintOrBurn(Context& context, bool mint, const AmountFlags& flags) {
  if (flags.memo.size() > limits::kMaxMemoBytes) return UsageError("--memo is over 256 bytes");
  const absl::StatusOr<StoredKey> key = context.SelectKey();
  if (!key.ok()) return key.status();
  const absl::StatusOr<PublicKey> to =
      flags.to.empty() ? key->public_key : context.FindAccount(flags.to);
  if (!to.ok()) return to.status();
  const absl::StatusOr<v1::Asset> asset = Find(context, flags.asset);
  if (!asset.ok()) return asset.status();
  const absl::StatusOr<std::uint64_t> atoms =
      Step::Atom(asset->decimals()).Count("amount", flags.amount);
  if (!atoms.ok()) return atoms.status();
  const Operation operation = mint ? Operation(Mint{IdOf(*asset), *to, Atoms(*atoms), flags.memo})
                                   : Operation(Burn{IdOf(*asset), Atoms(*atoms), flags.memo});
  const Report report = {nullptr, [&](std::ostream& out, const v1::Receipt&) {
                           out << (mint ? "minted " : "burnt ") << AmountText(*atoms, *asset);
                           if (mint) out << " to " << context.ShowAccount(IdBytes(*to));
                           out << "\n";
                         }};
  return SendAndReport(context, {operation}, flags.send, report);
}

void AddAmount(CLI::App& asset, Context& context, bool mint) {
  auto flags = std::make_shared<AmountFlags>();
  CLI::App* command = AddCommand(
      asset, mint ? "mint" : "burn",
      mint ? "Issue an amount of an asset that you have created" : "Destroy an amount you own",
      mint ? "  bourse asset mint GOLD 1000\n  bourse asset mint GOLD 1000 --to bob\n"
           : "  bourse asset burn GOLD 5 --memo 'pay out to …'\n",
      context, [&context, mint, flags] { return MintOrBurn(context, mint, *flags); });
  command->add_option("ASSET", flags->asset, "Its name or id")->required();
  command->add_option("AMOUNT", flags->amount, "In decimals, exactly")->required();
  if (mint) {
    command->add_option("--to", flags->to, "Who gets it; without, your own account");
  }
  command->add_option("--memo", flags->memo, "Public text, at most 256 bytes");
  AddSendFlags(*command, &flags->send);
}

}  // namespace

void AddAssetCommands(CLI::App& app, Context& context) {
  CLI::App* asset = AddGroup(app, "asset", "Create, issue and look at assets",
                             "  bourse asset list\n"
                             "  bourse asset create GOLD --decimals 4 --cap 1000000\n");
  AddCreate(*asset, context);
  AddCommand(*asset, "list", "All assets", "  bourse asset list\n", context,
             [&context] { return List(context); });
  auto name = std::make_shared<std::string>();
  AddCommand(*asset, "show", "One asset", "  bourse asset show BTC\n", context,
             [&context, name] { return Show(context, *name); })
      ->add_option("ASSET", *name, "Its name or id")
      ->required();
  AddAmount(*asset, context, /*mint=*/true);
  AddAmount(*asset, context, /*mint=*/false);
}

}  // namespace bourse::cli
