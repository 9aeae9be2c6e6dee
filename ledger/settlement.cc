#include "ledger/settlement.h"

#include <algorithm>

#include "common/check.h"
#include "common/checked_math.h"
#include "ledger/fees.h"

namespace bourse::ledger {
namespace {

std::uint32_t HigherRate(const Market& market) {
  return std::max(market.maker_fee_ppm, market.taker_fee_ppm);
}

// Charges an order's fee for `quote` atoms, and returns it.
std::uint64_t ChargeFee(Order& order, std::uint64_t quote, std::uint32_t rate_ppm) {
  const std::uint64_t fee = FeeOf(quote, rate_ppm, order.fee_slack);
  order.fee_slack = SlackAfter(quote, rate_ppm, order.fee_slack);
  return fee;
}

}  // namespace

std::optional<std::uint64_t> Notional(const Market& market, PriceTicks price, Lots quantity) {
  const auto lots_at_price = CheckedMul(quantity.value(), price.value());
  if (!lots_at_price) return std::nullopt;
  return CheckedMul(*lots_at_price, market.tick_size);
}

AssetIndex ReserveAsset(const Market& market, Side side) {
  return side == Side::kBuy ? market.quote : market.base;
}

std::optional<std::uint64_t> CheckedReserve(const Market& market, Side side, PriceTicks price,
                                            Lots remaining, std::uint32_t fee_slack) {
  const auto notional = Notional(market, price, remaining);
  const auto base = CheckedMul(remaining.value(), market.lot_size);
  if (!notional || !base) return std::nullopt;
  if (side == Side::kSell) return base;
  return CheckedAdd(*notional, FeeOf(*notional, HigherRate(market), fee_slack));
}

Atoms ReserveOf(const Market& market, const Order& order) {
  const auto reserve =
      CheckedReserve(market, order.side, order.price, order.remaining, order.fee_slack);
  CHECK(reserve.has_value());
  return Atoms(*reserve);
}

Settlement SettleFill(State& state, const Market& market, Order& maker, Order& taker,
                      Lots quantity) {
  CHECK(maker.account != taker.account && maker.side != taker.side);
  CHECK(quantity <= maker.remaining && quantity <= taker.remaining);
  const auto quote = Notional(market, maker.price, quantity);
  const auto base = CheckedMul(quantity.value(), market.lot_size);
  CHECK(quote.has_value() && base.has_value());

  Order& buyer = taker.side == Side::kBuy ? taker : maker;
  Order& seller = taker.side == Side::kBuy ? maker : taker;
  const Atoms reserved_before = ReserveOf(market, buyer);
  const std::uint64_t maker_fee = ChargeFee(maker, *quote, market.maker_fee_ppm);
  const std::uint64_t taker_fee = ChargeFee(taker, *quote, market.taker_fee_ppm);
  maker.remaining = Lots(maker.remaining.value() - quantity.value());
  taker.remaining = Lots(taker.remaining.value() - quantity.value());
  const Atoms reserved_after = ReserveOf(market, buyer);

  const std::uint64_t buyer_fee = taker.side == Side::kBuy ? taker_fee : maker_fee;
  const std::uint64_t seller_fee = taker.side == Side::kBuy ? maker_fee : taker_fee;
  state.Release(buyer.account, market.quote,
                Atoms(reserved_before.value() - reserved_after.value()));
  state.Debit(buyer.account, market.quote, Atoms(*quote + buyer_fee));
  state.Credit(buyer.account, market.base, Atoms(*base));
  state.Release(seller.account, market.base, Atoms(*base));
  state.Debit(seller.account, market.base, Atoms(*base));
  state.Credit(seller.account, market.quote, Atoms(*quote - seller_fee));
  state.CreditFeePot(market.quote, Atoms(maker_fee + taker_fee));
  return {Atoms(*base), Atoms(*quote), Atoms(maker_fee), Atoms(taker_fee)};
}

}  // namespace bourse::ledger
