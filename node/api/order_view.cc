#include "node/api/order_view.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "common/check.h"
#include "common/codec.h"
#include "ledger/schema.h"

namespace bourse::api {
namespace {

using ledger::Family;

bool IsOrderKey(std::string_view key) { return key.size() == 9 && key.front() == 'o'; }
bool IsAccountKey(std::string_view key) { return key.size() == 33 && key.front() == 'a'; }

OrderId OrderIdOf(std::string_view key) {
  Reader reader(key.substr(1));
  return OrderId(reader.BigU64());
}

bool IsCovered(OrderId id, MarketId market, const std::vector<ledger::CancelCutoff>& cutoffs) {
  return std::any_of(cutoffs.begin(), cutoffs.end(), [&](const ledger::CancelCutoff& cutoff) {
    return id < cutoff.below && (cutoff.market == MarketId(0) || cutoff.market == market);
  });
}

bool HasExpired(TimeMicros expires, TimeMicros time) {
  return expires != TimeMicros(0) && expires <= time;
}

absl::Status Damaged() {
  return absl::DataLossError("an order or account in the ledger can't be read");
}

Level ToLevel(PriceTicks price, Uint128 quantity, std::uint32_t orders) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  return {price, quantity > kMost ? kMost : static_cast<std::uint64_t>(quantity), orders};
}

}  // namespace

bool IsClosing(const ledger::Order& order, const std::vector<ledger::CancelCutoff>& cutoffs,
               TimeMicros time) {
  return HasExpired(order.expires, time) || IsCovered(order.id, order.market, cutoffs);
}

absl::Status OrderView::Load(const ledger::View& store) {
  const std::lock_guard lock(mutex_);
  bool good = true;
  absl::Status scanned =
      store.Scan(Family::kOrders, "o", "o", [&](std::string_view key, std::string_view value) {
        ledger::Order order;
        good = IsOrderKey(key) && ledger::Decode(value, &order);
        if (good) {
          order.id = OrderIdOf(key);
          Put(order);
        }
        return good;
      });
  if (!scanned.ok()) return scanned;
  scanned = store.Scan(Family::kAccounts, "a", "a", [&](std::string_view, std::string_view value) {
    ledger::Account account;
    good = good && ledger::Decode(value, &account);
    if (good) SetCutoffs(account);
    return good;
  });
  if (!scanned.ok()) return scanned;
  const auto head_bytes = store.Get(Family::kMeta, ledger::kHeadKey);
  if (!head_bytes.ok()) return head_bytes.status();
  ledger::Head head;
  if (!good || !head_bytes->has_value() || !ledger::Decode(**head_bytes, &head)) return Damaged();
  SetHead(head);
  return absl::OkStatus();
}

void OrderView::Apply(const ledger::Batch& batch) {
  const std::lock_guard lock(mutex_);
  std::optional<ledger::Head> head;
  for (const ledger::Batch::Change& change : batch.changes()) {
    if (change.family == Family::kOrders && IsOrderKey(change.key)) {
      ledger::Order order;
      if (!change.value) {
        Remove(OrderIdOf(change.key));
      } else if (ledger::Decode(*change.value, &order)) {
        order.id = OrderIdOf(change.key);
        Put(order);
      }
    } else if (change.family == Family::kAccounts && IsAccountKey(change.key) && change.value) {
      ledger::Account account;
      if (ledger::Decode(*change.value, &account)) SetCutoffs(account);
    } else if (change.family == Family::kMeta && change.key == ledger::kHeadKey && change.value) {
      head.emplace();
      if (!ledger::Decode(*change.value, &*head)) head.reset();
    }
  }
  if (head) SetHead(*head);  // last: it takes what expired out of the books
}

OrderView::PriceLevels& OrderView::SideOf(const Entry& entry) {
  Book& book = books_[entry.market];
  return entry.side == Side::kBuy ? book.bids : book.asks;
}

void OrderView::Enter(Entry* entry) {
  if (entry->in_book) return;
  Sum& sum = SideOf(*entry)[entry->price];
  sum.quantity += entry->remaining.value();
  ++sum.orders;
  entry->in_book = true;
}

