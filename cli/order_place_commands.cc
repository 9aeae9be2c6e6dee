// bourse order buy | sell
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/clock_text.h"
#include "cli/commands.h"
#include "cli/describe.h"
#include "cli/exit_code.h"
#include "cli/order_report.h"
#include "cli/send.h"
#include "common/checked_math.h"

namespace bourse::cli {
namespace {

struct PlaceFlags {
  std::string market;
  std::string quantity;
  std::string price;
  std::string type = "limit";
  bool at_market = false;
  std::string slippage;
  std::string self_trade = "cancel-taker";
  std::string client_id;
  std::string expires;
  SendFlags send;
};

absl::StatusOr<OrderType> ParseType(const std::string& text) {
  if (text == "limit") return OrderType::kLimit;
  if (text == "ioc") return OrderType::kImmediateOrCancel;
  if (text == "fok") return OrderType::kFillOrKill;
  if (text == "post-only") return OrderType::kPostOnly;
  return UsageError(
      absl::StrCat("there is no order type '", text, "': it is limit, ioc, fok or post-only"));
}

absl::StatusOr<SelfTrade> ParseSelfTrade(const std::string& text) {
  if (text == "cancel-taker") return SelfTrade::kCancelTaker;
  if (text == "cancel-maker") return SelfTrade::kCancelMaker;
  if (text == "cancel-both") return SelfTrade::kCancelBoth;
  return UsageError(absl::StrCat("there is no self-trade mode '", text,
                                 "': it is cancel-taker, cancel-maker or cancel-both"));
}

bool Rests(OrderType type) { return type == OrderType::kLimit || type == OrderType::kPostOnly; }

// What contradicts itself is refused before a node is asked.
absl::Status CheckPriceFlags(const PlaceFlags& flags, bool typed_type) {
  if (!flags.at_market) {
    if (!flags.slippage.empty()) return UsageError("--slippage goes with --market");
    if (!flags.price.empty()) return absl::OkStatus();
    return UsageError(
        "an order needs a price: --price 64000 is the worst you would accept. To take the best "
        "there is, say so, and how much worse than that it may get: --market --slippage 0.5%");
  }
  if (!flags.price.empty()) {
    return UsageError(
        "--price and --market contradict each other: with --market, the price is "
        "the best there is and --slippage. For a limit that takes at once, say "
        "--price and --type ioc");
  }
  if (typed_type) return UsageError("--type and --market contradict each other");
  if (!flags.expires.empty()) return UsageError("a market order never rests, so it can't expire");
  if (flags.slippage.empty()) {
    return UsageError(
        "--market needs --slippage: how much worse than the best price the last "
        "fill may be, such as --slippage 0.5%");
  }
  return absl::OkStatus();
}

// The best opposite price, worsened by the slippage, never by more.
absl::StatusOr<std::uint64_t> WorstPrice(Context& context, const MarketInfo& market, Side side,
                                         const std::string& slippage) {
  const absl::StatusOr<std::uint32_t> millionths = ParsePercent("--slippage", slippage);
  if (!millionths.ok()) return millionths.status();
  const absl::StatusOr<Client*> client = context.client();
  if (!client.ok()) return client.status();
  v1::GetBookRequest request;
  request.set_market(market.market.market());
  request.set_depth(1);
  const absl::StatusOr<v1::Book> book = (*client)->GetBook(request);
  if (!book.ok()) return book.status();
  const auto& levels = side == Side::kBuy ? book->asks() : book->bids();
  if (levels.empty()) {
    return RejectedError(absl::StrCat("nobody ", side == Side::kBuy ? "sells" : "buys", " in ",
                                      market.market.name(),
                                      " just now; with --price, an order waits in the book"));
  }
  const std::uint64_t best = levels[0].price();
  const Uint128 scaled =
      Uint128{best} * (side == Side::kBuy ? 1'000'000 + *millionths : 1'000'000 - *millionths);
  const Uint128 worst =
      side == Side::kBuy ? scaled / 1'000'000 : DivideRoundingUp(scaled, 1'000'000);
  if (worst == 0) return std::uint64_t{1};
  return worst > kMaxAtoms ? kMaxAtoms : static_cast<std::uint64_t>(worst);
}

// What needs no node, so that its errors come first.
absl::StatusOr<PlaceOrder> ReadFlags(const PlaceFlags& flags, Side side, bool typed_type) {
  if (absl::Status status = CheckPriceFlags(flags, typed_type); !status.ok()) return status;
  PlaceOrder place;
  place.side = side;
  const absl::StatusOr<OrderType> type =
      flags.at_market ? OrderType::kMarket : ParseType(flags.type);
  if (!type.ok()) return type.status();
  place.type = *type;
  const absl::StatusOr<SelfTrade> self_trade = ParseSelfTrade(flags.self_trade);
  if (!self_trade.ok()) return self_trade.status();
  place.self_trade = *self_trade;
  if (!flags.client_id.empty()) {
    const absl::StatusOr<std::uint64_t> id = ParseNumber("--client-id", flags.client_id);
    if (!id.ok()) return id.status();
    if (*id == 0) return UsageError("--client-id is 1 or more");
    place.client_id = ClientOrderId(*id);
  }
  if (!flags.expires.empty() && !Rests(*type)) {
    return UsageError("only limit and post-only orders rest, and so can expire");
  }
  return place;
}

absl::Status Place(Context& context, Side side, const PlaceFlags& flags, bool typed_type) {
  absl::StatusOr<PlaceOrder> place = ReadFlags(flags, side, typed_type);
  if (!place.ok()) return place.status();
  const absl::StatusOr<MarketInfo> market = context.FindMarket(flags.market);
  if (!market.ok()) return market.status();
  place->market = MarketId(market->market.market());
  const absl::StatusOr<std::uint64_t> quantity = market->lot.Count("quantity", flags.quantity);
  if (!quantity.ok()) return quantity.status();
  place->quantity = Lots(*quantity);
  const absl::StatusOr<std::uint64_t> price =
      flags.at_market ? WorstPrice(context, *market, side, flags.slippage)
                      : market->tick.Count("price", flags.price);
  if (!price.ok()) return price.status();
  place->price = PriceTicks(*price);
  if (!flags.expires.empty()) {
    const absl::StatusOr<const v1::NodeStatus*> node = context.node_status();
    if (!node.ok()) return node.status();
    const absl::StatusOr<std::uint64_t> expires =
        ParseTime("--expires", flags.expires, (*node)->clock());
    if (!expires.ok()) return expires.status();
    if (*expires <= (*node)->clock()) {
      return UsageError(absl::StrCat("--expires '", flags.expires, "' has passed already"));
    }
    place->expires = TimeMicros(*expires);
  }
  const Report report = {&*market, [&](std::ostream& out, const v1::Receipt& receipt) {
                           PrintOrderReport(
                               out, receipt, *market,
                               {side == Side::kBuy ? "bought" : "sold",
                                market->tick.Format(place->price.value()), Rests(place->type)});
                         }};
  return SendAndReport(context, {*place}, flags.send, report);
}

void AddPlace(CLI::App& order, Context& context, Side side) {
  const bool buy = side == Side::kBuy;
  const std::string name = buy ? "buy" : "sell";
  auto flags = std::make_shared<PlaceFlags>();
  auto type = std::make_shared<CLI::Option*>(nullptr);
  CLI::App* command = AddCommand(
      order, name, absl::StrCat(buy ? "Buy" : "Sell", " a quantity of a market's base asset"),
      absl::StrCat("  bourse order ", name, " BTC/USD 0.5 --price 64000\n", "  bourse order ", name,
                   " BTC/USD 0.5 --market --slippage 0.5%\n", "  bourse order ", name,
                   " BTC/USD 0.5 --price 64000 --type post-only", " --expires 10m --client-id 7\n"),
      context,
      [&context, side, flags, type] { return Place(context, side, *flags, (*type)->count() > 0); });
  command->add_option("MARKET", flags->market, "BASE/QUOTE, or the market's number")->required();
  command->add_option("QUANTITY", flags->quantity, "Of the base asset, in the market's lots")
      ->required();
  command->add_option("--price", flags->price,
                      "In the quote asset for one base: the worst price you accept");
  *type = command
              ->add_option("--type", flags->type,
                           "limit: the rest waits in the book; ioc: the rest is cancelled; "
                           "fok: all at once or nothing; post-only: never takes")
              ->capture_default_str();
  command->add_flag("--market", flags->at_market, "Take the best prices there are");
  command->add_option("--slippage", flags->slippage,
                      "With --market: how much worse than the best it may get, such as 0.5%");
  command
      ->add_option("--self-trade", flags->self_trade,
                   "Who gives way where it meets your own order: cancel-taker, cancel-maker "
                   "or cancel-both")
      ->capture_default_str();
  command->add_option("--client-id", flags->client_id,
                      "A number of your own; the same again is refused, so a retry is safe");
  command->add_option("--expires", flags->expires,
                      "Cancel what is left after a while (10m, 2h) or at a time "
                      "(2026-11-22T15:04:05Z)");
  AddSendFlags(*command, &flags->send);
}

}  // namespace

void AddOrderPlaceCommands(CLI::App& order, Context& context) {
  AddPlace(order, context, Side::kBuy);
  AddPlace(order, context, Side::kSell);
}

}  // namespace bourse::cli
