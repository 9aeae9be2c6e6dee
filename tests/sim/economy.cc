#include "tests/sim/economy.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "common/limits.h"
#include "common/transaction.h"
#include "ledger/records.h"

namespace bourse::sim {
namespace {

constexpr std::size_t kTraders = 6;
constexpr std::uint64_t kPriceMid = 1'000;

constexpr std::uint32_t kUsd = 0;
constexpr std::uint32_t kBtc = 1;

ledger::Genesis MakeGenesis(std::size_t validators) {
  ledger::Genesis genesis;
  genesis.chain_name = "sim";
  genesis.time = TimeMicros(1'700'000'000'000'000);
  genesis.fees.asset = kUsd;
  genesis.fees.per_transaction = 10;
  genesis.fees.per_operation = 5;
  genesis.fees.order_deposit = 50;
  genesis.assets = {{"USD", 2, AccountId{}, std::uint64_t{1} << 62},
                    {"BTC", 8, AccountId{}, std::uint64_t{1} << 62}};
  genesis.markets = {{kBtc, kUsd, 10, 1, 0, 500, 1'000}};
  for (std::size_t i = 0; i < kTraders; ++i) {
    genesis.accounts.push_back(
        {TraderKey(i).public_key(), {{kUsd, 1'000'000'000'000}, {kBtc, 1'000'000'000'000}}});
  }
  for (std::size_t i = 0; i < validators; ++i) {
    genesis.validators.push_back({absl::StrCat("v", i), ValidatorKey(i).public_key()});
  }
  CHECK(ledger::Validate(genesis).ok());
  return genesis;
}

PlaceOrder MakeOrder(model::Random* random, std::uint64_t client_id) {
  PlaceOrder order;
  order.market = MarketId(1);
  order.side = random->Chance(50) ? Side::kBuy : Side::kSell;
  order.type = random->Chance(30) ? OrderType::kImmediateOrCancel : OrderType::kLimit;
  order.price = PriceTicks(random->Between(kPriceMid - 5, kPriceMid + 5));
  order.quantity = Lots(random->Between(1, 20));
  order.client_id = ClientOrderId(client_id);
  return order;
}

}  // namespace

const ledger::Genesis& GenesisOf(std::size_t validators) {
  static auto* const made = new std::map<std::size_t, ledger::Genesis>;
  const auto found = made->find(validators);
  if (found != made->end()) return found->second;
  return made->emplace(validators, MakeGenesis(validators)).first->second;
}

Economy::Economy(const ledger::Genesis* genesis, const Keyring* keyring)
    : genesis_(*genesis),
      genesis_hash_(ledger::GenesisHash(*genesis)),
      keyring_(*keyring),
      next_nonce_(genesis->accounts.size()) {}

std::string Economy::Make(model::Random* random, TimeMicros time, std::uint64_t lifetime_us) {
  const std::size_t trader = random->Below(next_nonce_.size());
  const std::uint64_t nonce = next_nonce_[trader]++;
  Transaction transaction;
  transaction.genesis_hash = genesis_hash_;
  transaction.account = genesis_.accounts[trader].id;
  transaction.signer = transaction.account;
  transaction.nonce = Nonce(nonce);
  const std::uint64_t lifetime = std::min(lifetime_us, limits::kMaxLifetimeMicros);
  transaction.valid_until = TimeMicros(time.value() + lifetime);
  transaction.operations = {MakeOperation(random, trader, nonce)};
  return keyring_.Seal(transaction, TraderKey(trader));
}

Operation Economy::MakeOperation(model::Random* random, std::size_t trader,
                                 std::uint64_t nonce) const {
  const std::uint64_t kind = random->Below(10);
  if (kind < 6) return MakeOrder(random, nonce + 1);
  if (kind < 8) {
    CancelOrder cancel;
    cancel.target = {true, random->Between(1, nonce + 1)};
    return cancel;
  }
  if (kind == 8) return CancelAll{};
  Transfer transfer;
  transfer.to = genesis_.accounts[(trader + 1) % genesis_.accounts.size()].id;
  transfer.asset = ledger::MakeAssetId(AccountId{}, genesis_.assets[kUsd].code);
  transfer.amount = Atoms(random->Between(1, 1'000));
  return transfer;
}

}  // namespace bourse::sim
