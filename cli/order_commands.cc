// bourse order cancel | cancel-all | replace | list | show
#include <memory>
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
#include "cli/table.h"
#include "common/limits.h"

namespace bourse::cli {
namespace {

struct TargetFlags {
  std::string id;
  std::string client_id;
};

void AddTarget(CLI::App& command, TargetFlags* flags) {
  command.add_option("ID", flags->id, "The order's id");
  command.add_option("--client-id", flags->client_id, "Your own id of the order, instead");
}

absl::StatusOr<OrderTarget> ParseTarget(const TargetFlags& flags) {
  if (flags.id.empty() == flags.client_id.empty()) {
    return UsageError(
        "which order? Give its ID, or your own with --client-id; "
        "'bourse order list' shows both");
  }
  const bool by_client_id = flags.id.empty();
  const absl::StatusOr<std::uint64_t> id =
      by_client_id ? ParseNumber("--client-id", flags.client_id) : ParseNumber("ID", flags.id);
  if (!id.ok()) return id.status();
  if (*id == 0) return UsageError("ids are 1 or more");
  return OrderTarget{by_client_id, *id};
}

absl::StatusOr<v1::Order> FetchOrder(Context& context, const OrderTarget& target,
                                     const PublicKey& account) {
  const absl::StatusOr<Client*> client = context.client();
  if (!client.ok()) return client.status();
  v1::GetOrderRequest request;
  request.set_account(IdBytes(account));
  if (target.by_client_id) {
    request.set_client_id(target.id);
  } else {
    request.set_order_id(target.id);
  }
  absl::StatusOr<v1::Order> order = (*client)->GetOrder(request);
  if (absl::IsNotFound(order.status())) {
    return absl::NotFoundError(
        "there is no such open order of this account; 'bourse order list' "
        "shows those that are");
  }
  return order;
}

// --- cancel, cancel-all

struct CancelFlags {
  TargetFlags target;
  SendFlags send;
};

absl::Status Cancel(Context& context, const CancelFlags& flags) {
  const absl::StatusOr<OrderTarget> target = ParseTarget(flags.target);
  if (!target.ok()) return target.status();
  const Report report = {nullptr, [](std::ostream& out, const v1::Receipt& receipt) {
                           const std::uint64_t id = receipt.results(0).order_id();
                           if (id == 0) {
                             out << "no order has that client id; one that comes late is barred\n";
                           } else {
                             out << "order " << id << ": cancelled\n";
                           }
                         }};
  return SendAndReport(context, {CancelOrder{*target}}, flags.send, report);
}

void AddCancel(CLI::App& order, Context& context) {
  auto flags = std::make_shared<CancelFlags>();
  CLI::App* command = AddCommand(order, "cancel", "Cancel an open order",
                                 "  bourse order cancel 268435456\n"
                                 "  bourse order cancel --client-id 7\n",
                                 context, [&context, flags] { return Cancel(context, *flags); });
  AddTarget(*command, &flags->target);
  AddSendFlags(*command, &flags->send);
}

struct CancelAllFlags {
  std::string market;
  bool void_in_flight = false;
  SendFlags send;
};

absl::Status CancelEverything(Context& context, const CancelAllFlags& flags) {
  CancelAll all;
  all.void_in_flight = flags.void_in_flight;
  if (!flags.market.empty()) {
    const absl::StatusOr<MarketInfo> market = context.FindMarket(flags.market);
    if (!market.ok()) return market.status();
    all.market = MarketId(market->market.market());
  }
  const Report report = {nullptr, [](std::ostream& out, const v1::Receipt& receipt) {
                           const std::uint32_t count = receipt.results(0).cancelled();
                           out << count << (count == 1 ? " order" : " orders") << " cancelled\n";
                         }};
  return SendAndReport(context, {all}, flags.send, report);
}

void AddCancelAll(CLI::App& order, Context& context) {
  auto flags = std::make_shared<CancelAllFlags>();
  CLI::App* command =
      AddCommand(order, "cancel-all", "Cancel all open orders, in one market or in all",
                 "  bourse order cancel-all\n"
                 "  bourse order cancel-all BTC/USD\n"
                 "  bourse order cancel-all --void-in-flight\n",
                 context, [&context, flags] { return CancelEverything(context, *flags); });
  command->add_option("MARKET", flags->market, "Only in this market");
  command->add_flag("--void-in-flight", flags->void_in_flight,
                    "Void transactions, too, that were signed before and are not in a block yet");
  AddSendFlags(*command, &flags->send);
}

// --- replace

struct ReplaceFlags {
  TargetFlags target;
  std::string price;
  std::string quantity;
  bool post_only = false;
  SendFlags send;
};

absl::Status Replace(Context& context, const ReplaceFlags& flags) {
  const absl::StatusOr<OrderTarget> target = ParseTarget(flags.target);
  if (!target.ok()) return target.status();
  if (flags.price.empty() && flags.quantity.empty()) {
    return UsageError("what shall change? Give --price, --quantity or both");
  }
  const absl::StatusOr<StoredKey> key = context.SelectKey();
  if (!key.ok()) return key.status();
  const absl::StatusOr<v1::Order> order = FetchOrder(context, *target, key->public_key);
  if (!order.ok()) return order.status();
  const absl::StatusOr<Catalog*> catalog = context.catalog();
  if (!catalog.ok()) return catalog.status();
  const absl::StatusOr<MarketInfo> market = (*catalog)->MarketByNumber(order->market());
  if (!market.ok()) return market.status();
  const absl::StatusOr<std::uint64_t> price =
      flags.price.empty() ? order->price() : market->tick.Count("--price", flags.price);
  if (!price.ok()) return price.status();
  const absl::StatusOr<std::uint64_t> quantity =
      flags.quantity.empty() ? order->remaining() : market->lot.Count("--quantity", flags.quantity);
  if (!quantity.ok()) return quantity.status();
  const bool buys = order->side() == v1::SIDE_BUY;
  const Report report = {&*market, [&](std::ostream& out, const v1::Receipt& receipt) {
                           PrintOrderReport(out, receipt, *market,
                                            {buys ? "bought" : "sold", market->tick.Format(*price),
                                             /*rests=*/true});
                         }};
  return SendAndReport(
      context, {ReplaceOrder{*target, PriceTicks(*price), Lots(*quantity), flags.post_only}},
      flags.send, report);
}

void AddReplace(CLI::App& order, Context& context) {
  auto flags = std::make_shared<ReplaceFlags>();
  CLI::App* command =
      AddCommand(order, "replace", "Give an open order another price or quantity; its id stays",
                 "  bourse order replace 268435456 --price 63900\n"
                 "  bourse order replace --client-id 7 --price 63900 --quantity 0.4 --post-only\n",
                 context, [&context, flags] { return Replace(context, *flags); });
  AddTarget(*command, &flags->target);
  command->add_option("--price", flags->price, "The new price; without it, the old one stays");
  command->add_option("--quantity", flags->quantity,
                      "What shall be open from now on; without it, what is left");
  command->add_flag("--post-only", flags->post_only, "Refuse it if it would take");
  AddSendFlags(*command, &flags->send);
}

// --- list, show

struct ListFlags {
  std::string market;
  std::string account;
};

// The account that is looked at: a named one, else the selected key's.
absl::StatusOr<PublicKey> Whose(Context& context, const std::string& account) {
  if (!account.empty()) return context.FindAccount(account);
  const absl::StatusOr<StoredKey> key = context.SelectKey();
  if (!key.ok()) return key.status();
  return key->public_key;
}

absl::StatusOr<std::vector<v1::Order>> FetchOrders(Client& client, v1::ListOrdersRequest request) {
  std::vector<v1::Order> out;
  request.set_page_size(limits::kMaxPageSize);
  for (int pages = 0; pages < kMaxPages; ++pages) {
    absl::StatusOr<v1::ListOrdersResponse> page = client.ListOrders(request);
    if (!page.ok()) return page.status();
    for (v1::Order& order : *page->mutable_orders()) out.push_back(std::move(order));
    if (page->next_page_token().empty()) break;
    request.set_page_token(page->next_page_token());
  }
  return out;
}

absl::Status WriteOrders(Context& context, const std::vector<v1::Order>& orders) {
  const absl::StatusOr<Catalog*> catalog = context.catalog();
  if (!catalog.ok()) return catalog.status();
  Json documents = Json::array();
  Table table({{"ORDER", Align::kRight},
               {"MARKET"},
               {"SIDE"},
               {"PRICE", Align::kRight},
               {"LEFT", Align::kRight},
               {"OF", Align::kRight},
               {"TYPE"},
               {"STATUS"},
               {"CLIENT ID", Align::kRight},
               {"EXPIRES"}});
  for (const v1::Order& order : orders) {
    const absl::StatusOr<MarketInfo> market = (*catalog)->MarketByNumber(order.market());
    if (!market.ok()) return market.status();
    documents.push_back(OrderDocument(order, *market));
    table.AddRow({std::to_string(order.order_id()), MarketText(*market), SideText(order.side()),
                  market->tick.Format(order.price()), market->lot.Format(order.remaining()),
                  market->lot.Format(order.quantity()), TypeText(order.type()),
                  StatusText(order.status()),
                  order.client_id() == 0 ? "" : std::to_string(order.client_id()),
                  order.expires() == 0 ? "" : FormatTime(order.expires())});
  }
  context.output().Write({{"orders", documents}}, [&](std::ostream& out) {
    if (table.empty()) {
      out << "no open orders\n";
    } else {
      table.Print(out);
    }
  });
  return absl::OkStatus();
}

absl::Status List(Context& context, const ListFlags& flags) {
  const absl::StatusOr<PublicKey> account = Whose(context, flags.account);
  if (!account.ok()) return account.status();
  const absl::StatusOr<Client*> client = context.client();
  if (!client.ok()) return client.status();
  v1::ListOrdersRequest request;
  request.set_account(IdBytes(*account));
  if (!flags.market.empty()) {
    const absl::StatusOr<MarketInfo> market = context.FindMarket(flags.market);
    if (!market.ok()) return market.status();
    request.set_market(market->market.market());
  }
  const absl::StatusOr<std::vector<v1::Order>> orders = FetchOrders(**client, request);
  if (!orders.ok()) return orders.status();
  return WriteOrders(context, *orders);
}

void AddList(CLI::App& order, Context& context) {
  auto flags = std::make_shared<ListFlags>();
  CLI::App* command = AddCommand(order, "list", "Open orders",
                                 "  bourse order list\n"
                                 "  bourse order list BTC/USD --account bob\n",
                                 context, [&context, flags] { return List(context, *flags); });
  command->add_option("MARKET", flags->market, "Only of this market");
  command->add_option("--account", flags->account, "Of this account: an id, or a key's name");
}

struct ShowFlags {
  TargetFlags target;
  std::string account;
};

absl::Status Show(Context& context, const ShowFlags& flags) {
  const absl::StatusOr<OrderTarget> target = ParseTarget(flags.target);
  if (!target.ok()) return target.status();
  const absl::StatusOr<PublicKey> account = Whose(context, flags.account);
  if (!account.ok()) return account.status();
  const absl::StatusOr<v1::Order> order = FetchOrder(context, *target, *account);
  if (!order.ok()) return order.status();
  const absl::StatusOr<Catalog*> catalog = context.catalog();
  if (!catalog.ok()) return catalog.status();
  const absl::StatusOr<MarketInfo> market = (*catalog)->MarketByNumber(order->market());
  if (!market.ok()) return market.status();
  const Json document = OrderDocument(*order, *market);
  context.output().Write(document, [&](std::ostream& out) {
    Table table({{"ORDER"}, {std::to_string(order->order_id())}});
    table.AddRow({"account", context.ShowAccount(order->account())});
    table.AddRow({"market", MarketText(*market)});
    table.AddRow({"side", SideText(order->side())});
    table.AddRow({"type", TypeText(order->type())});
    table.AddRow({"price", absl::StrCat(market->tick.Format(order->price()), " ",
                                        Printable(market->quote.name()))});
    table.AddRow({"left", absl::StrCat(market->lot.Format(order->remaining()), " of ",
                                       market->lot.Format(order->quantity()), " ",
                                       Printable(market->base.name()))});
    table.AddRow({"status", StatusText(order->status())});
    if (order->client_id() != 0) {
      table.AddRow({"client id", std::to_string(order->client_id())});
    }
    if (order->expires() != 0) table.AddRow({"expires", FormatTime(order->expires())});
    table.Print(out);
  });
  return absl::OkStatus();
}

void AddShow(CLI::App& order, Context& context) {
  auto flags = std::make_shared<ShowFlags>();
  CLI::App* command = AddCommand(order, "show", "One open order",
                                 "  bourse order show 268435456\n"
                                 "  bourse order show --client-id 7 --account bob\n",
                                 context, [&context, flags] { return Show(context, *flags); });
  AddTarget(*command, &flags->target);
  command->add_option("--account", flags->account, "Of this account: an id, or a key's name");
}

}  // namespace

void AddOrderCommands(CLI::App& app, Context& context) {
  CLI::App* order = AddGroup(app, "order", "Place, change, cancel and list orders",
                             "  bourse order buy BTC/USD 0.5 --price 64000\n"
                             "  bourse order list\n"
                             "  bourse order cancel-all\n");
  AddOrderPlaceCommands(*order, context);
  AddCancel(*order, context);
  AddCancelAll(*order, context);
  AddReplace(*order, context);
  AddList(*order, context);
  AddShow(*order, context);
}

}  // namespace bourse::cli
