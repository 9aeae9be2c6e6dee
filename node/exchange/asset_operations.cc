#include "node/exchange/asset_operations.h"

#include "common/checked_math.h"
#include "common/ed25519.h"
#include "common/limits.h"

namespace bourse::exchange {

using ledger::OperationResult;

namespace {

OperationResult Rejected(RejectReason reason) {
  OperationResult result;
  result.reason = reason;
  return result;
}

bool IsAmount(std::uint64_t amount) { return amount >= 1 && amount <= kMaxAtoms; }

bool IsMarket(const CreateMarket& op) {
  return op.base != op.quote && IsAmount(op.lot_size) && IsAmount(op.tick_size) &&
         op.min_notional.value() <= kMaxAtoms && op.maker_fee_ppm <= limits::kMaxFeePpm &&
         op.taker_fee_ppm <= limits::kMaxFeePpm;
}

}  // namespace

OperationResult AssetOperations::Transfer(AccountIndex account, const bourse::Transfer& op) {
  if (!IsAmount(op.amount.value())) return Rejected(RejectReason::kInvalidAmount);
  const auto asset = core_.state.FindAsset(op.asset);
  if (!asset) return Rejected(RejectReason::kUnknownAsset);
  const RejectReason reason = CheckRecipient(account, op.to, *asset, op.amount, true);
  if (reason != RejectReason::kNone) return Rejected(reason);
  const AccountIndex to = FindOrCreate(account, op.to);
  core_.state.Debit(account, *asset, op.amount);
  core_.state.Credit(to, *asset, op.amount);
  run_.events.Append(
      ledger::Transferred{core_.state.account(account).id, op.to, op.asset, op.amount, op.memo});
  return {};
}

RejectReason AssetOperations::CheckRecipient(AccountIndex payer, const AccountId& to,
                                             AssetIndex asset, Atoms amount,
                                             bool from_payer) const {
  const auto recipient = core_.state.FindAccount(to);
  if (!recipient && !IsValidPublicKey(to)) return RejectReason::kInvalidAccount;
  const std::uint64_t deposit = recipient ? 0 : core_.fees.account_deposit;
  std::uint64_t fee_atoms = deposit;
  if (from_payer) {
    if (asset == core_.fee_asset) {
      const auto both = CheckedAdd(amount.value(), deposit);
      if (!both) return RejectReason::kInsufficientFunds;
      fee_atoms = *both;
    } else if (amount > core_.state.Free(payer, asset)) {
      return RejectReason::kInsufficientFunds;
    }
  }
  if (fee_atoms > core_.state.Free(payer, core_.fee_asset).value()) {
    return RejectReason::kInsufficientFunds;
  }
  const bool holds = recipient && core_.state.Holds(*recipient, asset);
  if (recipient && !holds &&
      core_.state.AssetsHeld(*recipient) >= core_.limits.max_assets_per_account) {
    return RejectReason::kLimitReached;
  }
  return RejectReason::kNone;
}

AccountIndex AssetOperations::FindOrCreate(AccountIndex payer, const AccountId& id) {
  if (const auto found = core_.state.FindAccount(id)) return *found;
  const AccountIndex account = core_.state.AddAccount(id);
  const Atoms deposit(core_.fees.account_deposit);
  core_.state.Debit(payer, core_.fee_asset, deposit);
  core_.state.Credit(account, core_.fee_asset, deposit);
  core_.state.Reserve(account, core_.fee_asset, deposit);
  run_.events.Append(ledger::AccountCreated{id});
  return account;
}

OperationResult AssetOperations::Mint(AccountIndex account, const bourse::Mint& op) {
  const auto asset = core_.state.FindAsset(op.asset);
  if (!asset) return Rejected(RejectReason::kUnknownAsset);
  const ledger::Asset& record = core_.state.asset(*asset);
  if (record.issuer != core_.state.account(account).id) return Rejected(RejectReason::kNotIssuer);
  if (!IsAmount(op.amount.value())) return Rejected(RejectReason::kInvalidAmount);
  const auto supply = CheckedAdd(record.supply.value(), op.amount.value());
  if (!supply || *supply > record.supply_cap.value()) {
    return Rejected(RejectReason::kSupplyCapExceeded);
  }
  const RejectReason reason = CheckRecipient(account, op.to, *asset, op.amount, false);
  if (reason != RejectReason::kNone) return Rejected(reason);
  core_.state.Mint(FindOrCreate(account, op.to), *asset, op.amount);
  run_.events.Append(ledger::Minted{op.to, op.asset, op.amount, op.memo});
  return {};
}

OperationResult AssetOperations::Burn(AccountIndex account, const bourse::Burn& op) {
  if (!IsAmount(op.amount.value())) return Rejected(RejectReason::kInvalidAmount);
  const auto asset = core_.state.FindAsset(op.asset);
  if (!asset) return Rejected(RejectReason::kUnknownAsset);
  if (op.amount > core_.state.Free(account, *asset)) {
    return Rejected(RejectReason::kInsufficientFunds);
  }
  core_.state.Burn(account, *asset, op.amount);
  run_.events.Append(ledger::Burned{core_.state.account(account).id, op.asset, op.amount, op.memo});
  return {};
}

OperationResult AssetOperations::CreateAsset(AccountIndex account, const bourse::CreateAsset& op) {
  if (op.decimals > limits::kMaxAssetDecimals || !IsAmount(op.supply_cap.value())) {
    return Rejected(RejectReason::kInvalidAsset);
  }
  const AccountId issuer = core_.state.account(account).id;
  const AssetId id = ledger::MakeAssetId(issuer, op.code);
  if (core_.state.FindAsset(id)) return Rejected(RejectReason::kAssetExists);
  if (core_.state.assets() >= core_.limits.max_assets) return Rejected(RejectReason::kLimitReached);
  if (!ReserveDeposit(account, core_.fees.asset_deposit)) {
    return Rejected(RejectReason::kInsufficientFunds);
  }
  ledger::Asset asset;
  asset.id = id;
  asset.issuer = issuer;
  asset.code = op.code;
  asset.decimals = op.decimals;
  asset.supply_cap = op.supply_cap;
  core_.state.AddAsset(std::move(asset));
  ++core_.state.MutableAccount(account).assets_created;
  run_.events.Append(ledger::AssetCreated{id});
  OperationResult result;
  result.asset = id;
  return result;
}

OperationResult AssetOperations::CreateMarket(AccountIndex account,
                                              const bourse::CreateMarket& op) {
  const auto base = core_.state.FindAsset(op.base);
  const auto quote = core_.state.FindAsset(op.quote);
  if (!base || !quote) return Rejected(RejectReason::kUnknownAsset);
  if (!IsMarket(op)) return Rejected(RejectReason::kInvalidMarket);
  if (core_.state.markets() >= core_.limits.max_markets) {
    return Rejected(RejectReason::kLimitReached);
  }
  if (!ReserveDeposit(account, core_.fees.market_deposit)) {
    return Rejected(RejectReason::kInsufficientFunds);
  }
  ledger::Market market;
  market.base = *base;
  market.quote = *quote;
  market.lot_size = op.lot_size;
  market.tick_size = op.tick_size;
  market.min_notional = op.min_notional;
  market.maker_fee_ppm = op.maker_fee_ppm;
  market.taker_fee_ppm = op.taker_fee_ppm;
  market.creator = account;
  OperationResult result;
  result.market = AddMarket(core_, market);
  ++core_.state.MutableAccount(account).markets_created;
  run_.events.Append(ledger::MarketCreated{result.market});
  return result;
}

bool AssetOperations::ReserveDeposit(AccountIndex account, std::uint64_t deposit) {
  if (deposit > core_.state.Free(account, core_.fee_asset).value()) return false;
  core_.state.Reserve(account, core_.fee_asset, Atoms(deposit));
  return true;
}

}  // namespace bourse::exchange
