// OrderView: the open orders of all accounts and the levels of all books, as of the last committed
// block, for reads.
//
// It follows the records that a block writes, not its events: an order that is closing has left
// the book although its record, and its owner's deposit, are there for some blocks to come. So the
// levels are exactly what the next order would meet.
//
// Thread-safe: one thread applies blocks, any may read.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "common/checked_math.h"
#include "common/units.h"
#include "ledger/records.h"
#include "ledger/store.h"

namespace bourse::api {

struct Level {
  PriceTicks price;
  std::uint64_t quantity = 0;  // lots; 2^64-1 where the sum is more
  std::uint32_t orders = 0;
  friend bool operator==(const Level&, const Level&) = default;
};

struct BookLevels {
  Height height;
  std::vector<Level> bids;  // best first
  std::vector<Level> asks;
};

// What a closing order is: in the state, and in no book any more.
[[nodiscard]] bool IsClosing(const ledger::Order& order,
                             const std::vector<ledger::CancelCutoff>& cutoffs, TimeMicros time);

class OrderView {
 public:
  // Reads all orders of a store. kDataLoss if a record can't be read.
  [[nodiscard]] absl::Status Load(const ledger::View& store);

  // Follows what a block has written.
  void Apply(const ledger::Batch& batch);

  // At most `depth` levels a side.
  [[nodiscard]] BookLevels Levels(MarketId market, std::size_t depth) const;

  // Ids of an account's orders in a market (0: all), above `after`, at most `count`.
  [[nodiscard]] std::vector<OrderId> OrdersOf(AccountIndex account, MarketId market, OrderId after,
                                              std::size_t count) const;

  // The account's order with this client id, if it is in the state.
  [[nodiscard]] std::optional<OrderId> FindClientId(AccountIndex account,
                                                    ClientOrderId client_id) const;

 private:
  // What is kept of an order.
  struct Entry {
    AccountIndex account;
    MarketId market;
    Side side = Side::kBuy;
    PriceTicks price;
    Lots remaining;
    ClientOrderId client_id;
    TimeMicros expires;
    bool carried = false;
    bool in_book = false;
  };
  struct Sum {
    Uint128 quantity = 0;
    std::uint32_t orders = 0;
  };
  using PriceLevels = std::map<PriceTicks, Sum>;
  struct Book {
    PriceLevels bids;
    PriceLevels asks;
  };
  struct Account {
    std::map<OrderId, MarketId> orders;
    absl::flat_hash_map<ClientOrderId, OrderId> client_ids;
    std::vector<ledger::CancelCutoff> cutoffs;
  };

  // All of these with the lock held.
  void Put(const ledger::Order& order);
  void Remove(OrderId id);
  void SetCutoffs(const ledger::Account& account);
  void SetHead(const ledger::Head& head);
  void Enter(Entry* entry);
  void Leave(Entry* entry);
  PriceLevels& SideOf(const Entry& entry);

  mutable std::mutex mutex_;  // one that ThreadSanitizer sees; guards all below
  Height height_;
  TimeMicros time_;
  absl::flat_hash_map<OrderId, Entry> orders_;
  absl::flat_hash_map<AccountIndex, Account> accounts_;
  absl::flat_hash_map<MarketId, Book> books_;
  std::set<std::pair<TimeMicros, OrderId>> expiries_;
};

}  // namespace bourse::api
