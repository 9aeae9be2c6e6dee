#include "node/exchange/order_table.h"

#include <algorithm>

#include "common/check.h"

namespace bourse::exchange {

using ledger::Order;
using matching::OrderSlot;

std::optional<OrderTable::Location> OrderTable::Find(OrderId id) const {
  const auto it = index_.find(id);
  if (it == index_.end()) return std::nullopt;
  return it->second;
}

const Order& OrderTable::At(OrderId id, Location location) const {
  if (location.where == Where::kBook) return InBook(location.slot);
  return location.where == Where::kCarried ? carried_.at(id) : closing_.at(id);
}

const Order* OrderTable::Get(OrderId id) const {
  const auto location = Find(id);
  return location ? &At(id, *location) : nullptr;
}

void OrderTable::AddToBook(OrderSlot slot, const Order& order) {
  const std::uint32_t s = slot.value();
  if (s >= book_.size()) book_.resize(std::max<std::size_t>(s + 1, book_.size() * 2));
  const std::uint32_t account = order.account.value();
  if (account >= first_slot_.size()) {
    first_slot_.resize(std::max<std::size_t>(account + 1, first_slot_.size() * 2));
  }
  book_[s] = {order, {}, {}};
  Link(&Entry::of_account, s, &first_slot_[account]);
  Link(&Entry::of_market, s, &first_in_market_[{order.account, order.market}]);
  Index(order, {Where::kBook, slot});
}

const Order& OrderTable::InBook(OrderSlot slot) const { return book_[slot.value()].order; }

Order& OrderTable::MutableInBook(OrderSlot slot) {
  Order& order = book_[slot.value()].order;
  changed_.push_back(order.id);
  return order;
}

Order OrderTable::RemoveFromBook(OrderSlot slot) {
  const std::uint32_t s = slot.value();
  const Order& order = book_[s].order;
  Unlink(&Entry::of_account, s, &first_slot_[order.account.value()]);
  if (const Links& links = book_[s].of_market; links.previous != 0) {
    Unlink(&Entry::of_market, s, nullptr);
  } else {
    const auto first = first_in_market_.find({order.account, order.market});
    CHECK(first != first_in_market_.end());
    Unlink(&Entry::of_market, s, &first->second);
    if (first->second == 0) first_in_market_.erase(first);
  }
  Unindex(order);
  return order;
}

void OrderTable::Link(Links Entry::*links, std::uint32_t slot, std::uint32_t* first) {
  book_[slot].*links = {0, *first};
  if (*first != 0) (book_[*first].*links).previous = slot;
  *first = slot;
}

void OrderTable::Unlink(Links Entry::*links, std::uint32_t slot, std::uint32_t* first) {
  const auto [previous, next] = book_[slot].*links;
  if (previous != 0) {
    (book_[previous].*links).next = next;
  } else {
    *first = next;
  }
  if (next != 0) (book_[next].*links).previous = previous;
}

void OrderTable::AddCarried(const Order& order) {
  carried_.emplace(order.id, order);
  carried_of_.emplace(order.account, order.market, order.id);
  Index(order, {Where::kCarried, matching::kNoSlot});
}

Order OrderTable::RemoveCarried(OrderId id) {
  const auto it = carried_.find(id);
  CHECK(it != carried_.end());
  const Order order = it->second;
  carried_.erase(it);
  carried_of_.erase({order.account, order.market, id});
  Unindex(order);
  return order;
}

void OrderTable::AddClosing(const Order& order) {
  closing_.emplace(order.id, order);
  ++closing_of_[order.account];
  index_.emplace(order.id, Location{Where::kClosing, matching::kNoSlot});
}

Order OrderTable::RemoveClosing(OrderId id) {
  const auto it = closing_.find(id);
  CHECK(it != closing_.end());
  const Order order = it->second;
  closing_.erase(it);
  index_.erase(id);
  changed_.push_back(id);
  if (--closing_of_[order.account] == 0) closing_of_.erase(order.account);
  return order;
}

std::vector<OrderId> OrderTable::OpenOf(AccountIndex account, MarketId market) const {
  const bool any = market == MarketId(0);
  const Links Entry::*links = any ? &Entry::of_account : &Entry::of_market;
  std::uint32_t first = 0;
  if (any) {
    if (account.value() < first_slot_.size()) first = first_slot_[account.value()];
  } else if (const auto it = first_in_market_.find({account, market});
             it != first_in_market_.end()) {
    first = it->second;
  }
  std::vector<OrderId> ids;
  for (std::uint32_t s = first; s != 0; s = (book_[s].*links).next) {
    ids.push_back(book_[s].order.id);
  }
  for (auto it = carried_of_.lower_bound({account, market, OrderId(0)}); it != carried_of_.end();
       ++it) {
    const auto& [owner, in_market, id] = *it;
    if (owner != account || (!any && in_market != market)) break;
    ids.push_back(id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::optional<OrderId> OrderTable::NextExpired(TimeMicros time) const {
  if (expiries_.empty() || expiries_.begin()->first > time) return std::nullopt;
  return expiries_.begin()->second;
}

std::vector<Order> OrderTable::All() const {
  std::vector<Order> orders;
  orders.reserve(index_.size());
  for (const std::uint32_t first : first_slot_) {
    for (std::uint32_t s = first; s != 0; s = book_[s].of_account.next) {
      orders.push_back(book_[s].order);
    }
  }
  for (const auto& [id, order] : carried_) orders.push_back(order);
  for (const auto& [id, order] : closing_) orders.push_back(order);
  std::sort(orders.begin(), orders.end(),
            [](const Order& a, const Order& b) { return a.id < b.id; });
  return orders;
}

std::vector<OrderId> OrderTable::Changed() const {
  std::vector<OrderId> ids = changed_;
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

void OrderTable::Index(const Order& order, Location location) {
  const bool added = index_.emplace(order.id, location).second;
  CHECK(added);
  if (order.expires != TimeMicros(0)) expiries_.emplace(order.expires, order.id);
  changed_.push_back(order.id);
}

void OrderTable::Unindex(const Order& order) {
  index_.erase(order.id);
  if (order.expires != TimeMicros(0)) expiries_.erase({order.expires, order.id});
  changed_.push_back(order.id);
}

}  // namespace bourse::exchange
