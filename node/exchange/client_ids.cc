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
  it->second.until = until;
  if (remembered_.empty() || remembered_.back().first <= until) {
    remembered_.emplace_back(until, key);
  } else {
    others_.emplace(until, key);
  }
  changed_.push_back(key);
}

void ClientIds::Bar(AccountIndex account, ClientOrderId id, TimeMicros until) {
  const Key key(account, id);
  Entry& entry = entries_[key];
  CHECK(!entry.open && entry.order == OrderId(0));
  others_.erase({entry.until, key});
  entry.until = until;
  others_.emplace(until, key);
  changed_.push_back(key);
}

void ClientIds::Restore(AccountIndex account, ClientOrderId id, const ledger::ClientId& record) {
  const Key key(account, id);
  entries_[key] = {record.order, false, record.until};
  others_.emplace(record.until, key);
}

std::vector<AccountIndex> ClientIds::Forget(TimeMicros now) {
  std::vector<AccountIndex> forgotten;
  while (const auto key = TakeForgotten(now)) {
    entries_.erase(*key);
    changed_.push_back(*key);
    forgotten.push_back(key->first);
  }
  return forgotten;
}

// Takes one that is to be forgotten from its list.
std::optional<ClientIds::Key> ClientIds::TakeForgotten(TimeMicros now) {
  if (!remembered_.empty() && remembered_.front().first <= now) {
    const Key key = remembered_.front().second;
    remembered_.pop_front();
    return key;
  }
  if (!others_.empty() && others_.begin()->first <= now) {
    const Key key = others_.begin()->second;
    others_.erase(others_.begin());
    return key;
  }
  return std::nullopt;
}

std::uint32_t ClientIds::ForgottenOf(AccountIndex account, TimeMicros now) const {
  std::uint32_t count = 0;
  const auto add = [&](const auto& by_time) {
    for (const auto& [until, key] : by_time) {
      if (until > now) break;
      count += key.first == account ? 1 : 0;
    }
  };
  add(remembered_);
  add(others_);
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

}  // namespace bourse::exchange
