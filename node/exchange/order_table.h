// OrderTable: every order in the state, and where it is.
//
//   in the book    known by its engine slot; may be matched
//   carried        met as many makers as one operation may; goes on in the next block
//   closing        expired or cancelled in bulk; leaves when a block has room for it
//
// Knows no money and no matching: it stores, finds and lists. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/units.h"
#include "ledger/records.h"
#include "matching/order.h"

namespace bourse::exchange {

class OrderTable {
 public:
  enum class Where : std::uint8_t { kBook, kCarried, kClosing };
  struct Location {
    Where where;
    matching::OrderSlot slot;  // in the book only
  };

  [[nodiscard]] std::optional<Location> Find(OrderId id) const;
  // The order with this id, where Find found it.
  [[nodiscard]] const ledger::Order& At(OrderId id, Location location) const;
  // The order with this id, wherever it is, or null.
  [[nodiscard]] const ledger::Order* Get(OrderId id) const;

  // The book. A slot is the engine's.
  void AddToBook(matching::OrderSlot slot, const ledger::Order& order);
  [[nodiscard]] const ledger::Order& InBook(matching::OrderSlot slot) const;
  ledger::Order& MutableInBook(matching::OrderSlot slot);
  ledger::Order RemoveFromBook(matching::OrderSlot slot);

  // Carried orders, by id.
  void AddCarried(const ledger::Order& order);
  ledger::Order RemoveCarried(OrderId id);
  [[nodiscard]] const std::map<OrderId, ledger::Order>& carried() const { return carried_; }

  // Closing orders, by id.
  void AddClosing(const ledger::Order& order);
  ledger::Order RemoveClosing(OrderId id);
  [[nodiscard]] const std::map<OrderId, ledger::Order>& closing() const { return closing_; }
  [[nodiscard]] bool HasClosing(AccountIndex account) const {
    return closing_of_.contains(account);
  }

  // An account's orders in a market (0: any), in the book or carried, by id. Looks at those alone,
  // so that to ask for a market where the account has none costs nothing.
  [[nodiscard]] std::vector<OrderId> OpenOf(AccountIndex account, MarketId market) const;

  // The next order in the book or carried that expires at `time` or before, if any.
  [[nodiscard]] std::optional<OrderId> NextExpired(TimeMicros time) const;

  // All orders, by id.
  [[nodiscard]] std::vector<ledger::Order> All() const;

  // Ids of orders that were added, changed or removed since the last ClearChanges, each once, by
  // id.
  [[nodiscard]] std::vector<OrderId> Changed() const;
  void ClearChanges() { changed_.clear(); }

 private:
  // Neighbours in a list of orders in the book: slots; 0: none.
  struct Links {
    std::uint32_t previous = 0;
    std::uint32_t next = 0;
  };
  struct Entry {
    ledger::Order order;
    Links of_account;  // all of its account's
    Links of_market;   // those of them in its market
  };
  using AccountMarket = std::pair<AccountIndex, MarketId>;

  // Puts a slot in front of the list that begins with `first`; takes one out of it.
  void Link(Links Entry::*links, std::uint32_t slot, std::uint32_t* first);
  void Unlink(Links Entry::*links, std::uint32_t slot, std::uint32_t* first);

  void Index(const ledger::Order& order, Location location);
  void Unindex(const ledger::Order& order);

  std::vector<Entry> book_;                                            // by slot
  std::vector<std::uint32_t> first_slot_;                              // by account
  absl::flat_hash_map<AccountMarket, std::uint32_t> first_in_market_;  // where there is one
  std::map<OrderId, ledger::Order> carried_;
  std::set<std::tuple<AccountIndex, MarketId, OrderId>> carried_of_;
  std::map<OrderId, ledger::Order> closing_;
  absl::flat_hash_map<AccountIndex, std::uint32_t> closing_of_;  // how many, by account
  absl::flat_hash_map<OrderId, Location> index_;
  std::set<std::pair<TimeMicros, OrderId>> expiries_;  // in the book or carried
  std::vector<OrderId> changed_;
};

}  // namespace bourse::exchange
