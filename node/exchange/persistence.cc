#include "node/exchange/persistence.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/codec.h"
#include "ledger/schema.h"
#include "node/exchange/order_operations.h"

namespace bourse::exchange {

using ledger::Batch;
using ledger::Family;
using ledger::StateTree;
using ledger::View;

namespace {

// Writes records of the state, and lists them for the state tree.
class StateWriter {
 public:
  explicit StateWriter(StateChanges* changes) : changes_(changes) {}

  template <typename Record>
  void Put(Family family, char letter, std::string_view key, const Record& record) {
    value_.Clear();
    Write(record, value_);
    changes_->batch.Put(family, key, value_.bytes());
    List(letter);
  }

  void Delete(Family family, char letter, std::string_view key) {
    changes_->batch.Delete(family, key);
    List(letter);
  }

  // What is no record of the state, but helps to find one.
  void PutIndex(Family family, std::string_view key, std::string_view value) {
    changes_->batch.Put(family, key, value);
  }

 private:
  void List(char letter) {
    const Batch::Change& change = changes_->batch.changes().back();
    changes_->records.push_back({letter, change.key, change.value});
  }

  StateChanges* changes_;
  Writer value_;
};

// Letters of the families in the state tree.
constexpr char kAccountLetter = 'a';
constexpr char kAssetLetter = 's';
constexpr char kMarketLetter = 'm';
constexpr char kOrderLetter = 'o';
constexpr char kClientIdLetter = 'c';
constexpr char kHeadLetter = 'h';

// A record's number never changes: it is stored once, when the head does not count it yet.
void CollectAccounts(const Core& core, StateWriter& writer) {
  for (const AccountIndex index : core.state.ChangedAccounts()) {
    const ledger::Account& account = core.state.account(index);
    writer.Put(Family::kAccounts, kAccountLetter, ledger::AccountKey(account.id), account);
    if (index.value() < core.head.accounts) continue;
    writer.PutIndex(Family::kAccounts, ledger::AccountIndexKey(index), AsText(account.id.bytes));
  }
}

void CollectAssets(const Core& core, StateWriter& writer) {
  for (const AssetIndex index : core.state.ChangedAssets()) {
    const ledger::Asset& asset = core.state.asset(index);
    writer.Put(Family::kAssets, kAssetLetter, ledger::AssetKey(index), asset);
    if (index.value() <= core.head.assets) continue;
    Writer number;
    number.U32(index.value());
    writer.PutIndex(Family::kAssets, ledger::AssetIdKey(asset.id), number.bytes());
  }
}

void CollectOrders(const Core& core, StateWriter& writer) {
  for (const OrderId id : core.orders.Changed()) {
    if (const ledger::Order* order = core.orders.Get(id)) {
      writer.Put(Family::kOrders, kOrderLetter, ledger::OrderKey(id), *order);
    } else if (id.value() >> 24 != core.head.height.value()) {
      // An order of this very block was never stored.
      writer.Delete(Family::kOrders, kOrderLetter, ledger::OrderKey(id));
    }
  }
}

void CollectClientIds(const Core& core, StateWriter& writer) {
  for (const ClientIds::Key& key : core.client_ids.Changed()) {
    const std::string store_key = ledger::ClientIdKey(key.first, key.second);
    if (const auto record = core.client_ids.Record(key)) {
      writer.Put(Family::kOrders, kClientIdLetter, store_key, *record);
    } else {
      writer.Delete(Family::kOrders, kClientIdLetter, store_key);
    }
  }
}

// The events that are swaps, by their indices.
std::vector<std::uint32_t> SwapsIn(const ledger::EventLog& events) {
  constexpr char kSwapKind = 1;
  std::vector<std::uint32_t> swaps;
  for (std::uint32_t i = 0; i < events.size(); ++i) {
    if (events.At(i).front() == kSwapKind) swaps.push_back(i);
  }
  return swaps;
}

void CollectSwaps(const Hash256& genesis_hash, const Block& block, const ledger::EventLog& events,
                  Batch* batch) {
  const std::vector<std::uint32_t> swaps = SwapsIn(events);
  const std::vector<TxId> ids = ledger::MakeSwapIds(genesis_hash, block.height, swaps);
  Writer value;
  for (std::size_t i = 0; i < swaps.size(); ++i) {
    const std::string_view event = events.At(swaps[i]);
    Reader market(event.substr(1));
    value.Clear();
    value.U64(block.height.value());
    value.U32(swaps[i]);
    value.U64(block.time.value());
    value.Raw(event);
    batch->Put(Family::kSwaps, ledger::SwapKey(ids[i]), value.bytes());
    batch->Put(Family::kSwaps,
               ledger::MarketSwapKey(MarketId(market.U32()), block.height, swaps[i]), "");
  }
}

absl::Status Damaged(std::string_view what) {
  return absl::DataLossError(absl::StrCat(
      "the ledger's database is damaged: ", std::string(what),
      "; restore it from a copy, or remove it and let the node fetch the chain again"));
}

// A store that is read, and the leaves of the state's records that were read so far.
class Source {
 public:
  explicit Source(const View& view) : view_(view) {}

