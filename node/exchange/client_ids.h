// ClientIds: the bots' own order ids, while their orders are open and for a time after.
//
// An id of an open order is known by that order's record alone. When the order leaves, the id is
// *remembered*, and a cancel of an unknown id *bars* it: both are records of the state (ledger
// ClientId), until their time has passed. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/units.h"
#include "ledger/records.h"

namespace bourse::exchange {

class ClientIds {
 public:
  using Key = std::pair<AccountIndex, ClientOrderId>;

  struct Entry {
    OrderId order;  // 0: barred
    bool open = false;
    TimeMicros until;  // of an id that is not open
  };

  [[nodiscard]] std::optional<Entry> Find(AccountIndex account, ClientOrderId id) const;

  // An order with the id opens. REQUIRES: the id is unknown.
  void Open(AccountIndex account, ClientOrderId id, OrderId order);
  // It has left: the id is remembered. REQUIRES: the id is open.
  void Remember(AccountIndex account, ClientOrderId id, TimeMicros until);
  // REQUIRES: the id is unknown, or barred until an earlier time.
  void Bar(AccountIndex account, ClientOrderId id, TimeMicros until);
  // Takes in a record of a store.
  void Restore(AccountIndex account, ClientOrderId id, const ledger::ClientId& record);

  // Forgets what is remembered or barred until `now` or before; returns whose, one entry an id.
  std::vector<AccountIndex> Forget(TimeMicros now);

  // How many of an account's that would be.
  [[nodiscard]] std::uint32_t ForgottenOf(AccountIndex account, TimeMicros now) const;

  // Ids whose record changed since the last ClearChanges, each once, in order.
  [[nodiscard]] std::vector<Key> Changed() const;
  void ClearChanges() { changed_.clear(); }
  // The record of an id, if it has one: remembered or barred.
  [[nodiscard]] std::optional<ledger::ClientId> Record(const Key& key) const;

 private:
  [[nodiscard]] std::optional<Key> TakeForgotten(TimeMicros now);

  using Timed = std::pair<TimeMicros, Key>;

  absl::flat_hash_map<Key, Entry> entries_;
  // Ids that are not open are in one of these two: most blocks remember many, and each for as long
  // after itself as the block before.
  std::deque<Timed> remembered_;  // by time
  std::set<Timed> others_;        // barred, or remembered out of that order
  std::vector<Key> changed_;
};

}  // namespace bourse::exchange
