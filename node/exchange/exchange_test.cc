#include "node/exchange/exchange.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/ed25519.h"
#include "common/transaction.h"
#include "ledger/memory_store.h"
#include "ledger/merkle.h"
#include "ledger/schema.h"
#include "node/exchange/audit.h"

namespace bourse::exchange {
namespace {

KeyPair Key(std::uint8_t n) {
  std::array<std::uint8_t, 32> seed{};
  seed[0] = n;
  return KeyPair::FromSeed(seed);
}

constexpr std::uint64_t kRich = 1'000'000;

// Assets BRS (fees), BTC, USD; market 1 is BTC/USD with lots of 10 atoms and ticks of 3.
ledger::Genesis TestGenesis() {
  ledger::Genesis genesis;
  genesis.chain_name = "test";
  genesis.time = TimeMicros(1'000);
  genesis.assets = {{"BRS", 6, {}, 1'000'000'000},
                    {"BTC", 8, Key(9).public_key(), 1'000'000'000},
                    {"USD", 2, {}, 1'000'000'000}};
  genesis.fees = {.asset = 0,
                  .per_transaction = 10,
                  .per_operation = 5,
                  .per_cancel = 1,
                  .per_byte = 0,
                  .account_deposit = 100,
                  .order_deposit = 7,
                  .asset_deposit = 50,
                  .market_deposit = 60};
  genesis.markets = {{1, 2, 10, 3, 6, 100, 500}};
  for (std::uint8_t n = 1; n <= 3; ++n) {
    genesis.accounts.push_back({Key(n).public_key(), {{0, kRich}, {1, kRich}, {2, kRich}}});
  }
  genesis.validators = {{"v", Key(1).public_key()}};
  return genesis;
}

class ExchangeTest : public ::testing::Test {
 protected:
  ExchangeTest() {
    EXPECT_TRUE(CheckVerifier().ok());
    exchange_ = *Exchange::Open(&store_);
    EXPECT_TRUE(exchange_->InitChain(TestGenesis()).ok());
    parent_time_ = 1'000;
  }

  std::string Sign(std::uint8_t who, std::uint64_t nonce, std::vector<Operation> operations,
                   bool atomic = false) {
    const KeyPair key = Key(who);
    Transaction transaction;
    transaction.genesis_hash = exchange_->Info().genesis_hash;
    transaction.account = key.public_key();
    transaction.signer = key.public_key();
    transaction.nonce = Nonce(nonce);
    transaction.valid_until = TimeMicros(parent_time_ + 60'000'000);
    transaction.atomic = atomic;
    transaction.operations = std::move(operations);
    const std::string body = EncodeTransaction(transaction);
    const Hash256 genesis = transaction.genesis_hash;
    return EncodeSignedTransaction(body, key.Sign(AsBytes(SigningBytes(genesis, AsBytes(body)))));
  }

  Block Next(std::vector<std::string> transactions) {
    Block block;
    block.height = Height(exchange_->Info().head.height.value() + 1);
    block.time = TimeMicros(parent_time_ += 1'000);
    block.hash = HashOf(AsBytes(std::to_string(parent_time_)));
    block.parent_hash = exchange_->Info().head.block_hash;
    block.transactions = std::move(transactions);
    return block;
  }

  // Runs and commits a block; the laws hold after it.
  BlockResult Run(std::vector<std::string> transactions) {
    auto result = exchange_->FinalizeBlock(Next(std::move(transactions)));
    EXPECT_TRUE(result.ok()) << result.status();
    EXPECT_TRUE(exchange_->Commit().ok());
    const absl::Status laws = CheckLaws(exchange_->core());
    EXPECT_TRUE(laws.ok()) << laws;
    return *std::move(result);
  }

  ledger::Balance BalanceOf(std::uint8_t who, std::uint32_t asset) {
    const auto& state = exchange_->core().state;
    const auto& account = state.account(*state.FindAccount(Key(who).public_key()));
    for (const ledger::Balance& balance : account.balances) {
      if (balance.asset == AssetIndex(asset)) return balance;
    }
    return {};
  }

  ledger::MemoryStore store_;
  std::unique_ptr<Exchange> exchange_;
  std::uint64_t parent_time_;
};

PlaceOrder Order(Side side, std::uint64_t price, std::uint64_t quantity,
                 OrderType type = OrderType::kLimit) {
  PlaceOrder order;
  order.market = MarketId(1);
  order.side = side;
  order.type = type;
  order.price = PriceTicks(price);
  order.quantity = Lots(quantity);
  return order;
}

constexpr std::uint32_t kBrs = 1, kBtc = 2, kUsd = 3;

TEST_F(ExchangeTest, SettlesASwapExactlyAtTheMakersPrice) {
  Run({Sign(1, 0, {Order(Side::kSell, 100, 5)})});
  const BlockResult result = Run({Sign(2, 0, {Order(Side::kBuy, 102, 5)})});

  // 5 lots · 100 ticks · 3 = 1,500; fees round up: 100 ppm is 0.15, 500 ppm 0.75.
  EXPECT_EQ(BalanceOf(1, kUsd).free, Atoms(kRich + 1'500 - 1));
  EXPECT_EQ(BalanceOf(2, kUsd).free, Atoms(kRich - 1'500 - 1));
  EXPECT_EQ(BalanceOf(1, kBtc).free, Atoms(kRich - 50));
  EXPECT_EQ(BalanceOf(2, kBtc).free, Atoms(kRich + 50));
  EXPECT_EQ(BalanceOf(2, kUsd).reserved, Atoms(0));
  EXPECT_EQ(exchange_->core().state.asset(AssetIndex(kUsd)).fee_pot, Atoms(2));
  EXPECT_EQ(result.receipts[0].results[0].status, OrderStatus::kFilled);

  ledger::Event event;
  ASSERT_TRUE(Decode(result.events.At(0), &event));
  const auto& swap = std::get<ledger::Swap>(event);
  EXPECT_EQ(swap.quote_amount, Atoms(1'500));
  EXPECT_EQ(swap.taker_txid, result.receipts[0].txid);
}

TEST_F(ExchangeTest, ChargesAndDepositsComeBackAsTheyShould) {
  Run({Sign(1, 0, {Order(Side::kSell, 100, 5)})});
  EXPECT_EQ(BalanceOf(1, kBrs).free, Atoms(kRich - 100 - 15 - 7));
  EXPECT_EQ(BalanceOf(1, kBrs).reserved, Atoms(107));
  Run({Sign(1, 1, {CancelAll{}})});
  EXPECT_EQ(BalanceOf(1, kBrs).free, Atoms(kRich - 100 - 15 - 11));
  EXPECT_EQ(BalanceOf(1, kBrs).reserved, Atoms(100));
}

TEST_F(ExchangeTest, SplittingAnOrderChangesNoFee) {
  Run({Sign(1, 0, {Order(Side::kSell, 100, 5)})});
  std::vector<Operation> singles(5, Order(Side::kBuy, 100, 1));
  Run({Sign(2, 0, std::move(singles))});
  // The maker met five takers, and pays what one of 5 lots would have cost it.
  EXPECT_EQ(BalanceOf(1, kUsd).free, Atoms(kRich + 1'500 - 1));
}

TEST_F(ExchangeTest, SkipsWhatNoMempoolTakesAndKeepsTheFirstRecord) {
  const std::string first = Sign(1, 0, {Order(Side::kSell, 100, 5)});
  const BlockResult once = Run({first});
  const Atoms before = BalanceOf(1, kBrs).free;
  const BlockResult again = Run(
      {first, "no transaction", first, Sign(7, 0, {CancelAll{}}), Sign(1, 5'000, {CancelAll{}})});
  const SkipReason expected[] = {SkipReason::kNonceBelowFloor, SkipReason::kInvalid,
                                 SkipReason::kNonceBelowFloor, SkipReason::kUnknownAccount,
                                 SkipReason::kNonceBeyondWindow};
  for (std::size_t i = 0; i < again.receipts.size(); ++i) {
    EXPECT_EQ(again.receipts[i].skip, expected[i]) << i;
    EXPECT_EQ(again.receipts[i].charged, Atoms(0)) << i;
  }
  EXPECT_EQ(BalanceOf(1, kBrs).free, before);
  const auto stored =
      store_.Get(ledger::Family::kTransactions, ledger::TransactionKey(once.receipts[0].txid));
  ledger::Receipt receipt;
  ASSERT_TRUE(Decode(**stored, &receipt));
  EXPECT_EQ(receipt.height, Height(1));
}

TEST_F(ExchangeTest, MakersCancelBeforeTakersOfTheSameBlockHitThem) {
  PlaceOrder maker = Order(Side::kSell, 100, 5);
  maker.client_id = ClientOrderId(8);
  Run({Sign(1, 0, {maker})});
  const BlockResult result =
      Run({Sign(2, 0, {Order(Side::kBuy, 100, 5, OrderType::kImmediateOrCancel)}),
           Sign(1, 1, {CancelOrder{{true, 8}}})});
  EXPECT_EQ(result.receipts[0].results[0].filled, Lots(0));
  EXPECT_EQ(result.receipts[1].results[0].status, OrderStatus::kCancelled);
}

TEST_F(ExchangeTest, ACancelBeforeItsPlaceBarsTheClientId) {
  PlaceOrder late = Order(Side::kSell, 100, 5);
  late.client_id = ClientOrderId(8);
  const BlockResult cancel = Run({Sign(1, 0, {CancelOrder{{true, 8}}})});
  EXPECT_EQ(cancel.receipts[0].results[0].reason, RejectReason::kOrderNotFound);
  const BlockResult place = Run({Sign(1, 1, {late})});
  EXPECT_EQ(place.receipts[0].results[0].reason, RejectReason::kClientIdBarred);
}

TEST_F(ExchangeTest, AnAtomicRequoteHasNoGapAndLeavesAllAsItWasWhereItFails) {
  PlaceOrder bid = Order(Side::kBuy, 90, 5, OrderType::kPostOnly);
  bid.client_id = ClientOrderId(1);
  Run({Sign(1, 0, {bid}), Sign(2, 0, {Order(Side::kSell, 100, 5)})});

  PlaceOrder crossing = Order(Side::kBuy, 100, 1, OrderType::kPostOnly);
  BlockResult result = Run({Sign(1, 1, {CancelOrder{{true, 1}}, crossing}, true)});
  EXPECT_EQ(result.receipts[0].results[0].reason, RejectReason::kAtomicAborted);
  EXPECT_EQ(result.receipts[0].results[1].reason, RejectReason::kWouldTake);
  EXPECT_EQ(result.events.size(), 0u);

  ReplaceOrder requote{{true, 1}, PriceTicks(99), Lots(7), true};
  result = Run({Sign(1, 2, {requote, Order(Side::kBuy, 98, 1, OrderType::kPostOnly)}, true)});
  EXPECT_EQ(result.receipts[0].results[0].status, OrderStatus::kOpen);
  EXPECT_EQ(exchange_->core().engine.Best(MarketId(1), Side::kBuy), PriceTicks(99));
}

TEST_F(ExchangeTest, ReplayGivesTheSameRootsAndEvents) {
  ledger::MemoryStore other_store;
  auto other = *Exchange::Open(&other_store);
  ASSERT_TRUE(other->InitChain(TestGenesis()).ok());
  std::uint64_t nonce = 0;
  for (int round = 0; round < 20; ++round, ++nonce) {
    const Block block = Next({Sign(1, nonce, {Order(Side::kSell, 100 + nonce % 3, 5)}),
                              Sign(2, nonce, {Order(Side::kBuy, 101, 3 + nonce % 4)})});
    if (round % 7 == 3) other = *Exchange::Open(&other_store);  // a restart
    const auto a = exchange_->FinalizeBlock(block);
    const auto b = other->FinalizeBlock(block);
    EXPECT_EQ(a->header.state_root, b->header.state_root) << "round " << round;
    EXPECT_EQ(a->header.results_root, b->header.results_root);
    EXPECT_EQ(a->events.Pack(), b->events.Pack());
    ASSERT_TRUE(exchange_->Commit().ok() && other->Commit().ok());
  }
  EXPECT_EQ(exchange_->Info().state_root, other->Info().state_root);
}

TEST_F(ExchangeTest, FindsADamagedRecordWhenItOpens) {
  Run({Sign(1, 0, {Order(Side::kSell, 100, 5)})});
  ASSERT_TRUE(Exchange::Open(&store_).ok());
  const std::string key = ledger::AccountKey(Key(1).public_key());
  ledger::Account account;
  ASSERT_TRUE(Decode(**store_.Get(ledger::Family::kAccounts, key), &account));
  Atoms& free = account.balances.front().free;
  free = Atoms(free.value() + 1);
  ledger::Batch damage;
  damage.Put(ledger::Family::kAccounts, key, Encode(account));
  ASSERT_TRUE(store_.Apply(damage).ok());
  EXPECT_EQ(Exchange::Open(&store_).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(ExchangeTest, AReceiptAndASwapHaveProofs) {
  const BlockResult result =
      Run({Sign(1, 0, {Order(Side::kSell, 100, 5)}), Sign(2, 0, {Order(Side::kBuy, 100, 5)})});
  const auto packed = store_.Get(ledger::Family::kBlocks, ledger::ResultLeavesKey(Height(1)));
  const std::string& bytes = **packed;
  std::vector<Hash256> leaves(bytes.size() / 32);
  std::memcpy(leaves.data(), bytes.data(), bytes.size());
  ASSERT_EQ(leaves.size(), 2 + result.events.size());
  const Hash256 swap = ledger::MerkleLeaf(AsBytes(result.events.At(result.events.size() - 1)));
  const std::size_t index = leaves.size() - 1;
  EXPECT_TRUE(ledger::VerifyMerklePath(result.header.results_root, swap, index, leaves.size(),
                                       ledger::MerklePath(leaves, index)));
}

TEST_F(ExchangeTest, SimulationTellsWhatTheTransactionWouldDoAndChangesNothing) {
  Run({Sign(1, 0, {Order(Side::kSell, 100, 5)})});
  const std::string bytes = Sign(2, 0, {Order(Side::kBuy, 102, 7)});
  const Hash256 root = exchange_->Info().state_root;
  const Simulation simulation =
      exchange_->Simulate(*DecodeSignedTransaction(AsBytes(bytes)), TimeMicros(parent_time_));
  EXPECT_EQ(simulation.receipt.results[0].filled, Lots(5));
  EXPECT_EQ(simulation.receipt.results[0].status, OrderStatus::kOpen);
  const BlockResult real = Run({bytes});
  EXPECT_EQ(real.receipts[0].results, simulation.receipt.results);
  EXPECT_NE(exchange_->Info().state_root, root);
}

TEST_F(ExchangeTest, ATransferToANewKeyCreatesTheAccountWithItsDeposit) {
  const BlockResult result = Run({Sign(
      1, 0,
      {Transfer{Key(50).public_key(), ledger::MakeAssetId({}, "USD"), Atoms(1'000), "rent"}})});
  EXPECT_EQ(result.receipts[0].results[0].reason, RejectReason::kNone);
  EXPECT_EQ(BalanceOf(50, kUsd).free, Atoms(1'000));
  EXPECT_EQ(BalanceOf(50, kBrs).reserved, Atoms(100));
}

TEST_F(ExchangeTest, ABalanceThatIsSpentTakesNoMemory) {
  const AssetId usd = ledger::MakeAssetId({}, "USD");
  const auto assets = [&](std::uint8_t who) {
    const auto& state = exchange_->core().state;
    return state.account(*state.FindAccount(Key(who).public_key())).balances.size();
  };
  ASSERT_EQ(assets(1), 3u);
  Run({Sign(1, 0, {Transfer{Key(2).public_key(), usd, Atoms(kRich), ""}})});
  EXPECT_EQ(assets(1), 2u);
  Run({Sign(2, 0, {Transfer{Key(1).public_key(), usd, Atoms(5), ""}})});
  EXPECT_EQ(BalanceOf(1, kUsd).free, Atoms(5));
}

TEST_F(ExchangeTest, CancelAllOfAMarketLeavesTheAccountsOrdersElsewhere) {
  const AssetId btc = ledger::MakeAssetId(Key(9).public_key(), "BTC");
  const AssetId usd = ledger::MakeAssetId({}, "USD");
  Run({Sign(1, 0, {CreateMarket{btc, usd, 10, 3, Atoms(6), 100, 500}})});
  PlaceOrder there = Order(Side::kSell, 100, 5);
  there.market = MarketId(2);
  const PlaceOrder here = Order(Side::kSell, 100, 5);
  Run({Sign(1, 1, {here, there, here, there, here})});
  EXPECT_EQ(Run({Sign(1, 2, {CancelAll{MarketId(2), false}})}).receipts[0].results[0].cancelled,
            2u);
  Run({Sign(1, 3, {there})});
  EXPECT_EQ(Run({Sign(1, 4, {CancelAll{MarketId(1), false}})}).receipts[0].results[0].cancelled,
            3u);
  EXPECT_EQ(Run({Sign(1, 5, {CancelAll{}})}).receipts[0].results[0].cancelled, 1u);
  EXPECT_EQ(exchange_->core().engine.resting(), 0u);
}

TEST_F(ExchangeTest, ACarriedOrderGoesOnInTheNextBlockAndNobodyMeetsItMeanwhile) {
  auto exchange = *Exchange::Open(&store_, {.max_fills_per_operation = 2});
  exchange_ = std::move(exchange);
  std::vector<Operation> asks(5, Order(Side::kSell, 100, 1));
  Run({Sign(1, 0, std::move(asks))});
  BlockResult result = Run({Sign(2, 0, {Order(Side::kBuy, 100, 6)}),
                            Sign(3, 0, {Order(Side::kSell, 99, 1, OrderType::kPostOnly)})});
  EXPECT_EQ(result.receipts[0].results[0].status, OrderStatus::kCarried);
  EXPECT_EQ(result.receipts[0].results[0].remaining, Lots(4));
  EXPECT_EQ(result.receipts[1].results[0].status, OrderStatus::kOpen);
  Run({});  // meets the 99 and one of 100
  Run({});
  EXPECT_TRUE(exchange_->core().orders.carried().empty());
  EXPECT_EQ(exchange_->core().engine.resting(), 0u);
}

}  // namespace
}  // namespace bourse::exchange
