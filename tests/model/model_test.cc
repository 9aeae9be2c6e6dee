// The rules by example: scenarios whose outcome one can work out by hand.
//
// One market, BTC/USD: a lot is 10 atoms of BTC, a tick 5 atoms of USD. Makers pay 1,000 ppm and
// takers 2,500. An order's deposit is 7 GAS, an account's 100; transactions are free.
#include "tests/model/model.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/ed25519.h"
#include "tests/model/funds.h"

namespace bourse::model {
namespace {

constexpr std::uint64_t kSecond = 1'000'000;

AccountId Key(std::uint8_t number) {
  std::array<std::uint8_t, 32> seed{};
  seed[0] = number;
  return KeyPair::FromSeed(seed).public_key();
}

ledger::Genesis MakeGenesis() {
  ledger::Genesis genesis;
  genesis.chain_name = "rules";
  genesis.time = TimeMicros(1'000 * kSecond);
  genesis.fees.asset = 2;
  genesis.fees.account_deposit = 100;
  genesis.fees.order_deposit = 7;
  genesis.assets = {{"USD", 2, Key(1), 1'000'000'000},
                    {"BTC", 8, AccountId{}, 1'000'000'000},
                    {"GAS", 0, AccountId{}, 1'000'000'000}};
  genesis.markets = {{.base = 1,
                      .quote = 0,
                      .lot_size = 10,
                      .tick_size = 5,
                      .min_notional = 0,
                      .maker_fee_ppm = 1'000,
                      .taker_fee_ppm = 2'500}};
  for (std::uint8_t number = 1; number <= 3; ++number) {
    genesis.accounts.push_back({Key(number), {{0, 1'000'000}, {1, 1'000'000}, {2, 1'000}}});
  }
  genesis.validators = {{"one", Key(9)}};
  return genesis;
}

PlaceOrder Limit(Side side, std::uint64_t price, std::uint64_t quantity) {
  PlaceOrder op;
  op.market = MarketId(1);
  op.side = side;
  op.price = PriceTicks(price);
  op.quantity = Lots(quantity);
  return op;
}
PlaceOrder Buy(std::uint64_t price, std::uint64_t quantity) {
  return Limit(Side::kBuy, price, quantity);
}
PlaceOrder Sell(std::uint64_t price, std::uint64_t quantity) {
  return Limit(Side::kSell, price, quantity);
}
PlaceOrder WithClientId(PlaceOrder op, std::uint64_t client_id) {
  op.client_id = ClientOrderId(client_id);
  return op;
}
PlaceOrder OfType(PlaceOrder op, OrderType type, SelfTrade mode = SelfTrade::kCancelTaker) {
  op.type = type;
  op.self_trade = mode;
  return op;
}
PlaceOrder Until(PlaceOrder op, TimeMicros expires) {
  op.expires = expires;
  return op;
}
CancelOrder CancelClientId(std::uint64_t id) { return {{.by_client_id = true, .id = id}}; }
ReplaceOrder Replace(OrderId order, std::uint64_t price, std::uint64_t quantity) {
  return {.target = {.id = order.value()}, .price = PriceTicks(price), .quantity = Lots(quantity)};
}

class ModelTest : public testing::Test {
 protected:
  static constexpr std::uint8_t kAnn = 1;
  static constexpr std::uint8_t kBob = 2;
  static constexpr std::uint8_t kCat = 3;

  exchange::Limits limits_;

  Model& model() {
    if (model_ == nullptr) model_ = std::make_unique<Model>(MakeGenesis(), limits_);
    return *model_;
  }
  TimeMicros now() { return TimeMicros(model().state().time); }

  // Each test's transactions get nonces of their own, in the order in which they are made.
  Transaction By(std::uint8_t who, std::vector<Operation> operations) {
    return {.genesis_hash = model().state().genesis_hash,
            .account = Key(who),
            .signer = Key(who),
            .nonce = Nonce(next_nonce_++),
            .valid_until = TimeMicros(now().value() + 600 * kSecond),
            .operations = std::move(operations)};
  }

  Outcome RunBlock(const std::vector<Transaction>& transactions, std::uint64_t seconds = 1) {
    exchange::Block block;
    block.height = Height(model().state().height + 1);
    block.time = TimeMicros(now().value() + seconds * kSecond);
    for (const Transaction& transaction : transactions) {
      block.transactions.push_back(
          EncodeSignedTransaction(EncodeTransaction(transaction), Signature{}));
    }
    return model().RunBlock(block);
  }

  // One operation, in a block of its own.
  ledger::OperationResult Do(std::uint8_t who, Operation operation, std::uint64_t seconds = 1) {
    last_ = RunBlock({By(who, {std::move(operation)})}, seconds);
    return last_.receipts.at(0).results.at(0);
  }
  RejectReason WhyNot(std::uint8_t who, Operation operation) {
    return Do(who, std::move(operation)).reason;
  }
  std::vector<ledger::Swap> Swaps() const {
    std::vector<ledger::Swap> swaps;
    for (const ledger::Event& event : last_.events) {
      if (const auto* swap = std::get_if<ledger::Swap>(&event)) swaps.push_back(*swap);
    }
    return swaps;
  }

  AssetId Asset(const char* code) {
    return ledger::MakeAssetId(code == std::string("USD") ? Key(1) : AccountId{}, code);
  }
  std::uint64_t FreeOf(std::uint8_t who, const char* code) {
    return Free(model().state(), Key(who), Asset(code));
  }
  std::uint64_t ReservedOf(std::uint8_t who, const char* code) {
    return Reserved(model().state(), Key(who), Asset(code));
  }

  Outcome last_;

 private:
  std::unique_ptr<Model> model_;
  std::uint64_t next_nonce_ = 0;
};

TEST_F(ModelTest, ARestingBuyReservesItsNotionalItsFeeAtTheHigherRateAndItsDeposit) {
  Do(kAnn, Buy(100, 3));  // 3 · 100 · 5 = 1,500; 2,500 ppm of it are 3.75
  EXPECT_EQ(ReservedOf(kAnn, "USD"), 1'504u);
  EXPECT_EQ(ReservedOf(kAnn, "GAS"), 107u);
  EXPECT_EQ(ReservedOf(kAnn, "BTC"), 0u);
}

TEST_F(ModelTest, AFillPaysTheMakersPriceAndReleasesWhatIsSaved) {
  Do(kBob, Sell(100, 2));
  Do(kAnn, Buy(120, 3));
  ASSERT_EQ(Swaps().size(), 1u);
  EXPECT_EQ(Swaps()[0].quote_amount, Atoms(1'000));
  EXPECT_EQ(Swaps()[0].base_amount, Atoms(20));
  EXPECT_EQ(Swaps()[0].taker_fee, Atoms(3));  // 2.5, rounded up
  EXPECT_EQ(Swaps()[0].maker_fee, Atoms(1));
  // One lot is left, at 600; its fee of 1.5 is less by the half that was paid ahead.
  EXPECT_EQ(ReservedOf(kAnn, "USD"), 601u);
  EXPECT_EQ(FreeOf(kAnn, "USD"), 1'000'000u - 1'000 - 3 - 601);
  EXPECT_EQ(FreeOf(kBob, "USD"), 1'000'000u + 1'000 - 1);
  EXPECT_EQ(ReservedOf(kBob, "GAS"), 100u);  // the order's deposit is back
}

TEST_F(ModelTest, SplittingAnOrderIntoManyFillsCostsNothing) {
  for (int i = 0; i < 5; ++i) Do(kBob, Sell(20, 1));
  Do(kAnn, Buy(20, 5));  // five times 100 USD, of which 2,500 ppm are a quarter atom
  std::vector<std::uint64_t> fees;
  for (const ledger::Swap& swap : Swaps()) fees.push_back(swap.taker_fee.value());
  EXPECT_EQ(fees, (std::vector<std::uint64_t>{1, 0, 0, 0, 1}));
}

TEST_F(ModelTest, MeetsTheBestPriceFirstAndThenTheOldestOrder) {
  const OrderId worse = Do(kBob, Sell(101, 1)).order;
  const OrderId older = Do(kBob, Sell(100, 1)).order;
  const OrderId younger = Do(kCat, Sell(100, 1)).order;
  Do(kAnn, Buy(101, 3));
  ASSERT_EQ(Swaps().size(), 3u);
  EXPECT_EQ(Swaps()[0].maker_order, older);
  EXPECT_EQ(Swaps()[1].maker_order, younger);
  EXPECT_EQ(Swaps()[2].maker_order, worse);
}

TEST_F(ModelTest, AReplaceKeepsTheIdAndThePriorityOnlyIfItShrinks) {
  const OrderId shrunk = Do(kBob, Sell(100, 5)).order;
  const OrderId grown = Do(kBob, Sell(100, 5)).order;
  const OrderId other = Do(kCat, Sell(100, 5)).order;
  EXPECT_EQ(Do(kBob, Replace(shrunk, 100, 1)).order, shrunk);
  EXPECT_EQ(Do(kBob, Replace(grown, 100, 6)).order, grown);
  Do(kAnn, Buy(100, 12));
  ASSERT_EQ(Swaps().size(), 3u);
  EXPECT_EQ(Swaps()[0].maker_order, shrunk);
  EXPECT_EQ(Swaps()[1].maker_order, other);
  EXPECT_EQ(Swaps()[2].maker_order, grown);
}

TEST_F(ModelTest, SelfTradePreventionCancelsWhomTheTakerSays) {
  for (const SelfTrade mode :
       {SelfTrade::kCancelTaker, SelfTrade::kCancelMaker, SelfTrade::kCancelBoth}) {
    const OrderId own = Do(kAnn, Sell(100, 1)).order;
    const ledger::OperationResult taker = Do(kAnn, OfType(Buy(100, 2), OrderType::kLimit, mode));
    const bool maker_left = mode != SelfTrade::kCancelTaker;
    const bool taker_left = mode != SelfTrade::kCancelMaker;
    EXPECT_EQ(model().state().orders.contains(own.value()), !maker_left);
    EXPECT_EQ(model().state().orders.contains(taker.order.value()), !taker_left);
    EXPECT_EQ(taker.status, taker_left ? OrderStatus::kCancelled : OrderStatus::kOpen);
    Do(kAnn, CancelAll{});
  }
}

TEST_F(ModelTest, AFillOrKillOrderCountsOnlyWhatOthersOffer) {
  Do(kAnn, Sell(100, 5));
  Do(kBob, Sell(101, 5));
  const auto fill = [](std::uint64_t quantity, SelfTrade mode) {
    return OfType(Buy(101, quantity), OrderType::kFillOrKill, mode);
  };
  EXPECT_EQ(WhyNot(kAnn, fill(6, SelfTrade::kCancelMaker)), RejectReason::kNotFillable);
  EXPECT_EQ(WhyNot(kAnn, fill(1, SelfTrade::kCancelTaker)), RejectReason::kNotFillable);
  EXPECT_EQ(WhyNot(kAnn, fill(5, SelfTrade::kCancelBoth)), RejectReason::kNotFillable);
  EXPECT_EQ(WhyNot(kAnn, fill(5, SelfTrade::kCancelMaker)), RejectReason::kNone);
  EXPECT_TRUE(model().state().orders.empty());
}

TEST_F(ModelTest, AnOrderThatMeetsTooManyMakersGoesOnInTheNextBlock) {
  limits_.max_fills_per_operation = 2;
  for (int i = 0; i < 3; ++i) Do(kBob, Sell(100, 1));
  const ledger::OperationResult taker = Do(kAnn, Buy(100, 4));
  EXPECT_EQ(taker.status, OrderStatus::kCarried);
  EXPECT_EQ(taker.filled, Lots(2));
  EXPECT_EQ(taker.remaining, Lots(2));

  last_ = RunBlock({});
  ASSERT_EQ(Swaps().size(), 1u);
  EXPECT_EQ(Swaps()[0].taker_order, taker.order);
  EXPECT_EQ(Swaps()[0].taker_txid, TxId{});
  const Order& rested = model().state().orders.at(taker.order.value());
  EXPECT_EQ(rested.place, Place::kBook);
  EXPECT_EQ(rested.remaining, 1u);
  EXPECT_EQ(rested.priority, MakeOrderId(Height(5), 0).value());
}

TEST_F(ModelTest, ACancelThatComesFirstBarsItsClientIdForAsLongAsItWasValid) {
  EXPECT_EQ(WhyNot(kAnn, CancelClientId(8)), RejectReason::kOrderNotFound);
  EXPECT_EQ(WhyNot(kAnn, WithClientId(Buy(100, 1), 8)), RejectReason::kClientIdBarred);
  EXPECT_EQ(WhyNot(kBob, WithClientId(Buy(100, 1), 8)), RejectReason::kNone);
  EXPECT_EQ(Do(kAnn, WithClientId(Buy(100, 1), 8), 597).reason, RejectReason::kNone);
}

TEST_F(ModelTest, AClientIdIsRememberedForTenMinutesAfterItsOrder) {
  const OrderId order = Do(kAnn, WithClientId(Buy(100, 1), 8)).order;
  EXPECT_EQ(WhyNot(kAnn, WithClientId(Buy(100, 1), 8)), RejectReason::kDuplicateClientId);
  EXPECT_EQ(WhyNot(kAnn, CancelClientId(8)), RejectReason::kNone);
  const ledger::OperationResult again = Do(kAnn, WithClientId(Buy(100, 1), 8), 599);
  EXPECT_EQ(again.reason, RejectReason::kDuplicateClientId);
  EXPECT_EQ(again.order, order);
  EXPECT_EQ(WhyNot(kAnn, WithClientId(Buy(100, 1), 8)), RejectReason::kNone);
}

TEST_F(ModelTest, ExpiredOrdersLeaveTheBookAtOnceAndTheStateAFewABlock) {
  limits_.max_closures_per_block = 2;
  const TimeMicros expires(now().value() + 10 * kSecond);
  for (int i = 0; i < 3; ++i) Do(kBob, Until(Sell(100, 1), expires));
  last_ = RunBlock({}, 7);  // its time is `expires`
  EXPECT_EQ(last_.events.size(), 2u);
  EXPECT_EQ(model().state().orders.size(), 1u);
  EXPECT_EQ(ReservedOf(kBob, "BTC"), 10u);
  EXPECT_EQ(Do(kAnn, OfType(Buy(100, 1), OrderType::kMarket)).filled, Lots(0));
  EXPECT_TRUE(model().state().orders.empty());
}

TEST_F(ModelTest, PassiveTransactionsRunBeforeThoseThatMayTakeWhateverTheirNonces) {
  const OrderId order = Do(kBob, Sell(100, 1)).order;
  const Transaction take = By(kAnn, {Buy(100, 1)});
  const Transaction cancel = By(kBob, {CancelOrder{{.id = order.value()}}});
  const Outcome outcome = RunBlock({take, cancel});
  EXPECT_EQ(outcome.receipts[0].results[0].filled, Lots(0));
  EXPECT_EQ(outcome.receipts[1].results[0].reason, RejectReason::kNone);
}

TEST_F(ModelTest, AnAccountsTransactionsOfAPhaseRunByNonce) {
  const Transaction first = By(kAnn, {WithClientId(Buy(100, 1), 5)});
  const Transaction second = By(kAnn, {WithClientId(Buy(100, 1), 5)});
  const Outcome outcome = RunBlock({second, first});
  EXPECT_EQ(outcome.receipts[0].results[0].reason, RejectReason::kDuplicateClientId);
  EXPECT_EQ(outcome.receipts[1].results[0].reason, RejectReason::kNone);
}

TEST_F(ModelTest, AnAtomicTransactionDoesAllOrNothing) {
  Do(kBob, Sell(100, 1));
  Transaction atomic = By(
      kAnn, {OfType(Buy(99, 1), OrderType::kPostOnly), OfType(Buy(100, 1), OrderType::kPostOnly)});
  atomic.atomic = true;
  const Outcome outcome = RunBlock({atomic});
  EXPECT_EQ(outcome.receipts[0].results[0].reason, RejectReason::kAtomicAborted);
  EXPECT_EQ(outcome.receipts[0].results[1].reason, RejectReason::kWouldTake);
  EXPECT_EQ(model().state().orders.size(), 1u);
  EXPECT_EQ(ReservedOf(kAnn, "USD"), 0u);
}

TEST_F(ModelTest, ATransferToANewKeyPaysItsDepositOnTop) {
  EXPECT_EQ(WhyNot(kAnn, Transfer{Key(50), Asset("GAS"), Atoms(801), ""}),
            RejectReason::kInsufficientFunds);
  EXPECT_EQ(WhyNot(kAnn, Transfer{Key(50), Asset("GAS"), Atoms(800), ""}), RejectReason::kNone);
  EXPECT_EQ(FreeOf(kAnn, "GAS"), 0u);
  EXPECT_EQ(FreeOf(50, "GAS"), 800u);
  EXPECT_EQ(ReservedOf(50, "GAS"), 100u);
}

TEST_F(ModelTest, ATransactionRunsOnceHoweverOftenItIsIncluded) {
  const Transaction pay = By(kAnn, {Transfer{Key(kBob), Asset("USD"), Atoms(10), ""}});
  const Outcome outcome = RunBlock({pay, pay});
  EXPECT_EQ(outcome.receipts[0].skip, SkipReason::kNone);
  EXPECT_EQ(outcome.receipts[1].skip, SkipReason::kNonceBelowFloor);
  EXPECT_EQ(RunBlock({pay}).receipts[0].skip, SkipReason::kNonceBelowFloor);
  EXPECT_EQ(FreeOf(kBob, "USD"), 1'000'010u);
}

TEST_F(ModelTest, ACancelAllMayVoidWhatIsInFlight) {
  const Transaction in_flight = By(kAnn, {Buy(100, 1)});
  Do(kAnn, CancelAll{.market = MarketId(0), .void_in_flight = true});
  EXPECT_EQ(RunBlock({in_flight}).receipts[0].skip, SkipReason::kNonceBelowFloor);
}

}  // namespace
}  // namespace bourse::model