void OrderView::Leave(Entry* entry) {
  if (!entry->in_book) return;
  PriceLevels& levels = SideOf(*entry);
  const auto it = levels.find(entry->price);
  CHECK(it != levels.end() && it->second.orders > 0);
  it->second.quantity -= entry->remaining.value();
  if (--it->second.orders == 0) levels.erase(it);
  entry->in_book = false;
}

void OrderView::Put(const ledger::Order& order) {
  Remove(order.id);
  Account& account = accounts_[order.account];
  Entry& entry = orders_[order.id];
  entry = {order.account,   order.market,    order.side,    order.price,
           order.remaining, order.client_id, order.expires, order.carried};
  account.orders.emplace(order.id, order.market);
  if (order.client_id != ClientOrderId(0)) account.client_ids[order.client_id] = order.id;
  if (order.expires != TimeMicros(0)) expiries_.emplace(order.expires, order.id);
  if (!order.carried && !IsClosing(order, account.cutoffs, time_)) Enter(&entry);
}

void OrderView::Remove(OrderId id) {
  const auto it = orders_.find(id);
  if (it == orders_.end()) return;
  Entry& entry = it->second;
  Leave(&entry);
  Account& account = accounts_[entry.account];
  account.orders.erase(id);
  const auto client_id = account.client_ids.find(entry.client_id);
  if (client_id != account.client_ids.end() && client_id->second == id) {
    account.client_ids.erase(client_id);
  }
  if (account.orders.empty() && account.cutoffs.empty()) accounts_.erase(entry.account);
  expiries_.erase({entry.expires, id});
  orders_.erase(it);
}

void OrderView::SetCutoffs(const ledger::Account& record) {
  const auto it = accounts_.find(record.index);
  if (it == accounts_.end()) {
    if (!record.cutoffs.empty()) accounts_[record.index].cutoffs = record.cutoffs;
    return;
  }
  Account& account = it->second;
  if (account.cutoffs == record.cutoffs) return;
  account.cutoffs = record.cutoffs;
  for (const auto& [id, market] : account.orders) {
    Entry& entry = orders_.at(id);
    const bool closing = HasExpired(entry.expires, time_) || IsCovered(id, market, account.cutoffs);
    closing || entry.carried ? Leave(&entry) : Enter(&entry);
  }
  if (account.orders.empty() && account.cutoffs.empty()) accounts_.erase(it);
}

void OrderView::SetHead(const ledger::Head& head) {
  height_ = head.height;
  time_ = head.time;
  for (auto it = expiries_.begin(); it != expiries_.end() && it->first <= time_;) {
    Leave(&orders_.at(it->second));
    it = expiries_.erase(it);
  }
}

BookLevels OrderView::Levels(MarketId market, std::size_t depth) const {
  const std::lock_guard lock(mutex_);
  BookLevels out;
  out.height = height_;
  const auto it = books_.find(market);
  if (it == books_.end()) return out;
  const PriceLevels& bids = it->second.bids;
  for (auto level = bids.rbegin(); level != bids.rend() && out.bids.size() < depth; ++level) {
    out.bids.push_back(ToLevel(level->first, level->second.quantity, level->second.orders));
  }
  for (const auto& [price, sum] : it->second.asks) {
    if (out.asks.size() == depth) break;
    out.asks.push_back(ToLevel(price, sum.quantity, sum.orders));
  }
  return out;
}

std::vector<OrderId> OrderView::OrdersOf(AccountIndex account, MarketId market, OrderId after,
                                         std::size_t count) const {
  const std::lock_guard lock(mutex_);
  std::vector<OrderId> out;
  const auto it = accounts_.find(account);
  if (it == accounts_.end()) return out;
  const auto& orders = it->second.orders;
  for (auto order = orders.upper_bound(after); order != orders.end() && out.size() < count;
       ++order) {
    if (market == MarketId(0) || order->second == market) out.push_back(order->first);
  }
  return out;
}

std::optional<OrderId> OrderView::FindClientId(AccountIndex account,
                                               ClientOrderId client_id) const {
  const std::lock_guard lock(mutex_);
  const auto it = accounts_.find(account);
  if (it == accounts_.end()) return std::nullopt;
  const auto order = it->second.client_ids.find(client_id);
  if (order == it->second.client_ids.end()) return std::nullopt;
  return order->second;
}

}  // namespace bourse::api
