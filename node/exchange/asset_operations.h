// Transfers, and what comes to exist: accounts, assets, supply, markets.
#pragma once

#include "common/transaction.h"
#include "common/units.h"
#include "ledger/records.h"
#include "node/exchange/core.h"

namespace bourse::exchange {

class AssetOperations {
 public:
  // Both must outlive this.
  AssetOperations(Core& core, BlockRun& run) : core_(core), run_(run) {}

  ledger::OperationResult Transfer(AccountIndex account, const bourse::Transfer& op);
  ledger::OperationResult Mint(AccountIndex account, const bourse::Mint& op);
  ledger::OperationResult Burn(AccountIndex account, const bourse::Burn& op);
  ledger::OperationResult CreateAsset(AccountIndex account, const bourse::CreateAsset& op);
  ledger::OperationResult CreateMarket(AccountIndex account, const bourse::CreateMarket& op);

 private:
  // Whether `to` may receive `asset`, and `payer` can pay for the account that it needs, beside
  // `amount` of `asset`, which is the payer's own if `from_payer`.
  [[nodiscard]] RejectReason CheckRecipient(AccountIndex payer, const AccountId& to,
                                            AssetIndex asset, Atoms amount, bool from_payer) const;
  // The account with this id, created, with its deposit from `payer`, if there is none.
  AccountIndex FindOrCreate(AccountIndex payer, const AccountId& id);
  // Moves a deposit out of an account's free balance.
  [[nodiscard]] bool ReserveDeposit(AccountIndex account, std::uint64_t deposit);

  Core& core_;
  BlockRun& run_;
};

}  // namespace bourse::exchange
