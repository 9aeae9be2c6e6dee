// What accounts own, what of it is bound, and what fills cost.
#pragma once

#include <cstdint>
#include <map>

#include "common/checked_math.h"
#include "tests/model/state.h"

namespace bourse::model {

// Quote atoms for `quantity` lots, which the checks of an order have found to fit.
std::uint64_t QuoteAmount(const Market& market, std::uint64_t quantity, std::uint64_t price);
std::uint64_t BaseAmount(const Market& market, std::uint64_t quantity);

// Fee of a fill: what an order has paid in all is the exact sum, rounded up once.
// What it has paid beyond the exact sum, in millionths, is its slack.
std::uint64_t TakeFee(std::uint64_t quote, std::uint32_t rate_ppm, std::uint64_t* slack);

// Quote atoms that a purchase for `quote` at most can come to, with fees at the higher rate.
Uint128 BuyNeed(const Market& market, std::uint64_t quote, std::uint64_t slack);

// The asset that an order of this side gives, and how much of it the order needs.
const AssetId& GivenAsset(const Market& market, Side side);
Uint128 OrderNeed(const Market& market, const Order& order);

std::uint64_t Owned(const State& state, const AccountId& account, const AssetId& asset);
// Reserved by open orders and deposits.
std::uint64_t Reserved(const State& state, const AccountId& account, const AssetId& asset);
std::uint64_t Free(const State& state, const AccountId& account, const AssetId& asset);

// Changes what an account owns. The account exists; what is taken was there.
void Give(State& state, const AccountId& account, const AssetId& asset, std::uint64_t amount);
void Take(State& state, const AccountId& account, const AssetId& asset, std::uint64_t amount);

// What free balances must cover, asset by asset.
class Bill {
 public:
  void Add(const AssetId& asset, Uint128 amount) { amounts_[asset] += amount; }
  [[nodiscard]] bool CoveredBy(const State& state, const AccountId& account) const;

 private:
  std::map<AssetId, Uint128> amounts_;
};

}  // namespace bourse::model