  [[nodiscard]] const View& view() const { return view_; }

  void AddLeaf(char letter, std::string_view key, std::string_view value) {
    name_.assign(1, letter).append(key);
    const Hash256 place = StateTree::PlaceOf(name_);
    leaves_.push_back({place, StateTree::LeafOf(place, value)});
  }
  [[nodiscard]] std::vector<StateTree::Change> TakeLeaves() { return std::move(leaves_); }

 private:
  const View& view_;
  std::string name_;
  std::vector<StateTree::Change> leaves_;
};

// Decodes every record of a family whose key starts with `prefix`, in the order of keys.
template <typename Record, typename Take>
absl::Status LoadAll(Source& from, Family family, char letter, std::string_view prefix,
                     const char* what, Take take) {
  bool good = true;
  const absl::Status status =
      from.view().Scan(family, prefix, prefix, [&](std::string_view key, std::string_view value) {
        Record record;
        Reader reader(key.substr(prefix.size()));
        good = Decode(value, &record) && take(reader, record) && reader.Done();
        from.AddLeaf(letter, key, value);
        return good;
      });
  if (!status.ok()) return status;
  return good ? absl::OkStatus() : Damaged(absl::StrCat("bad record of ", what));
}

absl::Status LoadAssets(Source& from, Core* core) {
  return LoadAll<ledger::Asset>(from, Family::kAssets, kAssetLetter, "a", "an asset",
                                [&](Reader& key, ledger::Asset& asset) {
                                  asset.index = AssetIndex(key.BigU32());
                                  if (asset.index.value() != core->state.assets() + 1) return false;
                                  core->state.RestoreAsset(std::move(asset));
                                  return true;
                                });
}

absl::Status LoadMarkets(Source& from, Core* core) {
  return LoadAll<ledger::Market>(from, Family::kMarkets, kMarketLetter, "", "a market",
                                 [&](Reader& key, ledger::Market& market) {
                                   market.id = MarketId(key.BigU32());
                                   const std::uint32_t next = core->state.markets() + 1;
                                   if (market.id.value() != next) return false;
                                   core->state.RestoreMarket(market);
                                   core->engine.AddMarket();
                                   return true;
                                 });
}

absl::Status LoadAccounts(Source& from, Core* core) {
  std::vector<ledger::Account> accounts(core->head.accounts);
  std::size_t found = 0;
  const absl::Status status =
      LoadAll<ledger::Account>(from, Family::kAccounts, kAccountLetter, "a", "an account",
                               [&](Reader& key, ledger::Account& account) {
                                 key.Raw(account.id.bytes);
                                 const std::size_t index = account.index.value();
                                 if (index >= accounts.size()) return false;
                                 accounts[index] = std::move(account);
                                 ++found;
                                 return true;
                               });
  if (!status.ok()) return status;
  if (found != accounts.size()) return Damaged("accounts are missing");
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    if (accounts[i].index.value() != i) return Damaged("two accounts have one index");
    core->state.RestoreAccount(std::move(accounts[i]));
  }
  return absl::OkStatus();
}

bool IsClosing(const Core& core, const ledger::Order& order) {
  const bool expired = order.expires != TimeMicros(0) && order.expires <= core.head.time;
  return expired || IsCutOff(core.state.account(order.account), order);
}

// Puts an order where it was: closing, carried, or (into `resting`, by priority) the book.
void RestoreOrder(Core* core, const ledger::Order& order, std::vector<ledger::Order>* resting) {
  if (order.client_id != ClientOrderId(0)) {
    core->client_ids.Open(order.account, order.client_id, order.id);
  }
  if (IsClosing(*core, order)) {
    core->orders.AddClosing(order);
  } else if (order.carried) {
    core->orders.AddCarried(order);
  } else {
    resting->push_back(order);
  }
}

void RestoreBooks(Core* core, std::vector<ledger::Order> resting) {
  std::sort(resting.begin(), resting.end(),
            [](const ledger::Order& a, const ledger::Order& b) { return a.priority < b.priority; });
  for (const ledger::Order& order : resting) {
    const matching::OrderSlot slot = core->engine.Rest({.market = order.market,
                                                        .side = order.side,
                                                        .type = order.type,
                                                        .self_trade = order.self_trade,
                                                        .owner = order.account,
                                                        .price = order.price,
                                                        .quantity = order.remaining});
    core->orders.AddToBook(slot, order);
  }
}

absl::Status LoadOrders(Source& from, Core* core) {
  std::vector<ledger::Order> resting;
  const absl::Status status = LoadAll<ledger::Order>(
      from, Family::kOrders, kOrderLetter, "o", "an order", [&](Reader& key, ledger::Order& order) {
        order.id = OrderId(key.BigU64());
        if (order.account.value() >= core->state.accounts() ||
            core->state.FindMarket(order.market) == nullptr || order.remaining == Lots(0)) {
          return false;
        }
        RestoreOrder(core, order, &resting);
        return true;
      });
  if (!status.ok()) return status;
  RestoreBooks(core, std::move(resting));
  core->orders.ClearChanges();
  return absl::OkStatus();
}

absl::Status LoadClientIds(Source& from, Core* core) {
  return LoadAll<ledger::ClientId>(from, Family::kOrders, kClientIdLetter, "c", "a client id",
                                   [&](Reader& key, const ledger::ClientId& record) {
                                     const AccountIndex account(key.BigU32());
                                     const ClientOrderId id(key.BigU64());
                                     core->client_ids.Restore(account, id, record);
                                     return account.value() < core->state.accounts();
                                   });
}

void SetGenesis(const ledger::Genesis& genesis, Core* core) {
  core->genesis_hash = ledger::GenesisHash(genesis);
  core->fees = genesis.fees;
  core->fee_asset = AssetIndex(genesis.fees.asset + 1);
  core->engine.AddMarket();  // book 0, of no market
}

}  // namespace

