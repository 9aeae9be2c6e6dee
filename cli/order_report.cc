#include "cli/order_report.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/describe.h"
#include "cli/table.h"
#include "common/checked_math.h"

namespace bourse::cli {
namespace {

// Sums of what swaps say; a node can't make them overflow unseen.
std::string Sum(const Step& atom, Uint128 sum) {
  return sum > kMaxAtoms ? "more than the ledger can count"
                         : atom.Format(static_cast<std::uint64_t>(sum));
}

void PrintFills(std::ostream& out, const v1::Receipt& receipt, const v1::OperationResult& result,
                const MarketInfo& market, const OrderWords& words) {
  const std::vector<v1::SettledSwap> swaps(receipt.swaps().begin(), receipt.swaps().end());
  Uint128 paid = 0;
  Uint128 fees = 0;
  for (const v1::SettledSwap& swap : swaps) {
    paid += swap.quote_amount();
    fees += swap.taker_fee();
  }
  const std::string quote = Printable(market.quote.name());
  out << words.verb << " " << market.lot.Format(result.filled()) << " "
      << Printable(market.base.name()) << " for " << Sum(market.quote_atom, paid) << " " << quote
      << ", and a fee of " << Sum(market.quote_atom, fees) << " " << quote << "\n";
  PrintSwaps(out, swaps, market);
}

// Of an order that rests, only an own one in its way cancels what is left.
std::string WhyCancelled(bool any_filled, const std::string& price, const OrderWords& words) {
  const std::string what = any_filled ? "the rest is cancelled, as " : "cancelled, as ";
  if (words.rests) return what + "it met an order of your own; --self-trade tells what else to do";
  return absl::StrCat(what, any_filled ? "no more" : "nothing", " could be filled at ", price,
                      " or better, your own orders aside");
}

}  // namespace

void PrintOrderReport(std::ostream& out, const v1::Receipt& receipt, const MarketInfo& market,
                      const OrderWords& words) {
  if (receipt.results().empty()) return;
  const v1::OperationResult& result = receipt.results(0);
  if (result.filled() != 0) PrintFills(out, receipt, result, market, words);
  const std::string base = Printable(market.base.name());
  const std::string price = absl::StrCat(words.price, " ", Printable(market.quote.name()));
  const std::string left = absl::StrCat(market.lot.Format(result.remaining()), " ", base);
  out << "order " << result.order_id() << ": ";
  switch (result.order_status()) {
    case v1::ORDER_STATUS_FILLED:
      out << "filled\n";
      break;
    case v1::ORDER_STATUS_OPEN:
      out << "open, " << left << " waiting at " << price << "\n";
      break;
    case v1::ORDER_STATUS_CANCELLED:
      out << WhyCancelled(result.filled() != 0, price, words) << "\n";
      break;
    case v1::ORDER_STATUS_CARRIED:
      out << "goes on in the next block, " << left << " left; see 'bourse order show "
          << result.order_id() << "'\n";
      break;
    default:
      out << StatusText(result.order_status()) << "\n";
  }
}

}  // namespace bourse::cli
