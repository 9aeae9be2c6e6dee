#include "node/api/order_view.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "ledger/memory_store.h"
#include "ledger/schema.h"

namespace bourse::api {
namespace {

using ledger::Family;

// A ledger of orders, accounts and a head, written block by block.
class OrderViewTest : public testing::Test {
 protected:
  static constexpr int kAccounts = 4;

  OrderViewTest() {
    for (int i = 0; i < kAccounts; ++i) {
      ledger::Account& account = accounts_[i];
      account.id.bytes[0] = static_cast<std::uint8_t>(i + 1);
      account.index = AccountIndex(static_cast<std::uint32_t>(i));
      Put(account);
    }
    EndBlock(1);
  }

  static ledger::Order MakeOrder(std::uint64_t id, int account, Side side, std::uint64_t price,
                                 std::uint64_t remaining) {
    ledger::Order order;
    order.id = OrderId(id);
    order.priority = order.id;
    order.account = AccountIndex(static_cast<std::uint32_t>(account));
    order.market = MarketId(1);
    order.side = side;
    order.price = PriceTicks(price);
    order.quantity = Lots(remaining);
    order.remaining = Lots(remaining);
    return order;
  }

  void Put(const ledger::Order& order) {
    batch_.Put(Family::kOrders, ledger::OrderKey(order.id), ledger::Encode(order));
  }
  void Put(const ledger::Account& account) {
    batch_.Put(Family::kAccounts, ledger::AccountKey(account.id), ledger::Encode(account));
  }
  void Delete(OrderId id) { batch_.Delete(Family::kOrders, ledger::OrderKey(id)); }

  void EndBlock(std::uint64_t time) {
    ledger::Head head;
    head.height = Height(++height_);
    head.time = TimeMicros(time);
    batch_.Put(Family::kMeta, ledger::kHeadKey, ledger::Encode(head));
    ASSERT_TRUE(store_.Apply(batch_).ok());
    view_.Apply(batch_);
    batch_.Clear();
  }

  std::vector<Level> Bids() { return view_.Levels(MarketId(1), 100).bids; }
  std::vector<Level> Asks() { return view_.Levels(MarketId(1), 100).asks; }

  static Level L(std::uint64_t price, std::uint64_t quantity, std::uint32_t orders) {
    return {PriceTicks(price), quantity, orders};
  }

