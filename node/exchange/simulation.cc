#include "node/exchange/simulation.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "node/exchange/order_checks.h"
#include "node/exchange/transaction_runner.h"

namespace bourse::exchange {
namespace {

// Copies what a transaction can reach into a core of its own.
class Copier {
 public:
  Copier(const Core& from, Core* to, TimeMicros time) : from_(from), to_(*to), time_(time) {
    to_.limits = from.limits;
    to_.genesis_hash = from.genesis_hash;
    to_.fees = from.fees;
    to_.fee_asset = from.fee_asset;
    to_.head = from.head;
    to_.engine.AddMarket();
    for (std::uint32_t i = 1; i <= from.state.assets(); ++i) {
      to_.state.RestoreAsset(from.state.asset(AssetIndex(i)));
    }
    for (std::uint32_t i = 1; i <= from.state.markets(); ++i) {
      to_.state.RestoreMarket(from.state.market(MarketId(i)));
      to_.engine.AddMarket();
    }
  }

  void Copy(const Transaction& transaction) {
    const auto sender = from_.state.FindAccount(transaction.account);
    if (!sender) return;
    Account(*sender);
    for (const OrderId id : from_.orders.OpenOf(*sender, MarketId(0))) Take(id);
    for (const Operation& operation : transaction.operations) Reach(*sender, operation);
    TakeMakers();
    Rest();
  }

 private:
  // The copy's index of an account, which is copied when it is first asked for.
  AccountIndex Account(AccountIndex index) {
    const auto [it, added] = accounts_.try_emplace(index, AccountIndex(to_.state.accounts()));
    if (added) {
      ledger::Account account = from_.state.account(index);
      account.index = it->second;
      account.client_ids -= from_.client_ids.ForgottenOf(index, time_);
      to_.state.RestoreAccount(std::move(account));
    }
    return it->second;
  }

  void Recipient(const AccountId& id) {
    if (const auto account = from_.state.FindAccount(id)) Account(*account);
  }

  void Take(OrderId id) { orders_.emplace(id, *from_.orders.Get(id)); }

  void Reach(AccountIndex sender, const Operation& operation) {
    if (const auto* transfer = std::get_if<Transfer>(&operation)) Recipient(transfer->to);
    if (const auto* mint = std::get_if<Mint>(&operation)) Recipient(mint->to);
    if (const auto* place = std::get_if<PlaceOrder>(&operation)) {
      ClientIdOf(sender, place->client_id);
      Makers(place->market, place->side, place->price);
    }
    if (const auto* cancel = std::get_if<CancelOrder>(&operation)) Target(sender, cancel->target);
    if (const auto* replace = std::get_if<ReplaceOrder>(&operation)) {
      const ledger::Order* order = Target(sender, replace->target);
      if (order != nullptr) Makers(order->market, order->side, replace->price);
    }
  }

  // Takes in an order that is meant, whoever's it is.
  const ledger::Order* Target(AccountIndex sender, const OrderTarget& target) {
    OrderId id(target.id);
    if (target.by_client_id) {
      const auto known = ClientIdOf(sender, ClientOrderId(target.id));
      if (!known || !known->open) return nullptr;
      id = known->order;
    }
    const ledger::Order* order = from_.orders.Get(id);
    if (order != nullptr) Take(id);
    return order;
  }

  std::optional<ClientIds::Entry> ClientIdOf(AccountIndex account, ClientOrderId id) {
    const auto known = from_.client_ids.Find(account, id);
    if (known && !known->open && known->until > time_) {
      to_.client_ids.Restore(Account(account), id, {known->order, known->until});
    }
    return known;
  }

  // One more operation may meet orders of the other side, as far as `price`.
  void Makers(MarketId market, Side side, PriceTicks price) {
    if (from_.state.FindMarket(market) == nullptr) return;
    Takers& takers = takers_.try_emplace({market, side}, Takers{price, 0}).first->second;
    if (Crosses(side, price, takers.price)) takers.price = price;
    ++takers.operations;
  }

  // Takes in as many orders as all operations together may meet: each side of a book in one walk,
  // as one for each operation would pass those of the ones before again and again.
  void TakeMakers() {
    for (const auto& [place, takers] : takers_) {
      const auto& [market, side] = place;
      std::uint64_t more =
          takers.operations * (std::uint64_t{std::max(from_.limits.max_fills_per_operation,
                                                      from_.limits.max_fill_or_kill_makers)} +
                               1);
      from_.engine.Walk(market, Opposite(side),
                        [&, side = side, price = takers.price](
                            matching::OrderSlot slot, const matching::RestingOrder& resting) {
                          if (!Crosses(side, price, resting.price)) return false;
                          const ledger::Order& order = from_.orders.InBook(slot);
                          if (orders_.emplace(order.id, order).second) --more;
                          return more > 0;
                        });
    }
  }

  // Puts the orders taken in where they are: by priority into the book, or beside it.
  void Rest() {
    std::vector<ledger::Order> orders;
    for (const auto& [id, order] : orders_) orders.push_back(order);
    std::sort(orders.begin(), orders.end(), [](const ledger::Order& a, const ledger::Order& b) {
      return a.priority < b.priority;
    });
    for (ledger::Order& order : orders) {
      const OrderTable::Location location = *from_.orders.Find(order.id);
      const bool expired = order.expires != TimeMicros(0) && order.expires <= time_;
      order.account = Account(order.account);
      if (order.client_id != ClientOrderId(0)) {
        to_.client_ids.Open(order.account, order.client_id, order.id);
      }
      if (expired || location.where == OrderTable::Where::kClosing) {
        to_.orders.AddClosing(order);
      } else if (location.where == OrderTable::Where::kCarried) {
        to_.orders.AddCarried(order);
      } else {
        to_.orders.AddToBook(to_.engine.Rest({.market = order.market,
                                              .side = order.side,
                                              .type = order.type,
                                              .self_trade = order.self_trade,
                                              .owner = order.account,
                                              .price = order.price,
                                              .quantity = order.remaining}),
                             order);
      }
    }
  }

  // Operations that may take from one side of a book.
  struct Takers {
    PriceTicks price;  // of the one that reaches furthest
    std::uint64_t operations;
  };

  const Core& from_;
  Core& to_;
  TimeMicros time_;
  std::map<std::pair<MarketId, Side>, Takers> takers_;  // by their side
  std::map<AccountIndex, AccountIndex> accounts_;
  std::map<OrderId, ledger::Order> orders_;
};

}  // namespace

Simulation Simulate(const Core& core, const SignedTransaction& transaction, TimeMicros now) {
  BlockRun run{.height = Height(core.head.height.value() + 1),
               .time = std::max(now, TimeMicros(core.head.time.value() + 1)),
               .fills_left = core.limits.max_fills_per_block,
               .closures_left = core.limits.max_closures_per_block};
  Core copy;
  Copier(core, &copy, run.time).Copy(transaction.transaction);
  Simulation simulation;
  simulation.receipt = TransactionRunner(copy, run).Run(transaction);
  simulation.receipt.txid = transaction.txid;
  simulation.receipt.height = run.height;
  simulation.events = std::move(run.events);
  return simulation;
}

}  // namespace bourse::exchange
