#include "tests/model/operation_generator.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "common/checked_math.h"
#include "common/limits.h"
#include "tests/model/funds.h"

namespace bourse::model {
namespace {

constexpr std::uint64_t kSecond = 1'000'000;
constexpr std::uint64_t kClientIds = 60;  // an account's own, over and over

template <typename Map>
const auto& PickKey(Random& random, const Map& map) {
  return std::next(map.begin(), static_cast<std::ptrdiff_t>(random.Below(map.size())))->first;
}

}  // namespace

Operation OperationGenerator::Make(const State& state, const AccountId& account, TimeMicros time) {
  const std::uint64_t kind = random_->Below(1'000);
  if (kind < 560) return MakePlace(state, time);
  if (kind < 660) return MakeCancel(state, account);
  if (kind < 800) return MakeReplace(state, account);
  if (kind < 820) return MakeCancelAll();
  if (kind < 880) return MakeTransfer(state, account);
  if (kind < 910) return MakeAsset();
  if (kind < 950) return MakeMint(state, account);
  if (kind < 970) return MakeBurn(state, account);
  return MakeMarket(state);
}

Operation OperationGenerator::MakeAtomic(const State& state, const AccountId& account,
                                         TimeMicros time) {
  const std::uint64_t kind = random_->Below(10);
  if (kind < 5) return MakeQuietPlace(state, account, time);
  const Order* own = ChooseOrder(state, account, true);
  if (kind < 7) {
    if (own == nullptr || random_->Chance(5)) return MakeCancel(state, account);
    return CancelOrder{{.by_client_id = false, .id = own->id}};
  }
  ReplaceOrder replace = MakeReplace(state, account);
  if (own != nullptr && !random_->Chance(5)) {
    const std::uint64_t step = random_->Below(20);
    replace.target = {.by_client_id = false, .id = own->id};
    replace.price = PriceTicks(own->side == Side::kBuy ? own->price - std::min(own->price - 1, step)
                                                       : own->price + step);
    replace.quantity = Lots(ChooseQuantity());
  }
  replace.post_only = true;
  return replace;
}

PlaceOrder OperationGenerator::MakePlace(const State& state, TimeMicros time) {
  PlaceOrder op;
  op.market = ChooseMarket(state);
  op.side = random_->Chance(50) ? Side::kBuy : Side::kSell;
  op.type = static_cast<OrderType>(random_->Between(1, 5));
  op.self_trade = static_cast<SelfTrade>(random_->Between(1, 3));
  op.price = PriceTicks(ChoosePrice());
  op.quantity = Lots(ChooseQuantity());
  // Post-only orders that may succeed, and fill or kill orders that may be filled.
  const std::uint64_t away = random_->Below(25);
  const bool passive = op.type == OrderType::kPostOnly && random_->Chance(70);
  const bool eager = op.type == OrderType::kFillOrKill && random_->Chance(70);
  if (passive) op.price = PriceTicks(op.side == Side::kBuy ? kMidPrice - away : kMidPrice + away);
  if (eager) {
    op.price = PriceTicks(op.side == Side::kBuy ? kMidPrice + away : kMidPrice - away);
    op.quantity = Lots(random_->Between(1, 12));
  }
  if (random_->Chance(35)) op.client_id = ClientOrderId(random_->Between(1, kClientIds));
  op.expires = ChooseExpiry(op.type, time);
  return op;
}

PlaceOrder OperationGenerator::MakeQuietPlace(const State& state, const AccountId& account,
                                              TimeMicros time) {
  PlaceOrder op = MakePlace(state, time);
  op.type = OrderType::kPostOnly;
  if (random_->Chance(5)) return op;
  const std::uint64_t away = random_->Between(5, 40);
  op.price = PriceTicks(op.side == Side::kBuy ? kMidPrice - away : kMidPrice + away);
  op.quantity = Lots(random_->Between(5, 30));
  if (random_->Chance(15)) op.quantity = Lots(ChooseLargeQuantity(state, account, op));
  op.client_id = ClientOrderId(random_->Chance(20) ? random_->Next() : 0);
  op.expires = ChooseExpiry(op.type, time);
  return op;
}

std::uint64_t OperationGenerator::ChooseLargeQuantity(const State& state, const AccountId& account,
                                                      const PlaceOrder& op) {
  const auto market = state.markets.find(op.market.value());
  if (market == state.markets.end() || !state.accounts.contains(account)) return 1;
  const Market& m = market->second;
  const std::uint64_t free = Free(state, account, GivenAsset(m, op.side));
  const Uint128 lot = op.side == Side::kBuy ? Uint128{op.price.value()} * m.tick_size : m.lot_size;
  return static_cast<std::uint64_t>(free / lot / 100 * random_->Between(51, 70) + 1);
}

CancelOrder OperationGenerator::MakeCancel(const State& state, const AccountId& account) {
  return {ChooseTarget(state, account)};
}

ReplaceOrder OperationGenerator::MakeReplace(const State& state, const AccountId& account) {
  ReplaceOrder op;
  op.target = ChooseTarget(state, account);
  op.price = PriceTicks(ChoosePrice());
  op.quantity = Lots(ChooseQuantity());
  op.post_only = random_->Chance(40);
  const auto order = state.orders.find(op.target.id);
  if (!op.target.by_client_id && order != state.orders.end() && random_->Chance(45)) {
    op.price = PriceTicks(order->second.price);
    op.quantity = Lots(random_->Between(1, order->second.remaining));
    if (random_->Chance(15)) op.quantity = Lots(order->second.remaining);
    if (random_->Chance(15)) op.quantity = Lots(order->second.remaining + 1);
  }
  return op;
}

CancelAll OperationGenerator::MakeCancelAll() {
  const std::uint64_t kind = random_->Below(10);
  CancelAll op;
  if (kind < 5) op.market = MarketId(static_cast<std::uint32_t>(random_->Between(1, 6)));
  if (kind == 9) op.market = MarketId(static_cast<std::uint32_t>(random_->Next()));
  op.void_in_flight = random_->Chance(30);
  return op;
}

Transfer OperationGenerator::MakeTransfer(const State& state, const AccountId& account) {
  Transfer op;
  op.to = ChooseRecipient(state);
  op.asset = ChooseAsset(state);
  op.amount = Atoms(ChooseAmount(state, account, op.asset));
  op.memo = ChooseMemo();
  return op;
}

CreateAsset OperationGenerator::MakeAsset() {
  CreateAsset op;
  op.code = random_->Pick(AssetCodes());
  op.decimals = static_cast<std::uint32_t>(random_->Chance(10) ? random_->Between(17, 21) : 6);
  op.supply_cap = Atoms(random_->Chance(20) ? Extreme() : random_->Between(1'000, 1 << 30));
  return op;
}

Mint OperationGenerator::MakeMint(const State& state, const AccountId& account) {
  Mint op;
  op.asset = ChooseAsset(state);
  // Mostly by somebody who may.
  for (const auto& [id, asset] : state.assets) {
    if (asset.issuer == account && random_->Chance(60)) op.asset = id;
  }
  op.to = ChooseRecipient(state);
  op.amount = Atoms(random_->Chance(30) ? Extreme() : random_->Between(1, 200'000));
  const auto asset = state.assets.find(op.asset);
  if (asset != state.assets.end() && random_->Chance(15)) {  // to the brim, or one over
    op.amount = Atoms(asset->second.supply_cap - asset->second.supply + random_->Below(2));
    if (op.amount.value() > 1 << 30) op.amount = Atoms(kMaxAtoms);
  }
  op.memo = ChooseMemo();
  return op;
}

Burn OperationGenerator::MakeBurn(const State& state, const AccountId& account) {
  Burn op;
  op.asset = ChooseAsset(state);
  op.amount = Atoms(ChooseAmount(state, account, op.asset));
  op.memo = ChooseMemo();
  return op;
}

CreateMarket OperationGenerator::MakeMarket(const State& state) {
  CreateMarket op;
  op.base = ChooseAsset(state);
  op.quote = ChooseAsset(state);
  op.lot_size = random_->Chance(15) ? Extreme() : random_->Between(1, 50);
  op.tick_size = random_->Chance(15) ? Extreme() : random_->Between(1, 10);
  op.min_notional = Atoms(random_->Chance(15) ? Extreme() : random_->Below(3'000));
  op.maker_fee_ppm = static_cast<std::uint32_t>(random_->Below(100'002));
  op.taker_fee_ppm = static_cast<std::uint32_t>(
      random_->Chance(10) ? limits::kMaxFeePpm + random_->Below(2) : random_->Below(3'000));
  return op;
}

OrderTarget OperationGenerator::ChooseTarget(const State& state, const AccountId& account) {
  if (random_->Chance(12)) return {.by_client_id = true, .id = random_->Between(1, kClientIds)};
  const std::uint64_t kind = random_->Below(100);
  if (kind < 10) {  // perhaps one that this very block places
    return {
        .id = MakeOrderId(Height(state.height + 1), static_cast<std::uint32_t>(random_->Below(40)))
                  .value()};
  }
  if (kind < 15) return {.id = std::max<std::uint64_t>(1, Extreme())};
  const Order* order = ChooseOrder(state, account, kind < 88);
  if (order == nullptr) return {.id = random_->Between(1, 1 << 28)};
  if (order->client_id != 0 && random_->Chance(50)) {
    return {.by_client_id = true, .id = order->client_id};
  }
  return {.id = order->id};
}

const Order* OperationGenerator::ChooseOrder(const State& state, const AccountId& account,
                                             bool own) {
  std::vector<const Order*> orders;
  for (const auto& [id, order] : state.orders) {
    if ((order.account == account) == own) orders.push_back(&order);
  }
  return orders.empty() ? nullptr : random_->Pick(orders);
}

MarketId OperationGenerator::ChooseMarket(const State& state) {
  const std::uint64_t kind = random_->Below(100);
  if (kind < 1) return MarketId(static_cast<std::uint32_t>(Extreme()));
  if (kind < 2) return MarketId(static_cast<std::uint32_t>(state.markets.size() + 1));
  if (kind < 85) return MarketId(static_cast<std::uint32_t>(random_->Between(1, 3)));
  return MarketId(PickKey(*random_, state.markets));
}

AssetId OperationGenerator::ChooseAsset(const State& state) {
  if (random_->Chance(5)) return HashOf(AsBytes("no asset"));
  if (random_->Chance(1)) return AssetId{};
  return PickKey(*random_, state.assets);
}

AccountId OperationGenerator::ChooseRecipient(const State& state) {
  const std::uint64_t kind = random_->Below(100);
  if (kind < 6) return random_->Pick(world_->invalid);
  if (kind < 10) return random_->Pick(world_->strangers);
  return PickKey(*random_, state.accounts);
}

std::uint64_t OperationGenerator::ChoosePrice() {
  if (random_->Chance(5)) return Extreme();
  return random_->Between(kMidPrice - 12, kMidPrice + 12);
}

std::uint64_t OperationGenerator::ChooseQuantity() {
  const std::uint64_t kind = random_->Below(100);
  if (kind < 5) return Extreme();
  if (kind < 18) return random_->Between(100, 400);
  return random_->Between(1, 40);
}

std::uint64_t OperationGenerator::ChooseAmount(const State& state, const AccountId& account,
                                               const AssetId& asset) {
  if (random_->Chance(15) || !state.accounts.contains(account)) return Extreme();
  const std::uint64_t free = Free(state, account, asset);
  if (random_->Chance(4)) return free;
  if (random_->Chance(4)) return free + 1;
  return random_->Between(1, free / 200 + 10);
}

TimeMicros OperationGenerator::ChooseExpiry(OrderType type, TimeMicros time) {
  const bool may_have = type == OrderType::kLimit || type == OrderType::kPostOnly;
  if (!random_->Chance(may_have ? 25 : 3)) return TimeMicros(0);
  if (random_->Chance(6)) return TimeMicros(time.value() - random_->Below(2));  // has passed
  if (random_->Chance(5)) return TimeMicros(time.value() + 1);
  return TimeMicros(time.value() + random_->Between(1, 300) * kSecond);
}

std::string OperationGenerator::ChooseMemo() {
  return random_->Chance(80) ? std::string() : std::string(random_->Below(20), 'm');
}

std::uint64_t OperationGenerator::Extreme() {
  switch (random_->Below(7)) {
    case 0:
      return 0;
    case 1:
      return 1;
    case 2:
      return kMaxAtoms;
    case 3:
      return kMaxAtoms + 1;
    case 4:
      return ~std::uint64_t{0};
    case 5:
      return std::uint64_t{1} << random_->Below(64);
    default:
      return random_->Next() >> random_->Below(64);
  }
}

}  // namespace bourse::model
