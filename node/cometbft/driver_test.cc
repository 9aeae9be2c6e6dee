#include "node/cometbft/driver.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/ed25519.h"
#include "common/limits.h"
#include "common/transaction.h"
#include "ledger/memory_store.h"
#include "node/config/genesis_json.h"
#include "node/exchange/exchange.h"

namespace bourse::cometbft {
namespace {

KeyPair Key(std::uint8_t n) {
  std::array<std::uint8_t, 32> seed{};
  seed[0] = n;
  return KeyPair::FromSeed(seed);
}

constexpr std::uint64_t kRich = 1'000'000;
constexpr std::uint64_t kGenesisMicros = 1'700'000'000'000'000;

ledger::Genesis TestGenesis() {
  ledger::Genesis genesis;
  genesis.chain_name = "test";
  genesis.time = TimeMicros(kGenesisMicros);
  genesis.assets = {{"BRS", 6, {}, 1'000'000'000}, {"USD", 2, {}, 1'000'000'000}};
  genesis.fees = {.asset = 0, .per_transaction = 10, .account_deposit = 100};
  genesis.markets = {{0, 1, 10, 3, 6, 100, 500}};
  for (std::uint8_t n = 1; n <= 2; ++n) {
    genesis.accounts.push_back({Key(n).public_key(), {{0, kRich}, {1, kRich}}});
  }
  genesis.validators = {{"a", Key(11).public_key()}, {"b", Key(12).public_key()}};
  return genesis;
}

std::string Raw(const Hash256& hash) { return std::string(AsText(Bytes(hash.bytes))); }

class DriverTest : public ::testing::Test {
 protected:
  DriverTest() {
    EXPECT_TRUE(CheckVerifier().ok());
    Open();
    EXPECT_TRUE(exchange_->InitChain(genesis_).ok());
    Open();
  }

  // As after a restart of the node.
  void Open() {
    app_hashes_ = std::make_unique<AppHashStore>(&store_);
    exchange_ = *exchange::Exchange::Open(app_hashes_.get());
    if (!exchange_->started()) return;
    driver_.emplace(exchange_.get(), app_hashes_.get(), &genesis_, *ReadAppHash(store_));
  }

  std::string Sign(std::uint8_t who, std::uint64_t nonce, std::vector<Operation> operations) {
    const KeyPair key = Key(who);
    Transaction transaction;
    transaction.genesis_hash = exchange_->Info().genesis_hash;
    transaction.account = transaction.signer = key.public_key();
    transaction.nonce = Nonce(nonce);
    transaction.valid_until = TimeMicros(kGenesisMicros + 60'000'000);
    transaction.operations = std::move(operations);
    const std::string body = EncodeTransaction(transaction);
    return EncodeSignedTransaction(
        body, key.Sign(AsBytes(SigningBytes(transaction.genesis_hash, AsBytes(body)))));
  }

  std::string Order(std::uint8_t who, std::uint64_t nonce, Side side) {
    PlaceOrder order;
    order.market = MarketId(1);
    order.side = side;
    order.price = PriceTicks(100);
    order.quantity = Lots(5);
    return Sign(who, nonce, {order});
  }