StateChanges CollectState(Core& core) {
  StateChanges changes;
  StateWriter writer(&changes);
  CollectAccounts(core, writer);
  CollectAssets(core, writer);
  for (const MarketId id : core.state.ChangedMarkets()) {
    writer.Put(Family::kMarkets, kMarketLetter, ledger::MarketKey(id), core.state.market(id));
  }
  CollectOrders(core, writer);
  CollectClientIds(core, writer);
  core.head.accounts = core.state.accounts();
  core.head.assets = core.state.assets();
  core.head.markets = core.state.markets();
  writer.Put(Family::kMeta, kHeadLetter, ledger::kHeadKey, core.head);
  changes.head = core.head;
  core.state.ClearChanges();
  core.orders.ClearChanges();
  core.client_ids.ClearChanges();
  return changes;
}

void CollectBlock(const Hash256& genesis_hash, const Block& block, const BlockResult& result,
                  std::span<const std::string_view> encoded_receipts,
                  std::span<const Hash256> result_leaves, Batch* batch) {
  const Height height = block.height;
  batch->Put(Family::kBlocks, ledger::HeaderKey(height), Encode(result.header));
  Writer body, txids, leaves;
  std::size_t body_bytes = 0;
  for (const std::string& transaction : block.transactions) body_bytes += 4 + transaction.size();
  body.Reserve(body_bytes);
  txids.Reserve(sizeof(TxId) * result.receipts.size());
  leaves.Reserve(sizeof(Hash256) * result_leaves.size());
  for (const std::string& transaction : block.transactions) body.Sized(transaction);
  for (std::size_t i = 0; i < result.receipts.size(); ++i) {
    const ledger::Receipt& receipt = result.receipts[i];
    txids.Raw(receipt.txid.bytes);
    if (receipt.skip == SkipReason::kNone) {
      batch->Put(Family::kTransactions, AsText(receipt.txid.bytes), encoded_receipts[i]);
    }
  }
  for (const Hash256& leaf : result_leaves) leaves.Raw(leaf.bytes);
  batch->Put(Family::kBlocks, ledger::BodyKey(height), body.bytes());
  batch->Put(Family::kBlocks, ledger::TxIdsKey(height), txids.bytes());
  batch->Put(Family::kBlocks, ledger::EventsKey(height), result.events.Pack());
  batch->Put(Family::kBlocks, ledger::ResultLeavesKey(height), leaves.bytes());
  CollectSwaps(genesis_hash, block, result.events, batch);
}

