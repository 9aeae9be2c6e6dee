#include "node/mempool/mempool.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/check.h"

namespace bourse::mempool {
namespace {

// What an entry takes beside its bytes, roughly; it makes many small transactions count.
constexpr std::size_t kEntryOverheadBytes = 512;

absl::Status Full() {
  return absl::ResourceExhaustedError(
      "the node's queue is full, and your account has its fair share of it; try again after the "
      "next block");
}

}  // namespace

Hash256 Mempool::KeyOf(std::string_view encoded) {
  return Hasher("bourse/txbytes/1").Update(encoded).Finish();
}

std::size_t Mempool::Cost(const Entry& entry) {
  const std::size_t operations = entry.transaction.transaction.operations.capacity();
  return entry.encoded.size() + operations * sizeof(Operation) + kEntryOverheadBytes;
}

bool Mempool::Fits(std::size_t transactions, std::size_t bytes, std::size_t memory) const {
  return transactions <= options_.transactions_max && bytes <= options_.bytes_max &&
         memory <= options_.memory_max;
}

absl::StatusOr<std::vector<TxId>> Mempool::Add(SignedTransaction transaction, std::string encoded,
                                               std::uint64_t admitted_us) {
  Entry entry{std::move(transaction), std::move(encoded), {}, admitted_us, false};
  entry.key = KeyOf(entry.encoded);
  entry.transaction.transaction.operations.shrink_to_fit();
  const AccountId account = entry.transaction.transaction.account;
  const Nonce nonce = entry.transaction.transaction.nonce;
  if (keys_.contains(entry.transaction.txid)) {
    return absl::AlreadyExistsError("the transaction is in the queue");
  }
  const auto waiting = accounts_.find(account);
  if (waiting != accounts_.end()) {
    if (waiting->second.by_nonce.contains(nonce)) {
      return absl::FailedPreconditionError(
          absl::StrCat("another transaction of the account with nonce ", nonce.value(),
                       " is in the queue; use another nonce"));
    }
    if (waiting->second.by_nonce.size() >= options_.per_account_max) {
      return absl::ResourceExhaustedError(
          absl::StrCat("the account has ", options_.per_account_max,
                       " transactions in the queue, which is the most; try again after the next "
                       "block"));
    }
  }
  absl::StatusOr<std::vector<TxId>> evicted = MakeRoom(account, entry.encoded.size(), Cost(entry));
  if (evicted.ok()) Insert(std::move(entry));
  return evicted;
}

absl::StatusOr<std::vector<TxId>> Mempool::MakeRoom(const AccountId& account, std::size_t bytes,
                                                    std::size_t cost) {
  std::vector<TxId> evicted;
  if (Fits(size() + 1, bytes_ + bytes, memory_ + cost)) return evicted;
  if (shares_.empty()) return Full();

  // All room comes from one account, and leaves it no poorer than the newcomer will be.
  const auto& [largest_share, largest] = *shares_.rbegin();
  const auto own = accounts_.find(account);
  const std::size_t own_share = (own == accounts_.end() ? 0 : own->second.share) + cost;
  std::size_t share_left = largest_share;
  std::size_t bytes_left = bytes_ + bytes;
  std::size_t memory_left = memory_ + cost;
  const Waiting& waiting = accounts_.at(largest);
  auto last = waiting.by_nonce.rbegin();
  while (!Fits(size() + 1 - evicted.size(), bytes_left, memory_left)) {
    if (last == waiting.by_nonce.rend()) return Full();
    const Entry& victim = entries_.at(last->second);
    share_left -= Cost(victim);
    bytes_left -= victim.encoded.size();
    memory_left -= Cost(victim);
    if (share_left < own_share) return Full();
    evicted.push_back(victim.transaction.txid);
    ++last;
  }
  for (const TxId& txid : evicted) Remove(txid);
  return evicted;
}

void Mempool::Insert(Entry entry) {
  const Transaction& transaction = entry.transaction.transaction;
  const auto [it, is_new] = accounts_.try_emplace(transaction.account);
  Waiting& waiting = it->second;
  if (is_new) TakeLastTurn(transaction.account, &waiting);
  SetShare(transaction.account, &waiting, waiting.share + Cost(entry));
  waiting.by_nonce.emplace(transaction.nonce, entry.key);
  expiries_.emplace(transaction.valid_until, entry.transaction.txid);
  keys_.emplace(entry.transaction.txid, entry.key);
  available_.emplace(entry.admitted_us, entry.transaction.txid);
  bytes_ += entry.encoded.size();
  memory_ += Cost(entry);
  const Hash256 key = entry.key;
  entries_.emplace(key, std::move(entry));
  CHECK(Fits(size(), bytes_, memory_));
}

const Mempool::Entry* Mempool::FindKey(const Hash256& key) const {
  const auto it = entries_.find(key);
  return it == entries_.end() ? nullptr : &it->second;
}

const Mempool::Entry* Mempool::Find(const TxId& txid) const {
  const auto it = keys_.find(txid);
  return it == keys_.end() ? nullptr : FindKey(it->second);
}

std::vector<const Mempool::Entry*> Mempool::Select(std::size_t transactions_max,
                                                   std::size_t bytes_max,
                                                   std::optional<TimeMicros> block_time) const {
  struct Cursor {
    std::map<Nonce, Hash256>::const_iterator next;
    std::map<Nonce, Hash256>::const_iterator end;
  };
  std::vector<Cursor> cursors;
  cursors.reserve(turns_.size());
  for (const auto& [turn, account] : turns_) {
    const Waiting& waiting = accounts_.at(account);
    cursors.push_back({waiting.by_nonce.begin(), waiting.by_nonce.end()});
  }

  std::vector<const Entry*> chosen;
  std::size_t bytes = 0;
  while (!cursors.empty() && chosen.size() < transactions_max) {
    for (Cursor& cursor : cursors) {
      if (chosen.size() == transactions_max) break;
      const Entry* entry = nullptr;
      while (cursor.next != cursor.end && entry == nullptr) {
        const Entry& next = entries_.at(cursor.next->second);
        if (IsEligible(next, block_time)) entry = &next;
        ++cursor.next;
      }
      if (entry == nullptr) continue;
      if (bytes + entry->encoded.size() > bytes_max) {
        cursor.next = cursor.end;  // its later ones must not overtake this one
        continue;
      }
      bytes += entry->encoded.size();
      chosen.push_back(entry);
    }
    std::erase_if(cursors, [](const Cursor& cursor) { return cursor.next == cursor.end; });
  }
  return chosen;
}

bool Mempool::IsEligible(const Entry& entry, std::optional<TimeMicros> block_time) {
  if (entry.held) return false;
  const std::uint64_t valid_until = entry.transaction.transaction.valid_until.value();
  return !block_time || (valid_until > block_time->value() &&
                         valid_until - block_time->value() <= limits::kMaxLifetimeMicros);
}

bool Mempool::SetHeld(const Hash256& key, bool held) {
  const auto it = entries_.find(key);
  if (it == entries_.end()) return false;
  Entry& entry = it->second;
  if (entry.held == held) return true;
  entry.held = held;
  if (held) {
    available_.erase({entry.admitted_us, entry.transaction.txid});
  } else {
    available_.emplace(entry.admitted_us, entry.transaction.txid);
  }
  return true;
}

std::optional<std::uint64_t> Mempool::EarliestAvailable() const {
  if (available_.empty()) return std::nullopt;
  return available_.begin()->first;
}

bool Mempool::Remove(const TxId& txid) {
  const auto key = keys_.find(txid);
  if (key == keys_.end()) return false;
  const auto it = entries_.find(key->second);
  CHECK(it != entries_.end());
  const Entry& entry = it->second;
  const Transaction& transaction = entry.transaction.transaction;
  const AccountId account = transaction.account;

  Waiting& waiting = accounts_.at(account);
  waiting.by_nonce.erase(transaction.nonce);
  SetShare(account, &waiting, waiting.share - Cost(entry));
  turns_.erase(waiting.turn);
  if (waiting.by_nonce.empty()) {
    accounts_.erase(account);
  } else {
    TakeLastTurn(account, &waiting);
  }

  expiries_.erase({transaction.valid_until, entry.transaction.txid});
  available_.erase({entry.admitted_us, entry.transaction.txid});
  bytes_ -= entry.encoded.size();
  memory_ -= Cost(entry);
  keys_.erase(key);
  entries_.erase(it);
  return true;
}

std::vector<TxId> Mempool::RemoveExpired(TimeMicros time) {
  std::vector<TxId> expired;
  for (const auto& [valid_until, txid] : expiries_) {
    if (valid_until > time) break;
    expired.push_back(txid);
  }
  for (const TxId& txid : expired) Remove(txid);
  return expired;
}

void Mempool::SetShare(const AccountId& account, Waiting* waiting, std::size_t share) {
  shares_.erase({waiting->share, account});
  waiting->share = share;
  if (share > 0) shares_.emplace(share, account);
}

void Mempool::TakeLastTurn(const AccountId& account, Waiting* waiting) {
  waiting->turn = next_turn_++;
  turns_.emplace(waiting->turn, account);
}

}  // namespace bourse::mempool
