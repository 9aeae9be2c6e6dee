#include "node/exchange/audit.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "ledger/laws/laws.h"

namespace bourse::exchange {
namespace {

absl::Status CheckBook(const Core& core, const ledger::Order& order, matching::OrderSlot slot) {
  const matching::RestingOrder resting = core.engine.Get(slot);
  const bool same = resting.market == order.market && resting.side == order.side &&
                    resting.owner == order.account && resting.price == order.price &&
                    resting.quantity == order.remaining;
  if (same) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("order ", order.id.value(), " differs from the one in the engine's book"));
}

}  // namespace

absl::Status CheckLaws(const Core& core) {
  std::vector<ledger::OpenOrder> orders;
  std::size_t in_books = 0;
  for (const ledger::Order& order : core.orders.All()) {
    const auto location = *core.orders.Find(order.id);
    const bool in_book = location.where == OrderTable::Where::kBook;
    orders.push_back({order, in_book});
    if (!in_book) continue;
    ++in_books;
    if (absl::Status status = CheckBook(core, order, location.slot); !status.ok()) return status;
  }
  if (in_books != core.engine.resting()) {
    return absl::InternalError(
        absl::StrCat("the engine has ", core.engine.resting(), " orders, the state ", in_books));
  }
  return ledger::CheckLaws({core.state, core.fees, core.fee_asset, orders});
}

}  // namespace bourse::exchange
