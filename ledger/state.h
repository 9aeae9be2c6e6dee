// State: accounts, assets and markets in memory, and what changed of them.
//
// Every record is numbered from 0 (accounts) or 1 (assets, markets) as it comes to exist. Balances
// change only by the methods here, which keep each asset conserved and never let one turn negative:
// callers look first (Free), as running out of funds here is a bug and fails a CHECK.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/transaction.h"
#include "common/units.h"
#include "ledger/records.h"

namespace bourse::ledger {

class State {
 public:
  State();

  // Accounts.
  [[nodiscard]] std::optional<AccountIndex> FindAccount(const AccountId& id) const;
  [[nodiscard]] const Account& account(AccountIndex index) const {
    return accounts_[index.value()];
  }
  [[nodiscard]] std::uint32_t accounts() const {
    return static_cast<std::uint32_t>(accounts_.size());
  }
  // For changes of what is not a balance. Marks the account as changed.
  Account& MutableAccount(AccountIndex index);
  AccountIndex AddAccount(const AccountId& id);

  // Assets: 1 to assets().
  [[nodiscard]] std::optional<AssetIndex> FindAsset(const AssetId& id) const;
  [[nodiscard]] const Asset& asset(AssetIndex index) const { return assets_[index.value()]; }
  [[nodiscard]] std::uint32_t assets() const {
    return static_cast<std::uint32_t>(assets_.size() - 1);
  }
  // Gives the asset its index.
  AssetIndex AddAsset(Asset asset);

  // Markets: 1 to markets().
  [[nodiscard]] const Market* FindMarket(MarketId id) const;
  [[nodiscard]] const Market& market(MarketId id) const { return markets_[id.value()]; }
  [[nodiscard]] std::uint32_t markets() const {
    return static_cast<std::uint32_t>(markets_.size() - 1);
  }
  MarketId AddMarket(Market market);

  // Balances.
  [[nodiscard]] Atoms Free(AccountIndex account, AssetIndex asset) const;
  // The account has atoms of the asset, free or reserved.
  [[nodiscard]] bool Holds(AccountIndex account, AssetIndex asset) const;
  // How many assets it holds.
  [[nodiscard]] std::uint32_t AssetsHeld(AccountIndex account) const;
  void Reserve(AccountIndex account, AssetIndex asset, Atoms amount);  // free → reserved
  void Release(AccountIndex account, AssetIndex asset, Atoms amount);  // reserved → free
  void Credit(AccountIndex account, AssetIndex asset, Atoms amount);   // to free
  void Debit(AccountIndex account, AssetIndex asset, Atoms amount);    // from free
  void CreditFeePot(AssetIndex asset, Atoms amount);
  // Supply that comes to exist in, or goes from, an account's free balance.
  void Mint(AccountIndex account, AssetIndex asset, Atoms amount);
  void Burn(AccountIndex account, AssetIndex asset, Atoms amount);

  // Records changed since the last ClearChanges, by index.
  [[nodiscard]] std::vector<AccountIndex> ChangedAccounts() const;
  [[nodiscard]] std::vector<AssetIndex> ChangedAssets() const;
  [[nodiscard]] std::vector<MarketId> ChangedMarkets() const;
  void ClearChanges();

  // For loading from a store: records come in the order of their indices, unchanged.
  void RestoreAccount(Account account);
  void RestoreAsset(Asset asset);
  void RestoreMarket(Market market);

 private:
  // Numbers that changed, each once.
  class ChangeSet {
   public:
    void Mark(std::uint32_t index);
    [[nodiscard]] std::vector<std::uint32_t> Sorted() const;
    void Clear();

   private:
    std::vector<bool> marked_;
    std::vector<std::uint32_t> list_;
  };

  [[nodiscard]] const Balance* FindBalance(AccountIndex account, AssetIndex asset) const;
  Balance& MutableBalance(AccountIndex account, AssetIndex asset);

  std::vector<Account> accounts_;
  std::vector<Asset> assets_;
  std::vector<Market> markets_;
  absl::flat_hash_map<AccountId, AccountIndex> account_index_;
  absl::flat_hash_map<AssetId, AssetIndex> asset_index_;
  ChangeSet changed_accounts_, changed_assets_, changed_markets_;
};

}  // namespace bourse::ledger
