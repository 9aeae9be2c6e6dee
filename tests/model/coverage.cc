#include "tests/model/coverage.h"

#include <algorithm>
#include <array>
#include <variant>

#include "common/transaction.h"

namespace bourse::model {
namespace {

constexpr std::array<const char*, 6> kTypes = {"", "LIMIT", "MARKET", "IOC", "FOK", "POST_ONLY"};
constexpr std::array<const char*, 4> kModes = {"", "CANCEL_TAKER", "CANCEL_MAKER", "CANCEL_BOTH"};
constexpr std::array<const char*, 10> kEvents = {
    "Swap",   "OrderOpened", "OrderClosed",    "OrderReduced", "Transferred",
    "Minted", "Burned",      "AccountCreated", "AssetCreated", "MarketCreated"};
constexpr std::array<const char*, 6> kCloseReasons = {"",         " cancelled",  " replaced",
                                                      " expired", " self-trade", " unfilled"};
constexpr int kSkipReasons = 9;

std::string Placed(int type, int mode) {
  return std::string("placed ") + kTypes[static_cast<std::size_t>(type)] + " x " +
         kModes[static_cast<std::size_t>(mode)];
}
std::string RejectedFor(RejectReason reason) { return "rejected " + std::string(Name(reason)); }
std::string SkippedFor(SkipReason reason) { return "skipped " + std::string(Name(reason)); }

std::string NameOf(const ledger::Event& event) {
  std::string name = kEvents[event.index()];
  if (const auto* closed = std::get_if<ledger::OrderClosed>(&event)) {
    name += kCloseReasons[static_cast<std::size_t>(closed->reason)];
    if (!closed->in_book) name += ", not in the book";
  }
  if (const auto* swap = std::get_if<ledger::Swap>(&event)) {
    if (swap->taker_txid == TxId{}) name += ", carried";
  }
  return name;
}

}  // namespace

Coverage::Counts Coverage::AllAtZero() {
  Counts counts;
  for (int type = 1; type <= 5; ++type) {
    for (int mode = 1; mode <= 3; ++mode) counts[Placed(type, mode)] = 0;
  }
  for (int i = 1; i < kRejectReasons; ++i) counts[RejectedFor(static_cast<RejectReason>(i))] = 0;
  for (int i = 1; i < kSkipReasons; ++i) counts[SkippedFor(static_cast<SkipReason>(i))] = 0;
  return counts;
}

void Coverage::CountOperation(const Operation& operation, const ledger::OperationResult& result) {
  ++operations_;
  if (result.reason != RejectReason::kNone) {
    ++counts_[RejectedFor(result.reason)];
    return;
  }
  const auto* place = std::get_if<PlaceOrder>(&operation);
  if (place != nullptr) {
    ++counts_[Placed(static_cast<int>(place->type), static_cast<int>(place->self_trade))];
  }
  if (place != nullptr || std::holds_alternative<ReplaceOrder>(operation)) {
    ++events_["(" + std::string(place != nullptr ? "place" : "replace") + " " +
              std::string(Name(result.status)) + ")"];
  }
}

void Coverage::Count(const exchange::Block& block, const std::vector<ledger::Receipt>& receipts,
                     const std::vector<ledger::Event>& events) {
  ++blocks_;
  transactions_ += receipts.size();
  for (std::size_t i = 0; i < receipts.size(); ++i) {
    if (receipts[i].skip != SkipReason::kNone) {
      ++counts_[SkippedFor(receipts[i].skip)];
      continue;
    }
    const auto decoded = DecodeSignedTransaction(AsBytes(block.transactions[i]));
    if (!decoded.ok()) continue;
    const std::vector<Operation>& operations = decoded->transaction.operations;
    for (std::size_t k = 0; k < operations.size() && k < receipts[i].results.size(); ++k) {
      CountOperation(operations[k], receipts[i].results[k]);
    }
  }
  for (const ledger::Event& event : events) ++events_[NameOf(event)];
}

void Coverage::Add(const Coverage& other) {
  blocks_ += other.blocks_;
  transactions_ += other.transactions_;
  operations_ += other.operations_;
  for (const auto& [name, count] : other.counts_) counts_[name] += count;
  for (const auto& [name, count] : other.events_) events_[name] += count;
}

std::uint64_t Coverage::Least() const {
  return std::min_element(counts_.begin(), counts_.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->second;
}

std::ostream& operator<<(std::ostream& out, const Coverage& coverage) {
  out << coverage.blocks_ << " blocks, " << coverage.transactions_ << " transactions, "
      << coverage.operations_ << " operations run\n";
  for (const auto& [name, count] : coverage.counts_) out << "  " << count << "  " << name << "\n";
  for (const auto& [name, count] : coverage.events_) out << "  " << count << "  " << name << "\n";
  return out;
}

}  // namespace bourse::model
