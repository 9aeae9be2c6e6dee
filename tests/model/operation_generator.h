// OperationGenerator: one random operation at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "common/transaction.h"
#include "tests/model/random.h"
#include "tests/model/state.h"
#include "tests/model/world.h"

namespace bourse::model {

class OperationGenerator {
 public:
  // Draws from `random`, which outlives it.
  OperationGenerator(const World& world, Random* random) : world_(&world), random_(random) {}

  // An operation by `account` in the block after `state`, at `time`.
  Operation Make(const State& state, const AccountId& account, TimeMicros time);
  // One that an atomic transaction may hold, and likely to succeed.
  Operation MakeAtomic(const State& state, const AccountId& account, TimeMicros time);

 private:
  PlaceOrder MakePlace(const State& state, TimeMicros time);
  PlaceOrder MakeQuietPlace(const State& state, const AccountId& account, TimeMicros time);
  // More than half of what the account has free.
  std::uint64_t ChooseLargeQuantity(const State& state, const AccountId& account,
                                    const PlaceOrder& op);
  CancelOrder MakeCancel(const State& state, const AccountId& account);
  ReplaceOrder MakeReplace(const State& state, const AccountId& account);
  CancelAll MakeCancelAll();
  Transfer MakeTransfer(const State& state, const AccountId& account);
  CreateAsset MakeAsset();
  Mint MakeMint(const State& state, const AccountId& account);
  Burn MakeBurn(const State& state, const AccountId& account);
  CreateMarket MakeMarket(const State& state);

  OrderTarget ChooseTarget(const State& state, const AccountId& account);
  const Order* ChooseOrder(const State& state, const AccountId& account, bool own);
  MarketId ChooseMarket(const State& state);
  AssetId ChooseAsset(const State& state);
  AccountId ChooseRecipient(const State& state);
  std::uint64_t ChoosePrice();
  std::uint64_t ChooseQuantity();
  std::uint64_t ChooseAmount(const State& state, const AccountId& account, const AssetId& asset);
  TimeMicros ChooseExpiry(OrderType type, TimeMicros time);
  std::string ChooseMemo();
  // Zero, one, and what is near or over a bound.
  std::uint64_t Extreme();

  const World* world_;
  Random* random_;
};

}  // namespace bourse::model
