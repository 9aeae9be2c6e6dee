#include "tests/bench/stream_blocks.h"

#include <algorithm>
#include <utility>

#include "tests/bench/bench_keys.h"

namespace bourse::bench {
namespace {

constexpr std::uint64_t kLifetimeMicros = 60'000'000;

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

}  // namespace

ledger::Genesis MakeGenesis() {
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
  genesis.validators = {{"v", KeyOf(0).public_key()}};
  return genesis;
}

ledger::Genesis MakeGenesis(std::uint32_t accounts, std::uint32_t traders) {
  const std::uint64_t rich = std::min(kSupply / (2 * std::uint64_t{traders}), kSupply / 4'000);
  ledger::Genesis genesis = MakeGenesis();
  genesis.accounts.reserve(accounts);
  const std::uint32_t every = accounts / traders;
  std::uint32_t rich_ones = 0;
  for (std::uint32_t i = 0; i < accounts; ++i) {
    if (i % every == 0 && rich_ones < traders) {
      const AccountId id = KeyOf(rich_ones++).public_key();
      genesis.accounts.push_back({id, {{0, rich}, {1, rich}, {2, rich}}});
    } else {
      // A genesis takes only keys that someone could have, which cost 0.2 ms to make and to check.
      genesis.accounts.push_back({KeyOf(traders + i).public_key(), {{0, 1'000}}});
    }
  }
  return genesis;
}

Traders SigningTraders(std::uint32_t count) {
  std::vector<KeyPair> keys;
  keys.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) keys.push_back(KeyOf(i));
  Traders traders;
  traders.count = count;
  traders.account = [keys](std::uint32_t trader) { return keys[trader].public_key(); };
  traders.sign = [keys](std::uint32_t trader, Bytes message) { return keys[trader].Sign(message); };
  return traders;
}

BlockMaker::BlockMaker(const Options& options, Traders traders, const Hash256& genesis_hash,
                       Take take)
    : options_(options),
      traders_(std::move(traders)),
      genesis_hash_(genesis_hash),
      take_(std::move(take)),
      waiting_(traders_.count),
      nonces_(traders_.count),
      parent_hash_(genesis_hash) {}

void BlockMaker::Make(const OrderStream& stream) {
  std::vector<std::uint32_t> owner_of(stream.max_id + 1);
  // A replaced order keeps its client id; the stream gives it a new one.
  std::vector<std::uint64_t> client_id_of(stream.max_id + 1);
  touched_.assign(stream.max_id + 1, 0);
  std::uint32_t next_owner = 0;
  for (StreamOperation op : stream.operations) {
    if (op.kind == StreamKind::kAdd || op.kind == StreamKind::kMarket) {
      owner_of[op.id] = next_owner++ % traders_.count;
      client_id_of[op.id] = op.id;
    }
    const std::uint32_t owner = owner_of[op.id];
    op.id = client_id_of[op.id];
    if (op.kind == StreamKind::kReplace) {
      owner_of[op.new_id] = owner;
      client_id_of[op.new_id] = op.id;
    }
    AddOrDelay({owner, op});
  }
  for (std::uint32_t owner = 0; owner < traders_.count; ++owner) Finish(owner);
  while (!block_.transactions.empty()) CutBlock();
}

void BlockMaker::AddOrDelay(const Named& named) {
  const bool is_new = named.op.kind == StreamKind::kAdd || named.op.kind == StreamKind::kMarket;
  const bool overtakes = !is_new && touched_[named.op.id] == height_ + 1;
  if (overtakes && options_.per_transaction == 1) {
    delayed_.push_back(named);
  } else {
    Add(named);
  }
}

void BlockMaker::Add(const Named& named) {
  touched_[named.op.id] = height_ + 1;
  waiting_[named.trader].push_back(ToOperation(named.op));
  if (waiting_[named.trader].size() == options_.per_transaction) Finish(named.trader);
}

void BlockMaker::Finish(std::uint32_t trader) {
  if (waiting_[trader].empty()) return;
  Transaction transaction;
  transaction.genesis_hash = genesis_hash_;
  transaction.account = transaction.signer = traders_.account(trader);
  transaction.nonce = Nonce(nonces_[trader]++);
  transaction.valid_until = TimeMicros(time_ + kLifetimeMicros);
  operations_ += waiting_[trader].size();
  transaction.operations = std::exchange(waiting_[trader], {});
  const std::string body = EncodeTransaction(transaction);
  Signature signature;
  if (traders_.sign) {
    signature = traders_.sign(trader, AsBytes(SigningBytes(genesis_hash_, AsBytes(body))));
  }
  block_.transactions.push_back(EncodeSignedTransaction(body, signature));
  if (operations_ >= options_.per_block) CutBlock();
}

void BlockMaker::CutBlock() {
  block_.parent_hash = parent_hash_;
  block_.height = Height(++height_);
  block_.time = TimeMicros(time_ += options_.block_micros);
  block_.hash = parent_hash_ = HashOf(AsBytes(std::to_string(height_)));
  operations_ = 0;
  take_(std::exchange(block_, {}));
  for (const Named& named : std::exchange(delayed_, {})) AddOrDelay(named);
}

}  // namespace bourse::bench