absl::Status Load(const View& view, Core* core, StateTree* tree) {
  const auto genesis_bytes = view.Get(Family::kMeta, ledger::kGenesisKey);
  if (!genesis_bytes.ok()) return genesis_bytes.status();
  const auto head_bytes = view.Get(Family::kMeta, ledger::kHeadKey);
  if (!head_bytes.ok()) return head_bytes.status();
  ledger::Genesis genesis;
  if (!genesis_bytes->has_value() || !Decode(**genesis_bytes, &genesis)) {
    return Damaged("its genesis is missing or unreadable");
  }
  if (!head_bytes->has_value() || !Decode(**head_bytes, &core->head)) {
    return Damaged("its head is missing or unreadable");
  }
  SetGenesis(genesis, core);
  Source from(view);
  from.AddLeaf(kHeadLetter, ledger::kHeadKey, **head_bytes);
  if (absl::Status status = LoadAssets(from, core); !status.ok()) return status;
  if (absl::Status status = LoadMarkets(from, core); !status.ok()) return status;
  if (absl::Status status = LoadAccounts(from, core); !status.ok()) return status;
  if (absl::Status status = LoadOrders(from, core); !status.ok()) return status;
  if (absl::Status status = LoadClientIds(from, core); !status.ok()) return status;
  if (core->state.assets() != core->head.assets || core->state.markets() != core->head.markets) {
    return Damaged("assets or markets are missing");
  }
  *tree = StateTree::Of(from.TakeLeaves());
  return absl::OkStatus();
}

void Start(const ledger::Genesis& genesis, Core* core) {
  SetGenesis(genesis, core);
  core->head.protocol_version = genesis.protocol_version;
  core->head.time = genesis.time;
  core->head.block_hash = core->genesis_hash;
  for (const ledger::GenesisAsset& asset : genesis.assets) {
    ledger::Asset record;
    record.id = ledger::MakeAssetId(asset.issuer, asset.code);
    record.issuer = asset.issuer;
    record.genesis = true;
    record.code = asset.code;
    record.decimals = asset.decimals;
    record.supply_cap = Atoms(asset.supply_cap);
    core->state.AddAsset(std::move(record));
  }
  for (const ledger::GenesisAccount& account : genesis.accounts) {
    const AccountIndex index = core->state.AddAccount(account.id);
    for (const ledger::GenesisBalance& balance : account.balances) {
      core->state.Mint(index, AssetIndex(balance.asset + 1), Atoms(balance.amount));
    }
    core->state.Reserve(index, core->fee_asset, Atoms(genesis.fees.account_deposit));
  }
  for (const ledger::GenesisMarket& market : genesis.markets) {
    ledger::Market record;
    record.base = AssetIndex(market.base + 1);
    record.quote = AssetIndex(market.quote + 1);
    record.lot_size = market.lot_size;
    record.tick_size = market.tick_size;
    record.min_notional = Atoms(market.min_notional);
    record.maker_fee_ppm = market.maker_fee_ppm;
    record.taker_fee_ppm = market.taker_fee_ppm;
    record.creator = ledger::kNoAccount;
    AddMarket(*core, record);
  }
}

}  // namespace bourse::exchange
