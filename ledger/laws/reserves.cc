#include "ledger/laws/reserves.h"

#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/checked_math.h"
#include "ledger/settlement.h"

namespace bourse::ledger {
namespace {

std::uint64_t Deposits(const Account& account, const FeeSchedule& fees) {
  return fees.account_deposit + fees.order_deposit * account.open_orders +
         fees.asset_deposit * account.assets_created +
         fees.market_deposit * account.markets_created;
}

absl::Status CheckAccount(const Books& books, const Account& account,
                          const std::map<AssetIndex, Uint128>& needs) {
  Uint128 found = 0, needed = 0;
  for (const auto& [asset, need] : needs) needed += need;
  for (const Balance& balance : account.balances) {
    const auto need = needs.find(balance.asset);
    Uint128 expected = need != needs.end() ? need->second : 0;
    found += expected;
    if (balance.asset == books.fee_asset) expected += Deposits(account, books.fees);
    if (balance.reserved.value() != expected) {
      return absl::InternalError(
          absl::StrCat("account ", account.index.value(), " has reserved ",
                       balance.reserved.value(), " of asset ", balance.asset.value(),
                       ", its orders and deposits need ", static_cast<std::uint64_t>(expected)));
    }
  }
  if (found != needed) {
    return absl::InternalError(absl::StrCat("account ", account.index.value(),
                                            " has an order of an asset that it does not hold"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckReserves(const Books& books) {
  const State& state = books.state;
  std::vector<std::map<AssetIndex, Uint128>> needs(state.accounts());
  std::vector<std::uint32_t> orders(state.accounts());
  for (const OpenOrder& open : books.orders) {
    const Order& order = open.order;
    const Market& market = state.market(order.market);
    const std::uint32_t account = order.account.value();
    needs[account][ReserveAsset(market, order.side)] += ReserveOf(market, order).value();
    ++orders[account];
  }
  for (std::uint32_t i = 0; i < state.accounts(); ++i) {
    const Account& account = state.account(AccountIndex(i));
    if (account.open_orders != orders[i]) {
      return absl::InternalError(absl::StrCat("account ", i, " counts ", account.open_orders,
                                              " open orders and has ", orders[i]));
    }
    if (absl::Status status = CheckAccount(books, account, needs[i]); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace bourse::ledger
