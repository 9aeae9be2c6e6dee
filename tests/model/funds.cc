#include "tests/model/funds.h"

#include "common/check.h"

namespace bourse::model {
namespace {

constexpr std::uint64_t kMillion = 1'000'000;

// ⌈(quote · rate − slack) / 10^6⌉, and nothing if the slack covers it.
Uint128 FeeLessSlack(std::uint64_t quote, std::uint32_t rate_ppm, std::uint64_t slack) {
  const Uint128 exact = Uint128{quote} * rate_ppm;
  return exact > slack ? (exact - slack + kMillion - 1) / kMillion : 0;
}

}  // namespace

std::uint64_t QuoteAmount(const Market& market, std::uint64_t quantity, std::uint64_t price) {
  return quantity * price * market.tick_size;
}

std::uint64_t BaseAmount(const Market& market, std::uint64_t quantity) {
  return quantity * market.lot_size;
}

std::uint64_t TakeFee(std::uint64_t quote, std::uint32_t rate_ppm, std::uint64_t* slack) {
  const Uint128 fee = FeeLessSlack(quote, rate_ppm, *slack);
  *slack = static_cast<std::uint64_t>(*slack + fee * kMillion - Uint128{quote} * rate_ppm);
  CHECK(*slack < kMillion);
  return static_cast<std::uint64_t>(fee);
}

Uint128 BuyNeed(const Market& market, std::uint64_t quote, std::uint64_t slack) {
  const std::uint32_t higher =
      market.maker_fee_ppm > market.taker_fee_ppm ? market.maker_fee_ppm : market.taker_fee_ppm;
  return quote + FeeLessSlack(quote, higher, slack);
}

const AssetId& GivenAsset(const Market& market, Side side) {
  return side == Side::kBuy ? market.quote : market.base;
}

Uint128 OrderNeed(const Market& market, const Order& order) {
  if (order.side == Side::kSell) return BaseAmount(market, order.remaining);
  return BuyNeed(market, QuoteAmount(market, order.remaining, order.price), order.slack);
}

std::uint64_t Owned(const State& state, const AccountId& account, const AssetId& asset) {
  const auto& owned = state.accounts.at(account).owned;
  const auto it = owned.find(asset);
  return it == owned.end() ? 0 : it->second;
}

std::uint64_t Reserved(const State& state, const AccountId& account, const AssetId& asset) {
  Uint128 sum = 0;
  std::uint64_t orders = 0;
  for (const auto& [id, order] : state.orders) {
    if (order.account != account) continue;
    ++orders;
    const Market& market = state.markets.at(order.market);
    if (GivenAsset(market, order.side) == asset) sum += OrderNeed(market, order);
  }
  if (asset == state.fees.asset) {
    const Account& owner = state.accounts.at(account);
    sum += state.fees.account_deposit;
    sum += Uint128{state.fees.order_deposit} * orders;
    sum += Uint128{state.fees.asset_deposit} * owner.assets_created;
    sum += Uint128{state.fees.market_deposit} * owner.markets_created;
  }
  CHECK(sum <= Owned(state, account, asset));
  return static_cast<std::uint64_t>(sum);
}

std::uint64_t Free(const State& state, const AccountId& account, const AssetId& asset) {
  return Owned(state, account, asset) - Reserved(state, account, asset);
}

void Give(State& state, const AccountId& account, const AssetId& asset, std::uint64_t amount) {
  if (amount != 0) state.accounts.at(account).owned[asset] += amount;
}

void Take(State& state, const AccountId& account, const AssetId& asset, std::uint64_t amount) {
  if (amount == 0) return;
  auto& owned = state.accounts.at(account).owned;
  CHECK(owned[asset] >= amount);
  owned[asset] -= amount;
  if (owned[asset] == 0) owned.erase(asset);
}

bool Bill::CoveredBy(const State& state, const AccountId& account) const {
  for (const auto& [asset, amount] : amounts_) {
    if (amount > Free(state, account, asset)) return false;
  }
  return true;
}

}  // namespace bourse::model
