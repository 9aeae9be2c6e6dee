#include "ledger/state.h"

#include <algorithm>
#include <utility>

#include "common/check.h"
#include "common/checked_math.h"

namespace bourse::ledger {
namespace {

Atoms Plus(Atoms a, Atoms b) {
  const auto sum = CheckedAdd(a.value(), b.value());
  CHECK(sum.has_value());
  return Atoms(*sum);
}

Atoms Minus(Atoms a, Atoms b) {
  const auto difference = CheckedSub(a.value(), b.value());
  CHECK(difference.has_value());
  return Atoms(*difference);
}

template <typename Unit>
std::vector<Unit> AsUnits(const std::vector<std::uint32_t>& numbers) {
  std::vector<Unit> out;
  out.reserve(numbers.size());
  for (const std::uint32_t number : numbers) out.push_back(Unit(number));
  return out;
}

}  // namespace

void State::ChangeSet::Mark(std::uint32_t index) {
  if (index >= marked_.size()) marked_.resize(std::max<std::size_t>(index + 1, marked_.size() * 2));
  if (marked_[index]) return;
  marked_[index] = true;
  list_.push_back(index);
}

std::vector<std::uint32_t> State::ChangeSet::Sorted() const {
  std::vector<std::uint32_t> out = list_;
  std::sort(out.begin(), out.end());
  return out;
}

void State::ChangeSet::Clear() {
  for (const std::uint32_t index : list_) marked_[index] = false;
  list_.clear();
}

State::State() : assets_(1), markets_(1) {}

std::optional<AccountIndex> State::FindAccount(const AccountId& id) const {
  const auto it = account_index_.find(id);
  if (it == account_index_.end()) return std::nullopt;
  return it->second;
}

Account& State::MutableAccount(AccountIndex index) {
  changed_accounts_.Mark(index.value());
  return accounts_[index.value()];
}

AccountIndex State::AddAccount(const AccountId& id) {
  Account account;
  account.id = id;
  account.owner = id;
  account.index = AccountIndex(accounts());
  const AccountIndex index = account.index;
  RestoreAccount(std::move(account));
  changed_accounts_.Mark(index.value());
  return index;
}

std::optional<AssetIndex> State::FindAsset(const AssetId& id) const {
  const auto it = asset_index_.find(id);
  if (it == asset_index_.end()) return std::nullopt;
  return it->second;
}

AssetIndex State::AddAsset(Asset asset) {
  const AssetIndex index(assets() + 1);
  asset.index = index;
  RestoreAsset(std::move(asset));
  changed_assets_.Mark(index.value());
  return index;
}

const Market* State::FindMarket(MarketId id) const {
  if (id.value() == 0 || id.value() > markets()) return nullptr;
  return &markets_[id.value()];
}

MarketId State::AddMarket(Market market) {
  const MarketId id(markets() + 1);
  market.id = id;
  RestoreMarket(market);
  changed_markets_.Mark(id.value());
  return id;
}

const Balance* State::FindBalance(AccountIndex account, AssetIndex asset) const {
  const auto& balances = accounts_[account.value()].balances;
  const auto it = std::lower_bound(balances.begin(), balances.end(), asset,
                                   [](const Balance& b, AssetIndex a) { return b.asset < a; });
  return it != balances.end() && it->asset == asset ? &*it : nullptr;
}

Atoms State::Free(AccountIndex account, AssetIndex asset) const {
  const Balance* balance = FindBalance(account, asset);
  return balance != nullptr ? balance->free : Atoms(0);
}

bool State::Holds(AccountIndex account, AssetIndex asset) const {
  const Balance* balance = FindBalance(account, asset);
  return balance != nullptr && (balance->free != Atoms(0) || balance->reserved != Atoms(0));
}

std::uint32_t State::AssetsHeld(AccountIndex account) const {
  const auto& balances = accounts_[account.value()].balances;
  return static_cast<std::uint32_t>(
      std::count_if(balances.begin(), balances.end(), [](const Balance& balance) {
        return balance.free != Atoms(0) || balance.reserved != Atoms(0);
      }));
}

Balance& State::MutableBalance(AccountIndex account, AssetIndex asset) {
  auto& balances = MutableAccount(account).balances;
  auto it = std::lower_bound(balances.begin(), balances.end(), asset,
                             [](const Balance& b, AssetIndex a) { return b.asset < a; });
  if (it == balances.end() || it->asset != asset) it = balances.insert(it, {asset, {}, {}});
  return *it;
}

void State::Reserve(AccountIndex account, AssetIndex asset, Atoms amount) {
  Balance& balance = MutableBalance(account, asset);
  balance.free = Minus(balance.free, amount);
  balance.reserved = Plus(balance.reserved, amount);
}

void State::Release(AccountIndex account, AssetIndex asset, Atoms amount) {
  Balance& balance = MutableBalance(account, asset);
  balance.reserved = Minus(balance.reserved, amount);
  balance.free = Plus(balance.free, amount);
}

void State::Credit(AccountIndex account, AssetIndex asset, Atoms amount) {
  Balance& balance = MutableBalance(account, asset);
  balance.free = Plus(balance.free, amount);
}

void State::Debit(AccountIndex account, AssetIndex asset, Atoms amount) {
  Balance& balance = MutableBalance(account, asset);
  balance.free = Minus(balance.free, amount);
}

void State::CreditFeePot(AssetIndex asset, Atoms amount) {
  if (amount == Atoms(0)) return;
  Asset& record = assets_[asset.value()];
  record.fee_pot = Plus(record.fee_pot, amount);
  changed_assets_.Mark(asset.value());
}

void State::Mint(AccountIndex account, AssetIndex asset, Atoms amount) {
  Asset& record = assets_[asset.value()];
  record.supply = Plus(record.supply, amount);
  CHECK(record.supply <= record.supply_cap);
  changed_assets_.Mark(asset.value());
  Credit(account, asset, amount);
}

void State::Burn(AccountIndex account, AssetIndex asset, Atoms amount) {
  Debit(account, asset, amount);
  Asset& record = assets_[asset.value()];
  record.supply = Minus(record.supply, amount);
  changed_assets_.Mark(asset.value());
}

std::vector<AccountIndex> State::ChangedAccounts() const {
  return AsUnits<AccountIndex>(changed_accounts_.Sorted());
}

std::vector<AssetIndex> State::ChangedAssets() const {
  return AsUnits<AssetIndex>(changed_assets_.Sorted());
}

std::vector<MarketId> State::ChangedMarkets() const {
  return AsUnits<MarketId>(changed_markets_.Sorted());
}

void State::ClearChanges() {
  // Nobody pays for what is zero: it would pile up here, and be gone after a restart.
  for (const AccountIndex index : ChangedAccounts()) {
    std::erase_if(accounts_[index.value()].balances, [](const Balance& balance) {
      return balance.free == Atoms(0) && balance.reserved == Atoms(0);
    });
  }
  changed_accounts_.Clear();
  changed_assets_.Clear();
  changed_markets_.Clear();
}

void State::RestoreAccount(Account account) {
  CHECK(account.index == AccountIndex(accounts()));
  account_index_.emplace(account.id, account.index);
  accounts_.push_back(std::move(account));
}

void State::RestoreAsset(Asset asset) {
  CHECK(asset.index == AssetIndex(assets() + 1));
  asset_index_.emplace(asset.id, asset.index);
  assets_.push_back(std::move(asset));
}

void State::RestoreMarket(Market market) {
  CHECK(market.id == MarketId(markets() + 1));
  markets_.push_back(market);
}

}  // namespace bourse::ledger
