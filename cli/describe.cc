#include "cli/describe.h"

#include "absl/strings/str_cat.h"
#include "cli/clock_text.h"
#include "cli/table.h"

namespace bourse::cli {
namespace {

// What an enum's own value name says after the prefix.
std::string Suffix(const std::string& name, std::string_view prefix, int number) {
  if (name.size() <= prefix.size()) return std::to_string(number);
  return name.substr(prefix.size());
}

}  // namespace

std::string SideText(v1::Side side) {
  return side == v1::SIDE_BUY ? "buy" : side == v1::SIDE_SELL ? "sell" : "unknown";
}

std::string TypeText(v1::OrderType type) {
  switch (type) {
    case v1::ORDER_TYPE_LIMIT:
      return "limit";
    case v1::ORDER_TYPE_MARKET:
      return "market";
    case v1::ORDER_TYPE_IMMEDIATE_OR_CANCEL:
      return "ioc";
    case v1::ORDER_TYPE_FILL_OR_KILL:
      return "fok";
    case v1::ORDER_TYPE_POST_ONLY:
      return "post-only";
    default:
      return "unknown";
  }
}

std::string SelfTradeText(v1::SelfTrade mode) {
  switch (mode) {
    case v1::SELF_TRADE_CANCEL_TAKER:
      return "cancel-taker";
    case v1::SELF_TRADE_CANCEL_MAKER:
      return "cancel-maker";
    case v1::SELF_TRADE_CANCEL_BOTH:
      return "cancel-both";
    default:
      return "unknown";
  }
}

std::string StatusText(v1::OrderStatus status) {
  switch (status) {
    case v1::ORDER_STATUS_OPEN:
      return "open";
    case v1::ORDER_STATUS_FILLED:
      return "filled";
    case v1::ORDER_STATUS_CANCELLED:
      return "cancelled";
    case v1::ORDER_STATUS_CARRIED:
      return "carried";
    case v1::ORDER_STATUS_CLOSING:
      return "closing";
    default:
      return "unknown";
  }
}

std::string ReasonText(v1::RejectReason reason) {
  return Suffix(v1::RejectReason_Name(reason), "REJECT_REASON_", reason);
}

std::string ReasonText(v1::SkipReason reason) {
  return Suffix(v1::SkipReason_Name(reason), "SKIP_REASON_", reason);
}

std::string Explain(v1::RejectReason reason) {
  switch (reason) {
    case v1::REJECT_REASON_INSUFFICIENT_FUNDS:
      return "the free balance does not cover it, deposits and fees included; see 'bourse account'";
    case v1::REJECT_REASON_BELOW_MIN_NOTIONAL:
      return "the order is worth less than the market's least; see 'bourse market show'";
    case v1::REJECT_REASON_WOULD_TAKE:
      return "it would have met an order, and post-only orders never take";
    case v1::REJECT_REASON_NOT_FILLABLE:
      return "others' orders could not fill it at once, and a fill-or-kill order does nothing else";
    case v1::REJECT_REASON_ORDER_NOT_FOUND:
      return "there is no such open order; it may have been filled or cancelled";
    case v1::REJECT_REASON_NOT_ORDER_OWNER:
      return "the order is another account's";
    case v1::REJECT_REASON_DUPLICATE_CLIENT_ID:
      return "the client id has been used; the order id given is of the order that has it";
    case v1::REJECT_REASON_CLIENT_ID_BARRED:
      return "a cancel of this client id came first";
    case v1::REJECT_REASON_INVALID_EXPIRY:
      return "it would have expired already, or orders of its type don't expire";
    case v1::REJECT_REASON_NOTIONAL_OVERFLOW:
      return "price times quantity is more than the ledger can count";
    case v1::REJECT_REASON_NOT_ISSUER:
      return "only the asset's issuer may mint it";
    case v1::REJECT_REASON_SUPPLY_CAP_EXCEEDED:
      return "more than the asset's cap would exist";
    case v1::REJECT_REASON_ASSET_EXISTS:
      return "this account has created an asset of that code already";
    case v1::REJECT_REASON_INVALID_MARKET:
      return "base and quote are equal, a size is zero, or a fee is over 10%";
    case v1::REJECT_REASON_TOO_MANY_OPEN_ORDERS:
      return "20,000 orders of the account are open; cancel some";
    case v1::REJECT_REASON_TOO_MANY_CLIENT_IDS:
      return "too many client ids are remembered; they are forgotten after 10 minutes";
    case v1::REJECT_REASON_INVALID_ACCOUNT:
      return "the recipient's id is no valid public key";
    case v1::REJECT_REASON_ATOMIC_ABORTED:
      return "another operation of the transaction would have been rejected";
    default:
      return "the exchange refused it";
  }
}

std::string Explain(v1::SkipReason reason) {
  switch (reason) {
    case v1::SKIP_REASON_EXPIRED:
      return "it was not in a block in time";
    case v1::SKIP_REASON_CANNOT_PAY:
      return "the account can't pay the fee";
    case v1::SKIP_REASON_NONCE_USED:
    case v1::SKIP_REASON_NONCE_BELOW_FLOOR:
      return "its nonce was used by another transaction, or voided by a cancel-all";
    default:
      return "it did not run, and was not charged";
  }
}

Json AmountDocument(std::uint64_t atoms, const v1::Asset& asset) {
  return {{"asset", asset.name()},
          {"amount", Step::Atom(asset.decimals()).Format(atoms)},
          {"atoms", Number(atoms)}};
}

std::string AmountText(std::uint64_t atoms, const v1::Asset& asset) {
  return absl::StrCat(Step::Atom(asset.decimals()).Format(atoms), " ", Printable(asset.name()));
}

std::string MarketText(const MarketInfo& market) {
  return absl::StrCat("#", market.market.market(), " ", Printable(market.market.name()));
}

Json SwapDocument(const v1::SettledSwap& swap, const MarketInfo& market) {
  return {{"type", "swap"},
          {"txid", HexText(swap.txid())},
          {"height", Number(swap.height())},
          {"event_index", swap.event_index()},
          {"time", FormatTime(swap.time())},
          {"time_micros", Number(swap.time())},
          {"market", swap.market()},
          {"market_name", market.market.name()},
          {"taker_side", SideText(swap.taker_side())},
          {"price", market.tick.Format(swap.price())},
          {"price_ticks", Number(swap.price())},
          {"quantity", market.lot.Format(swap.quantity())},
          {"quantity_lots", Number(swap.quantity())},
          {"base", AmountDocument(swap.base_amount(), market.base)},
          {"quote", AmountDocument(swap.quote_amount(), market.quote)},
          {"maker", AddressText(swap.maker())},
          {"taker", AddressText(swap.taker())},
          {"maker_order_id", Number(swap.maker_order_id())},
          {"taker_order_id", Number(swap.taker_order_id())},
          {"maker_fee", AmountDocument(swap.maker_fee(), market.quote)},
          {"taker_fee", AmountDocument(swap.taker_fee(), market.quote)},
          {"taker_txid", HexText(swap.taker_txid())}};
}

void PrintSwaps(std::ostream& out, const std::vector<v1::SettledSwap>& swaps,
                const MarketInfo& market) {
  const std::string quote = Printable(market.quote.name());
  Table table({{"SWAP (TXID)"},
               {"PRICE", Align::kRight},
               {"QUANTITY", Align::kRight},
               {"PAID IN " + quote, Align::kRight},
               {"FEE IN " + quote, Align::kRight}});
  for (const v1::SettledSwap& swap : swaps) {
    table.AddRow({HexText(swap.txid()), market.tick.Format(swap.price()),
                  market.lot.Format(swap.quantity()), market.quote_atom.Format(swap.quote_amount()),
                  market.quote_atom.Format(swap.taker_fee())});
  }
  table.Print(out);
}

Json OrderDocument(const v1::Order& order, const MarketInfo& market) {
  Json out = {{"order_id", Number(order.order_id())},
              {"account", AddressText(order.account())},
              {"market", order.market()},
              {"market_name", market.market.name()},
              {"side", SideText(order.side())},
              {"type", TypeText(order.type())},
              {"price", market.tick.Format(order.price())},
              {"price_ticks", Number(order.price())},
              {"quantity", market.lot.Format(order.quantity())},
              {"quantity_lots", Number(order.quantity())},
              {"remaining", market.lot.Format(order.remaining())},
              {"remaining_lots", Number(order.remaining())},
              {"client_id", nullptr},
              {"expires", nullptr},
              {"status", StatusText(order.status())}};
  if (order.client_id() != 0) out["client_id"] = Number(order.client_id());
  if (order.expires() != 0) out["expires"] = FormatTime(order.expires());
  return out;
}

Json ResultDocument(const v1::OperationResult& result, const MarketInfo* market) {
  Json out = {{"reject_reason", nullptr}};
  if (result.reject_reason() != v1::REJECT_REASON_NONE) {
    out["reject_reason"] = ReasonText(result.reject_reason());
  }
  if (result.order_id() != 0) out["order_id"] = Number(result.order_id());
  if (result.order_status() != v1::ORDER_STATUS_UNSPECIFIED) {
    out["order_status"] = StatusText(result.order_status());
    if (market != nullptr) {
      out["filled"] = market->lot.Format(result.filled());
      out["remaining"] = market->lot.Format(result.remaining());
    }
    out["filled_lots"] = Number(result.filled());
    out["remaining_lots"] = Number(result.remaining());
  }
  if (result.market() != 0) out["market"] = result.market();
  if (!result.asset().empty()) out["asset"] = HexText(result.asset());
  if (result.cancelled() != 0) out["cancelled"] = result.cancelled();
  return out;
}

}  // namespace bourse::cli
