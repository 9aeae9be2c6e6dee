// What an order costs, step by step, up to the synced disk: signature, decoding, exchange, store.
//
//   exchange_bench --operations=500000 --per-transaction=50 --path=/var/tmp/exchange_bench
//
// The orders are stream A of order_stream.h, spread over those accounts that trade, as signed
// transactions in blocks. Each step runs alone over the same blocks, on one core; rows are also
// given as a share of what the core could do if it only checked signatures, as machines differ.
// What the state tree takes, and the copying into batches, are done again by themselves with each
// block's batch: the exchange without the tree is what is left.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "common/ed25519.h"
#include "common/limits.h"
#include "common/transaction.h"
#include "ledger/rocks_store.h"
#include "ledger/schema.h"
#include "ledger/state_tree.h"
#include "node/exchange/audit.h"
#include "node/exchange/exchange.h"
#include "tests/bench/order_stream.h"

namespace bourse::bench {
namespace {

struct Options {
  std::uint64_t operations = 300'000;
  std::uint32_t per_transaction = 50;
  std::uint32_t per_block = 5'000;
  std::uint32_t accounts = 1'000;  // with funds
  std::uint32_t traders = 1'000;   // of these, evenly spread: those that trade
  std::string path = "/var/tmp/exchange_bench";
  bool no_disk = false;
};

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

KeyPair KeyOf(std::uint32_t trader) {
  std::array<std::uint8_t, 32> seed{};
  for (std::size_t i = 0; i < 4; ++i) seed[i] = static_cast<std::uint8_t>(trader >> (8 * i));
  return KeyPair::FromSeed(seed);
}

ledger::Genesis MakeGenesis(const Options& options) {
  constexpr std::uint64_t kSupply = 4'000'000'000'000'000'000;
  const std::uint64_t rich = std::min(kSupply / (2 * options.traders), kSupply / 4'000);
  ledger::Genesis genesis;
  genesis.chain_name = "bench";
  genesis.time = TimeMicros(1'000'000);
  genesis.assets = {{"BRS", 6, {}, kSupply}, {"BTC", 8, {}, kSupply}, {"USD", 2, {}, kSupply}};
  genesis.fees = {.asset = 0,
                  .per_transaction = 10,
                  .per_operation = 5,
                  .per_cancel = 1,
                  .per_byte = 0,
                  .account_deposit = 100,
                  .order_deposit = 7,
                  .asset_deposit = 50,
                  .market_deposit = 60};
  genesis.markets = {{1, 2, 1, 1, 0, 100, 500}};
  genesis.accounts.reserve(options.accounts);
  const std::uint32_t every = options.accounts / options.traders;
  std::uint32_t traders = 0;
  for (std::uint32_t i = 0; i < options.accounts; ++i) {
    if (i % every == 0 && traders < options.traders) {
      const AccountId id = KeyOf(traders++).public_key();
      genesis.accounts.push_back({id, {{0, rich}, {1, rich}, {2, rich}}});
    } else {
      // A genesis takes only keys that someone could have, which cost 0.2 ms to make and to check.
      genesis.accounts.push_back({KeyOf(options.traders + i).public_key(), {{0, 1'000}}});
    }
  }
  genesis.validators = {{"v", KeyOf(0).public_key()}};
  return genesis;
}

Operation ToOperation(const StreamOperation& op) {
  if (op.kind == StreamKind::kCancel) return CancelOrder{{true, op.id}};
  if (op.kind == StreamKind::kReplace) {
    return ReplaceOrder{{true, op.id}, PriceTicks(op.price), Lots(op.quantity), false};
  }
  const bool market = op.kind == StreamKind::kMarket;
  PlaceOrder place;
  place.market = MarketId(1);
  place.side = op.side;
  place.type = market ? OrderType::kMarket : OrderType::kLimit;
  place.self_trade = SelfTrade::kCancelMaker;
  const std::uint64_t worst = op.side == Side::kBuy ? 1'000'000 : 1;
  place.price = PriceTicks(market ? worst : op.price);
  place.quantity = Lots(op.quantity);
  place.client_id = ClientOrderId(market ? 0 : op.id);
  return place;
}

// Signs each account's operations, in their order, as transactions, and cuts them into blocks.
class BlockMaker {
 public:
  BlockMaker(const Options& options, const Hash256& genesis_hash)
      : options_(options), genesis_hash_(genesis_hash) {
    for (std::uint32_t i = 0; i < options.traders; ++i) keys_.push_back(KeyOf(i));
    waiting_.resize(options.traders);
    nonces_.resize(options.traders);
  }

  std::vector<exchange::Block> Make(const OrderStream& stream) {
    std::vector<std::uint32_t> owner_of(stream.max_id + 1);
    std::uint32_t next_owner = 0;
    for (const StreamOperation& op : stream.operations) {
      // A replaced order keeps its client id here; the stream gives it a new one.
      if (op.kind == StreamKind::kAdd || op.kind == StreamKind::kMarket) {
        owner_of[op.id] = next_owner++ % options_.traders;
      }
      const std::uint32_t owner = owner_of[op.id];
      if (op.kind == StreamKind::kReplace) owner_of[op.new_id] = owner;
      Add(owner, op);
    }
    for (std::uint32_t owner = 0; owner < options_.traders; ++owner) Sign(owner);
    CutBlock();
    return std::move(blocks_);
  }

 private:
  void Add(std::uint32_t owner, const StreamOperation& op) {
    waiting_[owner].push_back(ToOperation(op));
    if (waiting_[owner].size() == options_.per_transaction) Sign(owner);
  }

  void Sign(std::uint32_t owner) {
    if (waiting_[owner].empty()) return;
    Transaction transaction;
    transaction.genesis_hash = genesis_hash_;
    transaction.account = transaction.signer = keys_[owner].public_key();
    transaction.nonce = Nonce(nonces_[owner]++);
    transaction.valid_until = TimeMicros(time_ + 60'000'000);
    operations_ += waiting_[owner].size();
    transaction.operations = std::exchange(waiting_[owner], {});
    const std::string body = EncodeTransaction(transaction);
    const std::string message = SigningBytes(genesis_hash_, AsBytes(body));
    const Signature signature = keys_[owner].Sign(AsBytes(message));
    block_.transactions.push_back(EncodeSignedTransaction(body, signature));
    if (operations_ >= options_.per_block) CutBlock();
  }

  void CutBlock() {
    if (block_.transactions.empty()) return;
    block_.height = Height(blocks_.size() + 1);
    block_.time = TimeMicros(time_ += 10'000);
    block_.parent_hash = HashOf(AsBytes(std::to_string(blocks_.size())));
    block_.hash = HashOf(AsBytes(std::to_string(blocks_.size() + 1)));
    blocks_.push_back(std::exchange(block_, {}));
    operations_ = 0;
  }

  Options options_;
  Hash256 genesis_hash_;
  std::vector<KeyPair> keys_;
  std::vector<std::vector<Operation>> waiting_;
  std::vector<std::uint64_t> nonces_;
  std::uint64_t time_ = 1'000'000;
  std::size_t operations_ = 0;
  exchange::Block block_;
  std::vector<exchange::Block> blocks_;
};

// Forgets what it is given: for the exchange without a disk.
class NullStore : public ledger::Store {
 public:
  absl::StatusOr<std::optional<std::string>> Get(ledger::Family, std::string_view) const override {
    return std::nullopt;
  }
  absl::Status Scan(ledger::Family, std::string_view, std::string_view,
                    const std::function<bool(std::string_view, std::string_view)>&) const override {
    return absl::OkStatus();
  }
  absl::Status ScanBack(
      ledger::Family, std::string_view, std::string_view,
      const std::function<bool(std::string_view, std::string_view)>&) const override {
    return absl::OkStatus();
  }
  absl::Status Apply(const ledger::Batch&) override { return absl::OkStatus(); }
  std::unique_ptr<ledger::View> Snapshot() const override { return std::make_unique<NullStore>(); }
};

// The family's letter in the state tree, of records of the state; 0 of others.
char LetterOf(const ledger::Batch::Change& change) {
  using ledger::Family;
  switch (change.family) {
    case Family::kAccounts:
      return change.key.front() == 'a' ? 'a' : '\0';
    case Family::kAssets:
      return change.key.front() == 'a' ? 's' : '\0';
    case Family::kMarkets:
      return 'm';
    case Family::kOrders:
      return change.key.front() == 'o' ? 'o' : 'c';
    case Family::kMeta:
      return change.key == ledger::kHeadKey ? 'h' : '\0';
    default:
      return '\0';
  }
}

// Does again, alone, what a block's batch made the state tree do, and the batch itself.
class Redoer : public NullStore {
 public:
  absl::Status Apply(const ledger::Batch& batch) override {
    std::vector<ledger::StateTree::Record> records;
    for (const ledger::Batch::Change& change : batch.changes()) {
      if (const char letter = LetterOf(change)) {
        records.push_back({letter, change.key, change.value});
      }
    }
    auto start = std::chrono::steady_clock::now();
    const auto changes = ledger::StateTree::ChangesOf(records);
    tree_.Update(changes);
    tree_s_ += SecondsSince(start);
    start = std::chrono::steady_clock::now();
    ledger::Batch again;
    for (const ledger::Batch::Change& change : batch.changes()) {
      if (change.value.has_value()) {
        again.Put(change.family, change.key, *change.value);
      } else {
        again.Delete(change.family, change.key);
      }
    }
    batch_s_ += SecondsSince(start);
    leaves_ += changes.size();
    return absl::OkStatus();
  }

  // Forgets the seconds of what came so far: the genesis.
  void Begin() { leaves_ = 0, tree_s_ = 0, batch_s_ = 0; }
  [[nodiscard]] Hash256 root() const { return tree_.root(); }
  [[nodiscard]] std::size_t size() const { return tree_.size(); }
  [[nodiscard]] std::size_t leaves() const { return leaves_; }
  [[nodiscard]] double tree_s() const { return tree_s_; }
  [[nodiscard]] double batch_s() const { return batch_s_; }

 private:
  ledger::StateTree tree_;
  std::size_t leaves_ = 0;
  double tree_s_ = 0, batch_s_ = 0;
};

struct Measured {
  double finalize_s = 0;
  double commit_s = 0;
  std::uint64_t swaps = 0;
  std::uint64_t rejected = 0;
  Hash256 state_root;
};

Measured RunBlocks(ledger::Store* store, const ledger::Genesis& genesis,
                   const std::vector<exchange::Block>& blocks, Redoer* redoer = nullptr) {
  auto exchange = *exchange::Exchange::Open(store);
  Require(exchange->InitChain(genesis));
  if (redoer != nullptr) redoer->Begin();
  Measured measured;
  for (const exchange::Block& block : blocks) {
    auto start = std::chrono::steady_clock::now();
    auto result = exchange->FinalizeBlock(block);
    measured.finalize_s += SecondsSince(start);
    Require(result.status());
    start = std::chrono::steady_clock::now();
    Require(exchange->Commit());
    measured.commit_s += SecondsSince(start);
    for (std::uint32_t i = 0; i < result->events.size(); ++i) {
      measured.swaps += result->events.At(i).front() == 1 ? 1 : 0;
    }
    for (const ledger::Receipt& receipt : result->receipts) {
      for (const ledger::OperationResult& r : receipt.results) {
        measured.rejected += r.reason != RejectReason::kNone ? 1 : 0;
      }
    }
  }
  Require(exchange::CheckLaws(exchange->core()));
  measured.state_root = exchange->Info().state_root;
  return measured;
}

class Table {
 public:
  Table(std::uint64_t operations, double signature_s)
      : operations_(static_cast<double>(operations)), signature_s_(signature_s) {
    std::printf("%-38s %10s %14s %14s\n", "step, one core", "ns/op", "operations/s",
                "of signatures");
  }
  void Row(const char* name, double seconds) const {
    std::printf("%-38s %10.0f %14.0f %13.2fx\n", name, seconds / operations_ * 1e9,
                operations_ / seconds, signature_s_ / seconds);
  }

 private:
  double operations_;
  double signature_s_;
};

void Run(const Options& options) {
  const ledger::Genesis genesis = MakeGenesis(options);
  StreamSpec spec = StandardStreams(options.operations).front();
  spec.resting = std::min<std::uint64_t>(spec.resting, options.operations / 4);
  const OrderStream stream = MakeStream(spec);
  const std::vector<exchange::Block> blocks =
      BlockMaker(options, GenesisHash(genesis)).Make(stream);
  std::vector<SignedTransaction> decoded;
  std::uint64_t transactions = 0;
  for (const exchange::Block& block : blocks) transactions += block.transactions.size();
  std::printf("%zu operations in %llu transactions and %zu blocks, %u accounts, %u that trade\n",
              stream.operations.size(), static_cast<unsigned long long>(transactions),
              blocks.size(), options.accounts, options.traders);

  auto start = std::chrono::steady_clock::now();
  for (const exchange::Block& block : blocks) {
    for (const std::string& bytes : block.transactions) {
      decoded.push_back(*DecodeSignedTransaction(AsBytes(bytes)));
    }
  }
  const double decode_s = SecondsSince(start);
  start = std::chrono::steady_clock::now();
  std::size_t next = 0;
  for (const exchange::Block& block : blocks) {
    for (const std::string& bytes : block.transactions) {
      if (!VerifySignature(decoded[next++], AsBytes(bytes))) Require(absl::InternalError("sign"));
    }
  }
  const double verify_s = SecondsSince(start);

  Redoer redoer;
  const Measured memory = RunBlocks(&redoer, genesis, blocks, &redoer);
  if (redoer.root() != memory.state_root) Require(absl::InternalError("roots differ"));
  Measured disk;
  if (!options.no_disk) {
    std::filesystem::remove_all(options.path);
    {
      auto store = ledger::RocksStore::Open(options.path, {});
      Require(store.status());
      disk = RunBlocks(store->get(), genesis, blocks);
    }
    std::filesystem::remove_all(options.path);
    if (disk.state_root != memory.state_root) Require(absl::InternalError("roots differ"));
  }

  std::printf("%llu swaps, %llu rejections, state root %s\n\n",
              static_cast<unsigned long long>(memory.swaps),
              static_cast<unsigned long long>(memory.rejected),
              ToHex(memory.state_root).substr(0, 16).c_str());
  const Table table(stream.operations.size(), verify_s);
  table.Row("check the signatures", verify_s);
  table.Row("decode", decode_s);
  table.Row("exchange, state tree included", memory.finalize_s);
  table.Row("  the state tree of that", redoer.tree_s());
  table.Row("  copying into the batch of that", redoer.batch_s());
  table.Row("  without the state tree", memory.finalize_s - redoer.tree_s());
  if (!options.no_disk) {
    table.Row("one synced write a block (RocksDB)", disk.commit_s);
    table.Row("exchange and synced disk", disk.finalize_s + disk.commit_s);
    table.Row("all of it, signatures included",
              verify_s + decode_s + disk.finalize_s + disk.commit_s);
  }
  const auto leaves = static_cast<double>(redoer.leaves());
  std::printf(
      "\nstate tree: %.2f leaves changed an operation, %.2f us a changed leaf, %zu leaves\n",
      leaves / static_cast<double>(stream.operations.size()), redoer.tree_s() / leaves * 1e6,
      redoer.size());
}

}  // namespace
}  // namespace bourse::bench

int main(int argc, char** argv) {
  bourse::bench::Options options;
  CLI::App app("What an order costs, from its signature to the synced disk");
  app.add_option("--operations", options.operations,
                 "orders, cancels and replaces after a prefill");
  app.add_option("--per-transaction", options.per_transaction, "operations under one signature")
      ->check(CLI::Range(1, 200));
  app.add_option("--per-block", options.per_block, "operations a block");
  app.add_option("--accounts", options.accounts, "with funds")->check(CLI::Range(2, 1'000'000));
  app.add_option("--traders", options.traders, "accounts that trade")
      ->check(CLI::Range(2, 1'000'000));
  app.add_option("--path", options.path, "folder for the database; removed before and after");
  app.add_flag("--no-disk", options.no_disk, "leave the database out");
  CLI11_PARSE(app, argc, argv);
  options.traders = std::min(options.traders, options.accounts);
  const absl::Status verifier = bourse::CheckVerifier();
  if (!verifier.ok()) {
    std::fprintf(stderr, "%s\n", verifier.ToString().c_str());
    return 1;
  }
  bourse::bench::Run(options);
  return 0;
}
