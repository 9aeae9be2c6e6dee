// Waiters: who wants to know what becomes of a transaction.
//
// Bounded: each waits for a transaction of the queue, and so many for one. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/hash.h"
#include "node/api/backend.h"

namespace bourse::runtime {

class Waiters {
 public:
  static constexpr std::size_t kMaxPerTransaction = 16;

  using Done = api::Backend::SubmitDone;

  // Waits until `until_us`. False if too many wait for this transaction: `done` is left alone.
  [[nodiscard]] bool Add(const TxId& txid, std::uint64_t until_us, Done& done);

  // Those that wait for a transaction; they wait no more.
  [[nodiscard]] std::vector<Done> Take(const TxId& txid);
  // Those whose time is over at `now_us`.
  [[nodiscard]] std::vector<std::pair<TxId, Done>> TakeOverdue(std::uint64_t now_us);
  [[nodiscard]] std::vector<std::pair<TxId, Done>> TakeAll();

  // When the next one's time is over.
  [[nodiscard]] std::optional<std::uint64_t> next_us() const;
  [[nodiscard]] bool empty() const { return of_.empty(); }

 private:
  struct Waiter {
    std::uint64_t id = 0;
    std::uint64_t until_us = 0;
    Done done;
  };
  struct Deadline {
    std::uint64_t until_us = 0;
    std::uint64_t id = 0;
    TxId txid;
    friend auto operator<=>(const Deadline&, const Deadline&) = default;
  };

  absl::flat_hash_map<TxId, std::vector<Waiter>> of_;
  std::set<Deadline> deadlines_;
  std::uint64_t next_id_ = 0;
};

}  // namespace bourse::runtime
