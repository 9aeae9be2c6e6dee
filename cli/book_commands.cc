// bourse book, bourse trades
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/clock_text.h"
#include "cli/commands.h"
#include "cli/describe.h"
#include "cli/exit_code.h"
#include "cli/table.h"
#include "common/limits.h"

namespace bourse::cli {
namespace {

struct LookFlags {
  std::string market;
  std::uint32_t rows = 10;
};

template <typename Levels>
Json LevelsDocument(const Levels& levels, const MarketInfo& market) {
  Json out = Json::array();
  for (const v1::PriceLevel& level : levels) {
    out.push_back({{"price", market.tick.Format(level.price())},
                   {"price_ticks", Number(level.price())},
                   {"quantity", market.lot.Format(level.quantity())},
                   {"quantity_lots", Number(level.quantity())},
                   {"orders", level.orders()}});
  }
  return out;
}

// Asks above bids, the best of each next to the other, as traders read it.
void PrintBook(std::ostream& out, const v1::Book& book, const MarketInfo& market) {
  Table table({{"SIDE"},
               {"PRICE IN " + Printable(market.quote.name()), Align::kRight},
               {Printable(market.base.name()), Align::kRight},
               {"ORDERS", Align::kRight}});
  const auto add = [&](const char* side, const v1::PriceLevel& level) {
    table.AddRow({side, market.tick.Format(level.price()), market.lot.Format(level.quantity()),
                  std::to_string(level.orders())});
  };
  for (int i = book.asks_size(); i-- > 0;) add("ask", book.asks(i));
  for (const v1::PriceLevel& level : book.bids()) add("bid", level);
  if (table.empty()) {
    out << "no orders in " << Printable(market.market.name()) << "\n";
  } else {
    table.Print(out);
  }
}

absl::Status Book(Context& context, const LookFlags& flags) {
  if (flags.rows == 0 || flags.rows > limits::kMaxPageSize) {
    return UsageError("--depth is 1 to 1000");
  }
  const absl::StatusOr<Client*> client = context.client();
  if (!client.ok()) return client.status();
  const absl::StatusOr<MarketInfo> market = context.FindMarket(flags.market);
  if (!market.ok()) return market.status();
  v1::GetBookRequest request;
  request.set_market(market->market.market());
  request.set_depth(flags.rows);
  const absl::StatusOr<v1::Book> book = (*client)->GetBook(request);
  if (!book.ok()) return book.status();
  const Json document = {{"market", market->market.market()},
                         {"market_name", market->market.name()},
                         {"height", Number(book->height())},
                         {"bids", LevelsDocument(book->bids(), *market)},
                         {"asks", LevelsDocument(book->asks(), *market)}};
  context.output().Write(document, [&](std::ostream& out) { PrintBook(out, *book, *market); });
  return absl::OkStatus();
}

absl::Status Trades(Context& context, const LookFlags& flags) {
  if (flags.rows == 0 || flags.rows > limits::kMaxPageSize) {
    return UsageError("--limit is 1 to 1000");
  }
  const absl::StatusOr<Client*> client = context.client();
  if (!client.ok()) return client.status();
  const absl::StatusOr<MarketInfo> market = context.FindMarket(flags.market);
  if (!market.ok()) return market.status();
  v1::ListTradesRequest request;
  request.set_market(market->market.market());
  request.set_page_size(flags.rows);
  const absl::StatusOr<v1::ListTradesResponse> answer = (*client)->ListTrades(request);
  if (!answer.ok()) return answer.status();
  Json documents = Json::array();
  Table table({{"TIME"},
               {"TAKER"},
               {"PRICE", Align::kRight},
               {"QUANTITY", Align::kRight},
               {"SWAP (TXID)"}});
  for (const v1::SettledSwap& swap : answer->trades()) {
    documents.push_back(SwapDocument(swap, *market));
    table.AddRow({FormatTime(swap.time()), SideText(swap.taker_side()),
                  market->tick.Format(swap.price()), market->lot.Format(swap.quantity()),
                  HexText(swap.txid())});
  }
  context.output().Write({{"trades", documents}}, [&](std::ostream& out) {
    if (table.empty()) {
      out << "no trades in " << Printable(market->market.name()) << " yet\n";
    } else {
      table.Print(out);
    }
  });
  return absl::OkStatus();
}

}  // namespace

void AddBookCommands(CLI::App& app, Context& context) {
  auto book_flags = std::make_shared<LookFlags>();
  CLI::App* book = AddCommand(app, "book", "The best prices of a market",
                              "  bourse book BTC/USD\n  bourse book 3 --depth 50\n", context,
                              [&context, book_flags] { return Book(context, *book_flags); });
  book->add_option("MARKET", book_flags->market, "BASE/QUOTE, or its number")->required();
  book->add_option("--depth", book_flags->rows, "Prices a side, at most 1000")
      ->capture_default_str();

  auto trades_flags = std::make_shared<LookFlags>();
  CLI::App* trades =
      AddCommand(app, "trades", "A market's last swaps, the newest first",
                 "  bourse trades BTC/USD\n  bourse trades BTC/USD --limit 100\n", context,
                 [&context, trades_flags] { return Trades(context, *trades_flags); });
  trades->add_option("MARKET", trades_flags->market, "BASE/QUOTE, or its number")->required();
  trades->add_option("--limit", trades_flags->rows, "At most so many, up to 1000")
      ->capture_default_str();
}

}  // namespace bourse::cli
