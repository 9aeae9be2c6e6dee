// bourse market create | list | show
#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/describe.h"
#include "cli/exit_code.h"
#include "cli/send.h"
#include "cli/table.h"
#include "common/checked_math.h"
#include "common/limits.h"

namespace bourse::cli {
namespace {

Json MarketDocument(const MarketInfo& info) {
  const v1::Market& market = info.market;
  Json out = {{"market", market.market()},
              {"market_name", market.name()},
              {"base", info.base.name()},
              {"base_id", HexText(market.base())},
              {"quote", info.quote.name()},
              {"quote_id", HexText(market.quote())},
              {"lot", info.lot.size()},
              {"lot_size_atoms", Number(market.lot_size())},
              {"tick", info.tick.size()},
              {"tick_size_atoms", Number(market.tick_size())},
              {"min_notional", info.quote_atom.Format(market.min_notional())},
              {"min_notional_atoms", Number(market.min_notional())},
              {"maker_fee_ppm", market.maker_fee_ppm()},
              {"taker_fee_ppm", market.taker_fee_ppm()},
              {"creator", nullptr}};
  if (!market.creator().empty()) out["creator"] = AddressText(market.creator());
  return out;
}

// "0.0200%".
std::string Percent(std::uint32_t ppm) { return Step::Atom(4).Format(ppm) + "%"; }

absl::Status List(Context& context) {
  const absl::StatusOr<Catalog*> catalog = context.catalog();
  if (!catalog.ok()) return catalog.status();
  const absl::StatusOr<std::vector<v1::Market>> markets = (*catalog)->AllMarkets();
  if (!markets.ok()) return markets.status();
  Json documents = Json::array();
  Table table({{"#", Align::kRight},
               {"MARKET"},
               {"LOT", Align::kRight},
               {"TICK", Align::kRight},
               {"LEAST ORDER", Align::kRight},
               {"MAKER FEE", Align::kRight},
               {"TAKER FEE", Align::kRight}});
  for (const v1::Market& market : *markets) {
    const absl::StatusOr<MarketInfo> info = (*catalog)->MarketByNumber(market.market());
    if (!info.ok()) return info.status();
    documents.push_back(MarketDocument(*info));
    table.AddRow({std::to_string(market.market()), Printable(market.name()), info->lot.size(),
                  info->tick.size(), info->quote_atom.Format(market.min_notional()),
                  Percent(market.maker_fee_ppm()), Percent(market.taker_fee_ppm())});
  }
  context.output().Write({{"markets", documents}}, [&](std::ostream& out) { table.Print(out); });
  return absl::OkStatus();
}

absl::Status Show(Context& context, const std::string& name) {
  const absl::StatusOr<MarketInfo> info = context.FindMarket(name);
  if (!info.ok()) return info.status();
  context.output().Write(MarketDocument(*info), [&](std::ostream& out) {
    const std::string base = Printable(info->base.name());
    const std::string quote = Printable(info->quote.name());
    Table table({{"MARKET"}, {MarketText(*info)}});
    table.AddRow({"lot", absl::StrCat(info->lot.size(), " ", base)});
    table.AddRow({"tick", absl::StrCat(info->tick.size(), " ", quote, " for one ", base)});
    table.AddRow({"least order", AmountText(info->market.min_notional(), info->quote)});
    table.AddRow({"maker fee", Percent(info->market.maker_fee_ppm())});
    table.AddRow({"taker fee", Percent(info->market.taker_fee_ppm())});
    table.AddRow({"creator", info->market.creator().empty()
                                 ? "none: it is the genesis's"
                                 : context.ShowAccount(info->market.creator())});
    table.Print(out);
  });
  return absl::OkStatus();
}

// --- create

struct CreateFlags {
  std::string pair;
  std::string lot;
  std::string tick;
  std::string min_notional = "0";
  std::string maker_fee = "0%";
  std::string taker_fee = "0%";
  SendFlags send;
};

// A tick, quote for one base, as quote atoms a lot: it has to be a whole number of them.
absl::StatusOr<std::uint64_t> TickAtoms(const v1::Asset& base, const v1::Asset& quote,
                                        std::uint64_t lot_size, const std::string& text) {
  return Step::Tick(lot_size, base.decimals(), 1, quote.decimals()).Count("--tick", text);
}

absl::StatusOr<std::uint32_t> Fee(const char* what, const std::string& text) {
  const absl::StatusOr<std::uint32_t> ppm = ParsePercent(what, text);
  if (ppm.ok() && *ppm > limits::kMaxFeePpm) return UsageError(absl::StrCat(what, " is over 10%"));
  return ppm;
}

absl::StatusOr<CreateMarket> ReadFlags(const v1::Asset& base, const v1::Asset& quote,
                                       const CreateFlags& flags) {
  CreateMarket out;
  std::copy(base.asset().begin(), base.asset().end(), out.base.bytes.begin());
  std::copy(quote.asset().begin(), quote.asset().end(), out.quote.bytes.begin());
  const absl::StatusOr<std::uint64_t> lot = Step::Atom(base.decimals()).Count("--lot", flags.lot);
  if (!lot.ok()) return lot.status();
  const absl::StatusOr<std::uint64_t> tick = TickAtoms(base, quote, *lot, flags.tick);
  if (!tick.ok()) return tick.status();
  if (flags.min_notional != "0") {
    const absl::StatusOr<std::uint64_t> least =
        Step::Atom(quote.decimals()).Count("--min-notional", flags.min_notional);
    if (!least.ok()) return least.status();
    out.min_notional = Atoms(*least);
  }
  const absl::StatusOr<std::uint32_t> maker = Fee("--maker-fee", flags.maker_fee);
  if (!maker.ok()) return maker.status();
  const absl::StatusOr<std::uint32_t> taker = Fee("--taker-fee", flags.taker_fee);
  if (!taker.ok()) return taker.status();
  out.lot_size = *lot;
  out.tick_size = *tick;
  out.maker_fee_ppm = *maker;
  out.taker_fee_ppm = *taker;
  return out;
}

absl::Status Create(Context& context, const CreateFlags& flags) {
  const std::size_t slash = flags.pair.find('/');
  if (slash == std::string::npos) return UsageError("write the pair as BASE/QUOTE: BTC/USD");
  const absl::StatusOr<StoredKey> key = context.SelectKey();
  if (!key.ok()) return key.status();
  const absl::StatusOr<Catalog*> catalog = context.catalog();
  if (!catalog.ok()) return catalog.status();
  const absl::StatusOr<v1::Asset> base =
      (*catalog)->FindAsset(flags.pair.substr(0, slash), key->public_key);
  if (!base.ok()) return base.status();
  const absl::StatusOr<v1::Asset> quote =
      (*catalog)->FindAsset(flags.pair.substr(slash + 1), key->public_key);
  if (!quote.ok()) return quote.status();
  const absl::StatusOr<CreateMarket> create = ReadFlags(*base, *quote, flags);
  if (!create.ok()) return create.status();
  const Report report = {nullptr, [&](std::ostream& out, const v1::Receipt& receipt) {
                           out << "created market #" << receipt.results(0).market() << " "
                               << Printable(base->name()) << "/" << Printable(quote->name())
                               << "\n";
                         }};
  return SendAndReport(context, {*create}, flags.send, report);
}

void AddCreate(CLI::App& market, Context& context) {
  auto flags = std::make_shared<CreateFlags>();
  CLI::App* command =
      AddCommand(market, "create", "Create a market of two assets",
                 "  bourse market create GOLD/USD --lot 0.01 --tick 0.1 --maker-fee 0.01% "
                 "--taker-fee 0.02%\n",
                 context, [&context, flags] { return Create(context, *flags); });
  command->add_option("PAIR", flags->pair, "BASE/QUOTE")->required();
  command->add_option("--lot", flags->lot, "Step of quantities, in the base asset")->required();
  command->add_option("--tick", flags->tick, "Step of prices, in the quote asset for one base")
      ->required();
  command->add_option("--min-notional", flags->min_notional, "Least order, in the quote asset")
      ->capture_default_str();
  command->add_option("--maker-fee", flags->maker_fee, "Of what is paid, 0% to 10%")
      ->capture_default_str();
  command->add_option("--taker-fee", flags->taker_fee, "Of what is paid, 0% to 10%")
      ->capture_default_str();
  AddSendFlags(*command, &flags->send);
}

}  // namespace

void AddMarketCommands(CLI::App& app, Context& context) {
  CLI::App* market = AddGroup(app, "market", "Create and look at markets",
                              "  bourse market list\n  bourse market show BTC/USD\n");
  AddCreate(*market, context);
  AddCommand(*market, "list", "All markets", "  bourse market list\n", context,
             [&context] { return List(context); });
  auto name = std::make_shared<std::string>();
  AddCommand(*market, "show", "One market: its lot, tick, least order and fees",
             "  bourse market show BTC/USD\n  bourse market show 3\n", context,
             [&context, name] { return Show(context, *name); })
      ->add_option("MARKET", *name, "BASE/QUOTE, or its number")
      ->required();
}

}  // namespace bourse::cli
