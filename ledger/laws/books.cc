#include "ledger/laws/books.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/checked_math.h"

namespace bourse::ledger {

absl::Status CheckBooks(const Books& books) {
  struct Best {
    std::uint64_t bid = 0;
    std::uint64_t ask = ~std::uint64_t{0};
  };
  std::vector<Best> best(books.state.markets() + 1);
  for (const OpenOrder& open : books.orders) {
    const Order& order = open.order;
    if (order.remaining == Lots(0) || order.remaining > order.quantity) {
      return absl::InternalError(
          absl::StrCat("order ", order.id.value(), " has ", order.remaining.value(), " lots left"));
    }
    if (!open.in_book) continue;
    Best& side = best[order.market.value()];
    if (order.side == Side::kBuy) {
      side.bid = std::max(side.bid, order.price.value());
    } else {
      side.ask = std::min(side.ask, order.price.value());
    }
  }
  for (std::size_t market = 1; market < best.size(); ++market) {
    if (best[market].bid >= best[market].ask) {
      return absl::InternalError(absl::StrCat("the book of market ", market, " is crossed: bid ",
                                              best[market].bid, ", ask ", best[market].ask));
    }
  }
  return absl::OkStatus();
}

}  // namespace bourse::ledger
