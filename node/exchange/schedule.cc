#include "node/exchange/schedule.h"

#include <algorithm>
#include <tuple>

#include "absl/container/flat_hash_map.h"

namespace bourse::exchange {
namespace {

// Where a transaction stands; sorted, this is the order in which they run.
struct Place {
  bool takes;
  std::uint32_t round;
  Hash256 account_rank;
  std::uint32_t index;

  friend auto operator<=>(const Place&, const Place&) = default;
};

}  // namespace

std::vector<std::uint32_t> Schedule(const std::vector<const SignedTransaction*>& transactions,
                                    const Hash256& parent_hash) {
  absl::flat_hash_map<AccountId, Hash256> ranks;
  std::vector<Place> places;
  places.reserve(transactions.size());
  for (std::uint32_t i = 0; i < transactions.size(); ++i) {
    if (transactions[i] == nullptr) continue;
    const Transaction& transaction = transactions[i]->transaction;
    auto [it, added] = ranks.try_emplace(transaction.account);
    if (added) {
      it->second = Hasher("bourse/order/1")
                       .Update(parent_hash)
                       .Update(Bytes(transaction.account.bytes))
                       .Finish();
    }
    places.push_back({!IsPassive(transaction), 0, it->second, i});
  }

  // Rounds: number each account's transactions of a phase by nonce.
  std::sort(places.begin(), places.end(), [&](const Place& a, const Place& b) {
    return std::tuple(a.takes, a.account_rank, transactions[a.index]->transaction.nonce, a.index) <
           std::tuple(b.takes, b.account_rank, transactions[b.index]->transaction.nonce, b.index);
  });
  for (std::size_t i = 1; i < places.size(); ++i) {
    const bool same = places[i].takes == places[i - 1].takes &&
                      places[i].account_rank == places[i - 1].account_rank;
    if (same) places[i].round = places[i - 1].round + 1;
  }
  std::sort(places.begin(), places.end());

  std::vector<std::uint32_t> order;
  order.reserve(places.size());
  for (const Place& place : places) order.push_back(place.index);
  return order;
}

}  // namespace bourse::exchange
