#include "common/checked_math.h"
#include "common/limits.h"
#include "ledger/records.h"
#include "tests/model/funds.h"
#include "tests/model/operations.h"

namespace bourse::model {
namespace {

using ledger::OperationResult;

bool IsValidAmount(std::uint64_t amount) { return amount >= 1 && amount <= kMaxAtoms; }

// Whether a payment of `asset` can reach `to`, which the payer's `bill` covers.
RejectReason CheckPayment(const State& state, const AccountId& payer, Bill bill,
                          const AccountId& to, const AssetId& asset) {
  const auto recipient = state.accounts.find(to);
  const bool is_new = recipient == state.accounts.end();
  if (is_new && !IsValidPublicKey(to)) return RejectReason::kInvalidAccount;
  if (is_new) bill.Add(state.fees.asset, state.fees.account_deposit);
  if (!bill.CoveredBy(state, payer)) return RejectReason::kInsufficientFunds;
  if (!is_new && !recipient->second.owned.contains(asset) &&
      recipient->second.owned.size() >= state.limits.max_assets_per_account) {
    return RejectReason::kLimitReached;
  }
  return RejectReason::kNone;
}

// Creates a payment's recipient, if it does not exist, at the payer's cost.
void CreateRecipient(State& state, const AccountId& payer, const AccountId& to) {
  if (state.accounts.contains(to)) return;
  Take(state, payer, state.fees.asset, state.fees.account_deposit);
  CreateAccount(state, to);
}

RejectReason CheckMint(const State& state, const AccountId& issuer, const Mint& op) {
  const auto asset = state.assets.find(op.asset);
  if (asset == state.assets.end()) return RejectReason::kUnknownAsset;
  if (asset->second.issuer != issuer) return RejectReason::kNotIssuer;
  if (!IsValidAmount(op.amount.value())) return RejectReason::kInvalidAmount;
  if (Uint128{asset->second.supply} + op.amount.value() > asset->second.supply_cap) {
    return RejectReason::kSupplyCapExceeded;
  }
  return CheckPayment(state, issuer, {}, op.to, op.asset);
}

RejectReason CheckTransfer(const State& state, const AccountId& from, const Transfer& op) {
  if (!IsValidAmount(op.amount.value())) return RejectReason::kInvalidAmount;
  if (!state.assets.contains(op.asset)) return RejectReason::kUnknownAsset;
  Bill bill;
  bill.Add(op.asset, op.amount.value());
  return CheckPayment(state, from, bill, op.to, op.asset);
}

RejectReason CheckMarket(const State& state, const AccountId& creator, const CreateMarket& op) {
  if (!state.assets.contains(op.base)) return RejectReason::kUnknownAsset;
  if (!state.assets.contains(op.quote)) return RejectReason::kUnknownAsset;
  if (op.base == op.quote || !IsValidAmount(op.lot_size) || !IsValidAmount(op.tick_size) ||
      op.min_notional.value() > kMaxAtoms || op.maker_fee_ppm > limits::kMaxFeePpm ||
      op.taker_fee_ppm > limits::kMaxFeePpm) {
    return RejectReason::kInvalidMarket;
  }
  if (state.markets.size() >= state.limits.max_markets) return RejectReason::kLimitReached;
  Bill bill;
  bill.Add(state.fees.asset, state.fees.market_deposit);
  if (!bill.CoveredBy(state, creator)) return RejectReason::kInsufficientFunds;
  return RejectReason::kNone;
}

RejectReason CheckAsset(const State& state, const AccountId& creator, const CreateAsset& op) {
  if (op.decimals > limits::kMaxAssetDecimals || !IsValidAmount(op.supply_cap.value())) {
    return RejectReason::kInvalidAsset;
  }
  if (state.assets.contains(ledger::MakeAssetId(creator, op.code))) {
    return RejectReason::kAssetExists;
  }
  if (state.assets.size() >= state.limits.max_assets) return RejectReason::kLimitReached;
  Bill bill;
  bill.Add(state.fees.asset, state.fees.asset_deposit);
  if (!bill.CoveredBy(state, creator)) return RejectReason::kInsufficientFunds;
  return RejectReason::kNone;
}

}  // namespace

void CreateAccount(State& state, const AccountId& id) {
  state.accounts[id].owner = id;
  Give(state, id, state.fees.asset, state.fees.account_deposit);
  state.events.push_back(ledger::AccountCreated{.account = id});
}

OperationResult Run(State& state, const Caller& caller, const Transfer& op) {
  const RejectReason reason = CheckTransfer(state, caller.account, op);
  if (reason != RejectReason::kNone) return Rejected(reason);
  CreateRecipient(state, caller.account, op.to);
  Take(state, caller.account, op.asset, op.amount.value());
  Give(state, op.to, op.asset, op.amount.value());
  state.events.push_back(ledger::Transferred{.from = caller.account,
                                             .to = op.to,
                                             .asset = op.asset,
                                             .amount = op.amount,
                                             .memo = op.memo});
  return {};
}

OperationResult Run(State& state, const Caller& caller, const CreateAsset& op) {
  const RejectReason reason = CheckAsset(state, caller.account, op);
  if (reason != RejectReason::kNone) return Rejected(reason);
  const AssetId id = ledger::MakeAssetId(caller.account, op.code);
  state.assets[id] = {.issuer = caller.account, .supply_cap = op.supply_cap.value()};
  ++state.accounts.at(caller.account).assets_created;
  state.events.push_back(ledger::AssetCreated{.asset = id});
  OperationResult result;
  result.asset = id;
  return result;
}

OperationResult Run(State& state, const Caller& caller, const Mint& op) {
  const RejectReason reason = CheckMint(state, caller.account, op);
  if (reason != RejectReason::kNone) return Rejected(reason);
  CreateRecipient(state, caller.account, op.to);
  state.assets.at(op.asset).supply += op.amount.value();
  Give(state, op.to, op.asset, op.amount.value());
  state.events.push_back(
      ledger::Minted{.to = op.to, .asset = op.asset, .amount = op.amount, .memo = op.memo});
  return {};
}

OperationResult Run(State& state, const Caller& caller, const Burn& op) {
  if (!IsValidAmount(op.amount.value())) return Rejected(RejectReason::kInvalidAmount);
  if (!state.assets.contains(op.asset)) return Rejected(RejectReason::kUnknownAsset);
  if (op.amount.value() > Free(state, caller.account, op.asset)) {
    return Rejected(RejectReason::kInsufficientFunds);
  }
  Take(state, caller.account, op.asset, op.amount.value());
  state.assets.at(op.asset).supply -= op.amount.value();
  state.events.push_back(ledger::Burned{
      .from = caller.account, .asset = op.asset, .amount = op.amount, .memo = op.memo});
  return {};
}

OperationResult Run(State& state, const Caller& caller, const CreateMarket& op) {
  const RejectReason reason = CheckMarket(state, caller.account, op);
  if (reason != RejectReason::kNone) return Rejected(reason);
  const auto number = static_cast<std::uint32_t>(state.markets.size() + 1);
  state.markets[number] = {.base = op.base,
                           .quote = op.quote,
                           .lot_size = op.lot_size,
                           .tick_size = op.tick_size,
                           .min_notional = op.min_notional.value(),
                           .maker_fee_ppm = op.maker_fee_ppm,
                           .taker_fee_ppm = op.taker_fee_ppm};
  ++state.accounts.at(caller.account).markets_created;
  state.events.push_back(ledger::MarketCreated{.market = MarketId(number)});
  OperationResult result;
  result.market = MarketId(number);
  return result;
}

}  // namespace bourse::model