  ledger::MemoryStore store_;
  OrderView view_;
  ledger::Batch batch_;
  std::map<int, ledger::Account> accounts_;
  std::uint64_t height_ = 0;
};

using Levels = std::vector<Level>;

TEST_F(OrderViewTest, SumsOrdersByPriceBestFirst) {
  Put(MakeOrder(1, 0, Side::kBuy, 100, 5));
  Put(MakeOrder(2, 1, Side::kBuy, 100, 7));
  Put(MakeOrder(3, 1, Side::kBuy, 101, 1));
  Put(MakeOrder(4, 2, Side::kSell, 105, 2));
  Put(MakeOrder(5, 2, Side::kSell, 103, 3));
  EndBlock(2);
  EXPECT_EQ(Bids(), (Levels{L(101, 1, 1), L(100, 12, 2)}));
  EXPECT_EQ(Asks(), (Levels{L(103, 3, 1), L(105, 2, 1)}));
  EXPECT_EQ(view_.Levels(MarketId(1), 1).bids, (Levels{L(101, 1, 1)}));
  EXPECT_TRUE(view_.Levels(MarketId(2), 1).bids.empty());
}

TEST_F(OrderViewTest, FollowsFillsRepricingAndEnds) {
  ledger::Order order = MakeOrder(1, 0, Side::kBuy, 100, 5);
  Put(order);
  EndBlock(2);
  order.remaining = Lots(2);
  Put(order);
  EndBlock(3);
  EXPECT_EQ(Bids(), (Levels{L(100, 2, 1)}));
  order.price = PriceTicks(90);
  Put(order);
  EndBlock(4);
  EXPECT_EQ(Bids(), (Levels{L(90, 2, 1)}));
  Delete(order.id);
  EndBlock(5);
  EXPECT_TRUE(Bids().empty());
}

TEST_F(OrderViewTest, ACarriedOrderIsInNoBookUntilItRests) {
  ledger::Order order = MakeOrder(1, 0, Side::kBuy, 100, 5);
  order.carried = true;
  Put(order);
  EndBlock(2);
  EXPECT_TRUE(Bids().empty());
  order.carried = false;
  Put(order);
  EndBlock(3);
  EXPECT_EQ(Bids(), (Levels{L(100, 5, 1)}));
}

TEST_F(OrderViewTest, AnExpiredOrderLeavesTheBookBeforeItsRecordDoes) {
  ledger::Order order = MakeOrder(1, 0, Side::kBuy, 100, 5);
  order.expires = TimeMicros(10);
  Put(order);
  EndBlock(9);
  EXPECT_EQ(Bids().size(), 1u);
  EndBlock(10);
  EXPECT_TRUE(Bids().empty());
  EXPECT_EQ(view_.OrdersOf(AccountIndex(0), MarketId(0), OrderId(0), 10).size(), 1u);
}

TEST_F(OrderViewTest, ACutoffTakesOlderOrdersOfTheMarketOutOfTheBook) {
  Put(MakeOrder(1, 0, Side::kBuy, 100, 5));
  Put(MakeOrder(9, 0, Side::kBuy, 101, 5));
  Put(MakeOrder(2, 1, Side::kBuy, 102, 5));
  EndBlock(2);
  accounts_[0].cutoffs = {{MarketId(1), OrderId(9)}};
  Put(accounts_[0]);
  EndBlock(3);
  EXPECT_EQ(Bids(), (Levels{L(102, 5, 1), L(101, 5, 1)}));
}

TEST_F(OrderViewTest, ListsAnAccountsOrdersByMarketAndAfterAnId) {
  for (std::uint64_t id = 1; id <= 6; ++id) {
    ledger::Order order = MakeOrder(id, 0, Side::kBuy, 100, 5);
    order.market = MarketId(id % 2 == 0 ? 2 : 1);
    Put(order);
  }
  EndBlock(2);
  const auto ids = [&](std::uint32_t market, std::uint64_t after, std::size_t count) {
    std::vector<std::uint64_t> out;
    for (const OrderId id :
         view_.OrdersOf(AccountIndex(0), MarketId(market), OrderId(after), count)) {
      out.push_back(id.value());
    }
    return out;
  };
  using Ids = std::vector<std::uint64_t>;
  EXPECT_EQ(ids(0, 0, 10), (Ids{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(ids(2, 2, 10), (Ids{4, 6}));
  EXPECT_EQ(ids(0, 3, 2), (Ids{4, 5}));
}

TEST_F(OrderViewTest, FindsAnOrderByItsClientIdWhileItIsThere) {
  ledger::Order order = MakeOrder(1, 0, Side::kBuy, 100, 5);
  order.client_id = ClientOrderId(77);
  Put(order);
  EndBlock(2);
  EXPECT_EQ(view_.FindClientId(AccountIndex(0), ClientOrderId(77)), OrderId(1));
  EXPECT_EQ(view_.FindClientId(AccountIndex(1), ClientOrderId(77)), std::nullopt);
  Delete(order.id);
  EndBlock(3);
  EXPECT_EQ(view_.FindClientId(AccountIndex(0), ClientOrderId(77)), std::nullopt);
}

class OrderViewRandomTest : public OrderViewTest, public testing::WithParamInterface<unsigned> {
 protected:
  // Changes some orders and cutoffs at random.
  void RandomBlock(std::mt19937& random, std::uint64_t time) {
    const auto draw = [&](unsigned below) { return static_cast<std::uint64_t>(random() % below); };
    for (std::uint64_t change = 0; change < draw(8); ++change) {
      const std::uint64_t id = 1 + draw(40);
      if (draw(4) == 0) {
        Delete(OrderId(id));
        continue;
      }
      ledger::Order order =
          MakeOrder(id, static_cast<int>(id % kAccounts), draw(2) == 0 ? Side::kBuy : Side::kSell,
                    90 + draw(20), 1 + draw(50));
      order.market = MarketId(static_cast<std::uint32_t>(1 + id % 2));
      order.carried = draw(6) == 0;
      order.client_id = ClientOrderId(draw(3) == 0 ? id : 0);
      if (draw(3) == 0) order.expires = TimeMicros(time + draw(20));
      Put(order);
    }
    if (draw(4) == 0) {
      ledger::Account& account = accounts_[static_cast<int>(draw(kAccounts))];
      account.cutoffs.clear();
      if (draw(2) == 0) {
        account.cutoffs.push_back(
            {MarketId(static_cast<std::uint32_t>(draw(3))), OrderId(draw(40))});
      }
      Put(account);
    }
  }
};

TEST_P(OrderViewRandomTest, IsWhatARebuildFromTheStoreGives) {
  std::mt19937 random(GetParam());
  std::uint64_t time = 1;
  for (int block = 0; block < 400; ++block) {
    time += 1 + random() % 3;
    RandomBlock(random, time);
    EndBlock(time);
    OrderView rebuilt;
    ASSERT_TRUE(rebuilt.Load(store_).ok());
    for (const std::uint32_t market : {1u, 2u}) {
      const BookLevels here = view_.Levels(MarketId(market), 1'000);
      const BookLevels there = rebuilt.Levels(MarketId(market), 1'000);
      ASSERT_EQ(here.bids, there.bids) << "block " << block;
      ASSERT_EQ(here.asks, there.asks) << "block " << block;
      ASSERT_EQ(here.height, there.height);
    }
    for (std::uint32_t account = 0; account < kAccounts; ++account) {
      ASSERT_EQ(view_.OrdersOf(AccountIndex(account), MarketId(0), OrderId(0), 1'000),
                rebuilt.OrdersOf(AccountIndex(account), MarketId(0), OrderId(0), 1'000));
      for (std::uint64_t id = 1; id <= 40; ++id) {
        ASSERT_EQ(view_.FindClientId(AccountIndex(account), ClientOrderId(id)),
                  rebuilt.FindClientId(AccountIndex(account), ClientOrderId(id)));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, OrderViewRandomTest, testing::Range(1u, 9u));

}  // namespace
}  // namespace bourse::api
