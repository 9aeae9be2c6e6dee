#include "node/exchange/client_ids.h"

#include <algorithm>

#include "common/check.h"

namespace bourse::exchange {

std::optional<ClientIds::Entry> ClientIds::Find(AccountIndex account, ClientOrderId id) const {
  const auto it = entries_.find(Key(account, id));
  if (it == entries_.end()) return std::nullopt;
  return it->second;
}

void ClientIds::Open(AccountIndex account, ClientOrderId id, OrderId order) {
  const bool added = entries_.emplace(Key(account, id), Entry{order, true, {}}).second;
  CHECK(added);
}

void ClientIds::Remember(AccountIndex account, ClientOrderId id, TimeMicros until) {
  const Key key(account, id);
  const auto it = entries_.find(key);
  CHECK(it != entries_.end() && it->second.open);
  it->second.open = false;
  SetUntil(key, it->second, until);
}

void ClientIds::Bar(AccountIndex account, ClientOrderId id, TimeMicros until) {
  const Key key(account, id);
  Entry& entry = entries_[key];
  CHECK(!entry.open && entry.order == OrderId(0));
  by_time_.erase({entry.until, key});
  SetUntil(key, entry, until);
}

void ClientIds::Restore(AccountIndex account, ClientOrderId id, const ledger::ClientId& record) {
  const Key key(account, id);
  entries_[key] = {record.order, false, record.until};
  by_time_.emplace(record.until, key);
}

std::vector<AccountIndex> ClientIds::Forget(TimeMicros now) {
  std::vector<AccountIndex> forgotten;
  while (!by_time_.empty() && by_time_.begin()->first <= now) {
    const Key key = by_time_.begin()->second;
    by_time_.erase(by_time_.begin());
    entries_.erase(key);
    changed_.push_back(key);
    forgotten.push_back(key.first);
  }
  return forgotten;
}

std::uint32_t ClientIds::ForgottenOf(AccountIndex account, TimeMicros now) const {
  std::uint32_t count = 0;
  for (const auto& [until, key] : by_time_) {
    if (until > now) break;
    count += key.first == account ? 1 : 0;
  }
  return count;
}

std::vector<ClientIds::Key> ClientIds::Changed() const {
  std::vector<Key> keys = changed_;
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

std::optional<ledger::ClientId> ClientIds::Record(const Key& key) const {
  const auto it = entries_.find(key);
  if (it == entries_.end() || it->second.open) return std::nullopt;
  return ledger::ClientId{it->second.order, it->second.until};
}

void ClientIds::SetUntil(const Key& key, Entry& entry, TimeMicros until) {
  entry.until = until;
  by_time_.emplace(until, key);
  changed_.push_back(key);
}

}  // namespace bourse::exchange
