#include "tests/bench/crowd.h"

#include "common/hash.h"
#include "ledger/records.h"
#include "ledger/schema.h"
#include "node/exchange/exchange.h"
#include "tests/bench/measure.h"
#include "tests/bench/null_store.h"
#include "tests/bench/stream_blocks.h"

namespace bourse::bench {
namespace {

using ledger::Batch;
using ledger::Family;

constexpr std::uint64_t kEach = kSupply / Crowd::kMaxAccounts;  // atoms of each asset

// What an exchange writes of a genesis.
class Catcher : public NullStore {
 public:
  absl::Status Apply(const Batch& batch) override {
    batch_ = batch;
    return absl::OkStatus();
  }
  [[nodiscard]] const Batch& batch() const { return batch_; }

 private:
  Batch batch_;
};

template <typename Record>
Record Decoded(std::string_view bytes) {
  Record record;
  if (!Decode(bytes, &record)) Require(absl::InternalError("a record is unreadable"));
  return record;
}

// The record as it is with the accounts, where they change it.
std::string WithAccounts(const Batch::Change& change, std::uint32_t accounts) {
  if (change.family == Family::kMeta && change.key == ledger::kHeadKey) {
    auto head = Decoded<ledger::Head>(*change.value);
    head.accounts = accounts;
    return Encode(head);
  }
  if (change.family == Family::kAssets && change.key.front() == 'a') {
    auto asset = Decoded<ledger::Asset>(*change.value);
    asset.supply = Atoms(accounts * kEach);
    return Encode(asset);
  }
  return std::string(*change.value);
}

std::shared_ptr<ledger::MemoryStore> OthersOf(const ledger::Genesis& genesis,
                                              std::uint32_t accounts) {
  Catcher catcher;
  auto exchange = exchange::Exchange::Open(&catcher);
  Require(exchange.status());
  Require((*exchange)->InitChain(genesis));
  Batch records;
  for (const Batch::Change& change : catcher.batch().changes()) {
    const bool kept = change.family == Family::kMeta || change.family == Family::kAssets ||
                      change.family == Family::kMarkets;
    if (kept) records.Put(change.family, change.key, WithAccounts(change, accounts));
  }
  auto others = std::make_shared<ledger::MemoryStore>();
  Require(others->Apply(records));
  return others;
}

}  // namespace

Crowd::Crowd(const ledger::Genesis& genesis, std::uint32_t accounts, ledger::Store* changes)
    : ForwardingStore(changes),
      accounts_(accounts),
      fees_(genesis.fees),
      others_(OthersOf(genesis, accounts)) {}

AccountId Crowd::IdOf(std::uint32_t index) {
  return {Hasher("account").UpdateU32(index).Finish().bytes};
}

absl::StatusOr<std::optional<std::string>> Crowd::Get(Family family, std::string_view key) const {
  return others_->Get(family, key);
}

absl::Status Crowd::Scan(Family family, std::string_view prefix, std::string_view from,
                         const Visitor& visit) const {
  if (family != Family::kAccounts) return others_->Scan(family, prefix, from, visit);
  ledger::Account account;
  for (std::uint32_t asset = 1; asset <= 3; ++asset) {
    const bool pays = asset == fees_.asset + 1;
    const Atoms deposit(pays ? fees_.account_deposit : 0);
    account.balances.push_back({AssetIndex(asset), Atoms(kEach - deposit.value()), deposit});
  }
  for (std::uint32_t i = 0; i < accounts_; ++i) {
    account.index = AccountIndex(i);
    account.owner = account.id = IdOf(i);
    if (!visit(ledger::AccountKey(account.id), Encode(account))) break;
  }
  return absl::OkStatus();
}

absl::Status Crowd::ScanBack(Family family, std::string_view prefix, std::string_view from,
                             const Visitor& visit) const {
  return others_->ScanBack(family, prefix, from, visit);
}

}  // namespace bourse::bench
