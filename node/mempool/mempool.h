// Mempool: transactions that wait for a block. Bounded in number and bytes, and fair to accounts.
//
//   pool.Add(std::move(decoded), std::move(encoded));      // checked and verified before
//   for (const Mempool::Entry* entry : pool.Select(…)) …   // candidates for the next block
//   pool.Remove(txid);                                     // it is final
//   pool.RemoveExpired(block_time);
//
// An entry that is in a block which is not executed yet is *held*: it waits, but is not to be
// chosen again. The others are *available*.
//
// Invariants:
// 1. size(), bytes() and memory() are within Options, and so is each account's number of
//    transactions.
// 2. An account has at most one transaction with a nonce.
// 3. Select gives an account's available transactions in the order of their nonces, and takes from
//    accounts in turn, so that nobody's many transactions push out another's few.
// 4. When the pool is full, room comes from the account that holds the most, from its highest
//    nonces, and only for an account that holds less: to fill the pool keeps nobody out.
//
// A plain data structure: no clock, no threads. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/node_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/hash.h"
#include "common/limits.h"
#include "common/transaction.h"
#include "common/units.h"

namespace bourse::mempool {

struct Options {
  std::size_t transactions_max = limits::kMempoolTransactions;
  std::size_t bytes_max = limits::kMempoolBytes;  // of the encoded transactions
  // With what they are decoded to: an operation of 4 bytes becomes one of over 100.
  std::size_t memory_max = 2 * limits::kMempoolBytes;
  std::size_t per_account_max = limits::kMempoolPerAccount;
};

class Mempool {
 public:
  struct Entry {
    SignedTransaction transaction;
    std::string encoded;  // byte for byte as it came
    Hash256 key;          // of those bytes
    std::uint64_t admitted_us = 0;
    bool held = false;
  };

  explicit Mempool(const Options& options) : options_(options) {}

  // The hash of a transaction's exact bytes, signature included: what a pool knows it by, as one
  // body can have many signatures.
  [[nodiscard]] static Hash256 KeyOf(std::string_view encoded);

  // Adds a transaction that CheckTx admits and whose signature is good. Returns the TXIDs of those
  // that had to make room. kAlreadyExists: the same bytes, or the same TXID under another
  // signature; kFailedPrecondition: another transaction of the account waits with this nonce;
  // kResourceExhausted: the account's share, or the pool, is full. `admitted_us` is the caller's
  // clock, for EarliestAvailable.
  [[nodiscard]] absl::StatusOr<std::vector<TxId>> Add(SignedTransaction transaction,
                                                      std::string encoded,
                                                      std::uint64_t admitted_us = 0);

  // By its exact bytes, and by its TXID. Null if it is not here; valid until the next change.
  [[nodiscard]] const Entry* FindKey(const Hash256& key) const;
  [[nodiscard]] const Entry* Find(const TxId& txid) const;

  // Candidates for a block of at most so many transactions and bytes, in the order of invariant 3.
  // With a block's time, only those that are valid in it.
  [[nodiscard]] std::vector<const Entry*> Select(
      std::size_t transactions_max, std::size_t bytes_max,
      std::optional<TimeMicros> block_time = std::nullopt) const;

  // Makes an entry held, or available again. False if it is not here.
  bool SetHeld(const Hash256& key, bool held);

  // When the available entry that waits longest was admitted. Nothing if none is available.
  [[nodiscard]] std::optional<std::uint64_t> EarliestAvailable() const;

  // False if it is not here. The account's turn in Select comes after everybody else's.
  bool Remove(const TxId& txid);

  // Removes those that can run in no block of `time` or later; returns their TXIDs, in order.
  std::vector<TxId> RemoveExpired(TimeMicros time);

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  // About what they take in memory, in bytes.
  [[nodiscard]] std::size_t memory() const { return memory_; }
  [[nodiscard]] bool empty() const { return entries_.empty(); }

 private:
  struct Waiting {
    std::map<Nonce, Hash256> by_nonce;
    std::size_t share = 0;  // what it takes of memory()
    std::uint64_t turn = 0;
  };
  using Accounts = absl::node_hash_map<AccountId, Waiting>;

  static std::size_t Cost(const Entry& entry);
  static bool IsEligible(const Entry& entry, std::optional<TimeMicros> block_time);
  [[nodiscard]] bool Fits(std::size_t transactions, std::size_t bytes, std::size_t memory) const;
  [[nodiscard]] absl::StatusOr<std::vector<TxId>> MakeRoom(const AccountId& account,
                                                           std::size_t bytes, std::size_t cost);
  void Insert(Entry entry);
  void SetShare(const AccountId& account, Waiting* waiting, std::size_t share);
  void TakeLastTurn(const AccountId& account, Waiting* waiting);

  const Options options_;
  absl::node_hash_map<Hash256, Entry> entries_;  // by key
  absl::flat_hash_map<TxId, Hash256> keys_;
  Accounts accounts_;  // those with something here
  std::set<std::pair<std::size_t, AccountId>> shares_;
  std::map<std::uint64_t, AccountId> turns_;
  std::set<std::pair<TimeMicros, TxId>> expiries_;
  std::set<std::pair<std::uint64_t, TxId>> available_;  // by admission
  std::uint64_t next_turn_ = 0;
  std::size_t bytes_ = 0;
  std::size_t memory_ = 0;
};

}  // namespace bourse::mempool
