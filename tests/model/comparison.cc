#include "tests/model/comparison.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <variant>
#include <vector>

#include "common/checked_math.h"
#include "tests/model/funds.h"
#include "tests/model/text.h"

namespace bourse::model {
namespace {

bool IsSame(const ledger::Receipt& a, const ledger::Receipt& b) {
  return a.txid == b.txid && a.height == b.height && a.index == b.index && a.skip == b.skip &&
         a.charged == b.charged && a.first_event == b.first_event && a.events == b.events &&
         a.results == b.results;
}

std::string CompareReceipts(const std::vector<ledger::Receipt>& real,
                            const std::vector<ledger::Receipt>& expected) {
  if (real.size() != expected.size()) return "number of receipts";
  for (std::size_t i = 0; i < real.size(); ++i) {
    if (IsSame(real[i], expected[i])) continue;
    return "receipt " + std::to_string(i) + "\n    real:  " + Text(real[i]) +
           "\n    model: " + Text(expected[i]);
  }
  return {};
}

std::string EventAt(const ledger::EventLog& log, std::uint32_t index) {
  ledger::Event event;
  if (index >= log.size()) return "none";
  return ledger::Decode(log.At(index), &event) ? Text(event) : "undecodable";
}

std::string CompareEvents(const ledger::EventLog& real,
                          const std::vector<ledger::Event>& expected) {
  const std::size_t count = std::max<std::size_t>(real.size(), expected.size());
  for (std::uint32_t i = 0; i < count; ++i) {
    const bool both = i < real.size() && i < expected.size();
    ledger::Event event;
    if (both && ledger::Decode(real.At(i), &event) && event == expected[i]) continue;
    return "event " + std::to_string(i) + "\n    real:  " + EventAt(real, i) +
           "\n    model: " + (i < expected.size() ? Text(expected[i]) : "none");
  }
  return {};
}

std::string CheckConservation(const State& state) {
  for (const auto& [id, asset] : state.assets) {
    Uint128 sum = asset.fee_pot;
    for (const auto& [account_id, account] : state.accounts) sum += Owned(state, account_id, id);
    if (sum != asset.supply) return "supply of " + Text(id) + " is not what is owned";
    if (asset.supply > asset.supply_cap) return "supply of " + Text(id) + " over its cap";
  }
  return {};
}

// Free stops the process where what is reserved is more than what is owned.
void CheckReserves(const State& state) {
  for (const auto& [account_id, account] : state.accounts) {
    for (const auto& [asset_id, asset] : state.assets) (void)Free(state, account_id, asset_id);
  }
}

std::string CheckBooks(const State& state) {
  struct Best {
    std::uint64_t bid = 0;
    std::uint64_t ask = ~std::uint64_t{0};
  };
  std::map<std::uint32_t, Best> books;
  for (const auto& [id, order] : state.orders) {
    if (order.remaining == 0) return "order " + std::to_string(id) + " has nothing left";
    if (order.place == Place::kTaking) return "order " + std::to_string(id) + " is nowhere";
    if (order.place != Place::kBook || order.closing) continue;
    Best& best = books[order.market];
    if (order.side == Side::kBuy) best.bid = std::max(best.bid, order.price);
    if (order.side == Side::kSell) best.ask = std::min(best.ask, order.price);
  }
  for (const auto& [market, best] : books) {
    if (best.bid >= best.ask) return "book " + std::to_string(market) + " is crossed";
  }
  return {};
}

}  // namespace

std::string CompareResults(const std::vector<ledger::Receipt>& receipts,
                           const ledger::EventLog& events, const Outcome& expected) {
  const std::string in_receipts = CompareReceipts(receipts, expected.receipts);
  const std::string in_events = CompareEvents(events, expected.events);
  if (in_receipts.empty() || in_events.empty()) return in_receipts + in_events;
  return in_receipts + "\n  and " + in_events;
}

std::string CheckLaws(const State& state) {
  CheckReserves(state);
  const std::string conservation = CheckConservation(state);
  return conservation.empty() ? CheckBooks(state) : conservation;
}

}  // namespace bourse::model
