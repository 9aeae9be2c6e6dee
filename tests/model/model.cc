#include "tests/model/model.h"

#include "tests/model/block.h"
#include "tests/model/funds.h"

namespace bourse::model {
namespace {

AssetId IdOf(const ledger::GenesisAsset& asset) {
  return ledger::MakeAssetId(asset.issuer, asset.code);
}

Fees MakeFees(const ledger::Genesis& genesis) {
  const ledger::FeeSchedule& fees = genesis.fees;
  return {.asset = IdOf(genesis.assets.at(fees.asset)),
          .per_transaction = fees.per_transaction,
          .per_operation = fees.per_operation,
          .per_cancel = fees.per_cancel,
          .per_byte = fees.per_byte,
          .account_deposit = fees.account_deposit,
          .order_deposit = fees.order_deposit,
          .asset_deposit = fees.asset_deposit,
          .market_deposit = fees.market_deposit};
}

void AddAccount(State& state, const ledger::Genesis& genesis,
                const ledger::GenesisAccount& account) {
  state.accounts[account.id].owner = account.id;
  for (const ledger::GenesisBalance& balance : account.balances) {
    const AssetId asset = IdOf(genesis.assets.at(balance.asset));
    Give(state, account.id, asset, balance.amount);
    state.assets.at(asset).supply += balance.amount;
  }
}

}  // namespace

Model::Model(const ledger::Genesis& genesis, const exchange::Limits& limits) {
  state_.limits = limits;
  state_.genesis_hash = ledger::GenesisHash(genesis);
  state_.fees = MakeFees(genesis);
  state_.time = genesis.time.value();
  for (const ledger::GenesisAsset& asset : genesis.assets) {
    state_.assets[IdOf(asset)] = {.issuer = asset.issuer, .supply_cap = asset.supply_cap};
  }
  std::uint32_t number = 0;
  for (const ledger::GenesisMarket& market : genesis.markets) {
    state_.markets[++number] = {.base = IdOf(genesis.assets.at(market.base)),
                                .quote = IdOf(genesis.assets.at(market.quote)),
                                .lot_size = market.lot_size,
                                .tick_size = market.tick_size,
                                .min_notional = market.min_notional,
                                .maker_fee_ppm = market.maker_fee_ppm,
                                .taker_fee_ppm = market.taker_fee_ppm};
  }
  for (const ledger::GenesisAccount& account : genesis.accounts) {
    AddAccount(state_, genesis, account);
  }
}

Outcome Model::RunBlock(const exchange::Block& block) {
  state_.height = block.height.value();
  state_.time = block.time.value();
  state_.sequence = 0;
  state_.fills_left = state_.limits.max_fills_per_block;
  state_.closures_left = state_.limits.max_closures_per_block;
  state_.events.clear();

  ForgetClientIds(state_);
  CloseExpired(state_);
  SettleClosing(state_);
  ContinueCarried(state_);
  std::vector<ledger::Receipt> receipts = RunTransactions(state_, block);
  return {.receipts = std::move(receipts), .events = state_.events};
}

}  // namespace bourse::model