  abci::RequestFinalizeBlock Block(std::uint64_t height, std::vector<std::string> transactions) {
    abci::RequestFinalizeBlock out;
    out.set_height(static_cast<std::int64_t>(height));
    out.set_hash(Raw(HashOf(AsBytes("block" + std::to_string(height)))));
    out.mutable_time()->set_seconds(static_cast<std::int64_t>(1'700'000'000 + height));
    out.mutable_time()->set_nanos(123'456'789);
    for (std::string& one : transactions) out.add_txs(std::move(one));
    return out;
  }

  // Finalizes and commits.
  abci::ResponseFinalizeBlock Run(std::uint64_t height, std::vector<std::string> transactions) {
    const auto response = driver_->FinalizeBlock(Block(height, std::move(transactions)));
    EXPECT_TRUE(response.ok()) << response.status();
    const auto committed = driver_->Commit();
    EXPECT_TRUE(committed.ok() && committed->has_value());
    return *response;
  }

  const ledger::Genesis genesis_ = TestGenesis();
  ledger::MemoryStore store_;
  std::unique_ptr<AppHashStore> app_hashes_;
  std::unique_ptr<exchange::Exchange> exchange_;
  std::optional<Driver> driver_;
};

abci::RequestInitChain InitChainOf(const ledger::Genesis& genesis) {
  abci::RequestInitChain out;
  out.set_chain_id(ChainId(ledger::GenesisHash(genesis)));
  out.set_app_state_bytes(config::GenesisToJson(genesis));
  out.set_initial_height(1);
  return out;
}

TEST_F(DriverTest, TheNetworksGenesisNamesItsValidatorsAndItsAppHash) {
  const auto response = driver_->InitChain(InitChainOf(genesis_));
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_EQ(response->validators_size(), 2);
  EXPECT_EQ(response->validators(1).pub_key().ed25519(),
            std::string(AsText(Bytes(Key(12).public_key().bytes))));
  EXPECT_EQ(response->validators(1).power(), 1);
  EXPECT_EQ(response->app_hash(), Raw(GenesisAppHash(exchange_->Info().state_root)));
  EXPECT_GE(response->consensus_params().block().max_bytes(),
            static_cast<std::int64_t>(limits::kMaxBlockBytes));
  EXPECT_EQ(driver_->Info().last_block_height(), 0);
}

TEST_F(DriverTest, AnotherNetworksGenesisIsRefused) {
  ledger::Genesis other = genesis_;
  other.chain_name = "other";
  EXPECT_FALSE(driver_->InitChain(InitChainOf(other)).ok());
  abci::RequestInitChain request = InitChainOf(genesis_);
  request.set_app_state_bytes("{}");
  EXPECT_FALSE(driver_->InitChain(request).ok());
  request = InitChainOf(genesis_);
  request.set_chain_id("bourse-0");
  EXPECT_FALSE(driver_->InitChain(request).ok());
}

TEST_F(DriverTest, ABlockIsAnsweredInItsOrderAndRunInOurs) {
  // The seller's is passive and so runs first, wherever the proposer puts it.
  PlaceOrder passive;
  passive.market = MarketId(1);
  passive.side = Side::kSell;
  passive.type = OrderType::kPostOnly;
  passive.price = PriceTicks(100);
  passive.quantity = Lots(5);
  const std::string buy = Order(1, 0, Side::kBuy), sell = Sign(2, 0, {passive});
  const abci::ResponseFinalizeBlock response = Run(1, {buy, "garbage", sell});

  ASSERT_EQ(response.tx_results_size(), 3);
  ledger::Receipt bought, skipped, sold;
  ASSERT_TRUE(ledger::Decode(response.tx_results(0).data(), &bought));
  ASSERT_TRUE(ledger::Decode(response.tx_results(1).data(), &skipped));
  ASSERT_TRUE(ledger::Decode(response.tx_results(2).data(), &sold));
  EXPECT_EQ(response.tx_results(0).code(), 0u);
  EXPECT_EQ(response.tx_results(1).code(), static_cast<std::uint32_t>(SkipReason::kInvalid));
  EXPECT_EQ(bought.txid, DecodeSignedTransaction(AsBytes(buy))->txid);
  ASSERT_EQ(bought.results.size(), 1u);
  EXPECT_EQ(bought.results[0].status, OrderStatus::kFilled);
  EXPECT_EQ(sold.results[0].status, OrderStatus::kOpen);

  const abci::Event& event = response.tx_results(0).events(0);
  ASSERT_EQ(event.attributes_size(), 3);
  EXPECT_EQ(event.attributes(0).value(), ToHex(bought.txid));
  EXPECT_EQ(event.attributes(2).key() + event.attributes(2).value(), "market1");
  EXPECT_EQ(response.tx_results(1).events_size(), 0);
}

TEST_F(DriverTest, WhatCannotRunAnyMoreIsAResultAndStopsNothing) {
  const std::string order = Order(1, 0, Side::kBuy);
  const auto response = Run(1, {order, order});
  EXPECT_EQ(response.tx_results(0).code(), 0u);
  EXPECT_EQ(response.tx_results(1).code(),
            static_cast<std::uint32_t>(SkipReason::kNonceBelowFloor));
  EXPECT_EQ(response.tx_results(1).log(), "NONCE_BELOW_FLOOR");
  EXPECT_EQ(driver_->Info().last_block_height(), 1);
}

TEST_F(DriverTest, TimeIsTheHeadersInMicrosecondsAndAlwaysLater) {
  Run(1, {});
  EXPECT_EQ(exchange_->Info().head.time, TimeMicros(1'700'000'001'123'456));
  abci::RequestFinalizeBlock early = Block(2, {});
  early.mutable_time()->set_seconds(-62'135'596'800);  // the year 1
  ASSERT_TRUE(driver_->FinalizeBlock(early).ok());
  ASSERT_TRUE(driver_->Commit().ok());
  EXPECT_EQ(exchange_->Info().head.time, TimeMicros(1'700'000'001'123'457));
  abci::RequestFinalizeBlock late = Block(3, {});
  late.mutable_time()->set_seconds(std::numeric_limits<std::int64_t>::max());
  late.mutable_time()->set_nanos(std::numeric_limits<std::int32_t>::max());
  ASSERT_TRUE(driver_->FinalizeBlock(late).ok());
  ASSERT_TRUE(driver_->Commit().ok());
  EXPECT_TRUE(driver_->FinalizeBlock(Block(4, {})).ok());
}

TEST_F(DriverTest, TheAppHashCommitsToResultsAndRestsWhileBlocksAreEmpty) {
  const std::string genesis = driver_->InitChain(InitChainOf(genesis_))->app_hash();
  EXPECT_EQ(Run(1, {}).app_hash(), genesis);
  const std::string first = Run(2, {Order(1, 0, Side::kBuy)}).app_hash();
  EXPECT_NE(first, genesis);
  EXPECT_EQ(Run(3, {}).app_hash(), first);
  const std::string garbage = Run(4, {"garbage"}).app_hash();
  EXPECT_NE(garbage, first);  // a receipt more
  EXPECT_EQ(driver_->Info().last_block_app_hash(), garbage);
  Open();
  EXPECT_EQ(driver_->Info().last_block_app_hash(), garbage);
  EXPECT_EQ(driver_->Info().last_block_height(), 4);
}

TEST_F(DriverTest, AnEngineThatMissedAnAnswerMayAskAgain) {
  const auto first = driver_->FinalizeBlock(Block(1, {Order(1, 0, Side::kBuy)}));
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(driver_->Info().last_block_height(), 0);  // nothing is durable yet
  const auto again = driver_->FinalizeBlock(Block(1, {Order(1, 0, Side::kBuy)}));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  ASSERT_TRUE((*driver_->Commit()).has_value());
  EXPECT_TRUE(driver_->FinalizeBlock(Block(1, {Order(1, 0, Side::kBuy)})).ok());
  const auto second_commit = driver_->Commit();
  ASSERT_TRUE(second_commit.ok());
  EXPECT_FALSE(second_commit->has_value());
  EXPECT_EQ(driver_->Info().last_block_height(), 1);
}

TEST_F(DriverTest, ABlockThatIsNotTheNextIsAnError) {
  EXPECT_FALSE(driver_->FinalizeBlock(Block(2, {})).ok());
  abci::RequestFinalizeBlock short_hash = Block(1, {});
  short_hash.set_hash("short");
  EXPECT_FALSE(driver_->FinalizeBlock(short_hash).ok());
  EXPECT_FALSE(driver_->Commit().ok());
}

TEST_F(DriverTest, AProposalHoldsWhatCanRunWithinTheEnginesLimit) {
  const std::string one = Order(1, 0, Side::kBuy), two = Order(2, 0, Side::kBuy);
  abci::RequestPrepareProposal request;
  request.mutable_time()->set_seconds(1'700'000'001);
  for (const std::string& each : {one, std::string("garbage"), one, two}) request.add_txs(each);
  request.set_max_tx_bytes(10'000);
  abci::ResponsePrepareProposal response = driver_->PrepareProposal(request);
  ASSERT_EQ(response.txs_size(), 2);
  EXPECT_EQ(response.txs(1), two);

  // By CometBFT's count: a message with these transactions.
  request.set_max_tx_bytes(static_cast<std::int64_t>(response.ByteSizeLong()));
  EXPECT_EQ(driver_->PrepareProposal(request).txs_size(), 2);
  request.set_max_tx_bytes(static_cast<std::int64_t>(response.ByteSizeLong()) - 1);
  EXPECT_EQ(driver_->PrepareProposal(request).txs_size(), 1);
}

TEST_F(DriverTest, ValidityOfAProposalIsAFunctionOfItsBytes) {
  const auto judge = [this](std::vector<std::string> transactions) {
    abci::RequestProcessProposal request;
    request.set_height(1);
    request.mutable_time()->set_seconds(1'700'000'001);
    for (std::string& one : transactions) request.add_txs(std::move(one));
    const exchange::Block block = driver_->Proposed(std::move(request));
    const ledger::Head parent = exchange_->Info().head;
    return exchange_->ProcessProposal(block, parent.height, parent.time, false).ok();
  };
  const std::string good = Order(1, 0, Side::kBuy);
  std::string forged = good;
  forged.back() = static_cast<char>(forged.back() ^ 1);
  EXPECT_TRUE(judge({}));
  EXPECT_TRUE(judge({good, Order(1, 4'000'000, Side::kBuy)}));  // it can't run, and that is all
  EXPECT_FALSE(judge({good, forged}));
  EXPECT_FALSE(judge({good, good}));
  EXPECT_FALSE(judge({good, "garbage"}));
  EXPECT_FALSE(judge({std::string(1 << 20, 'x')}));
}

}  // namespace
}  // namespace bourse::cometbft
