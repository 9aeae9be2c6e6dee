#include "ledger/laws/conservation.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "common/checked_math.h"

namespace bourse::ledger {

absl::Status CheckConservation(const Books& books) {
  const State& state = books.state;
  std::vector<Uint128> held(state.assets() + 1);
  for (std::uint32_t i = 0; i < state.accounts(); ++i) {
    for (const Balance& balance : state.account(AccountIndex(i)).balances) {
      if (balance.free.value() > kMaxAtoms || balance.reserved.value() > kMaxAtoms) {
        return absl::InternalError(absl::StrCat("account ", i, " has a balance out of range"));
      }
      held[balance.asset.value()] += balance.free.value();
      held[balance.asset.value()] += balance.reserved.value();
    }
  }
  for (std::uint32_t i = 1; i <= state.assets(); ++i) {
    const Asset& asset = state.asset(AssetIndex(i));
    if (held[i] + asset.fee_pot.value() != asset.supply.value()) {
      return absl::InternalError(
          absl::StrCat("asset ", i, " is not conserved: its supply is ", asset.supply.value(),
                       ", accounts and fee pot hold ",
                       static_cast<std::uint64_t>(held[i] + asset.fee_pot.value())));
    }
    if (asset.supply > asset.supply_cap) {
      return absl::InternalError(absl::StrCat("asset ", i, " is over its supply cap"));
    }
  }
  return absl::OkStatus();
}

}  // namespace bourse::ledger
