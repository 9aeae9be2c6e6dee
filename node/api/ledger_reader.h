// LedgerReader: the ledger's records by key, decoded.
//
// NOT_FOUND is for what a caller asked for; what must be there and is not, or can't be decoded, is
// DATA_LOSS.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/transaction.h"
#include "common/units.h"
#include "ledger/event.h"
#include "ledger/records.h"
#include "ledger/store.h"

namespace bourse::api {

[[nodiscard]] inline absl::Status Damaged(std::string_view what) {
  return absl::DataLossError(
      absl::StrCat("the ledger is damaged: ", std::string(what), " can't be read"));
}

// A swap, and where it happened.
struct PlacedSwap {
  ledger::Swap swap;
  Height height;
  std::uint32_t event_index = 0;
  TimeMicros time;
  std::string leaf;  // the event's bytes
};

class LedgerReader {
 public:
  // The view must outlive it.
  explicit LedgerReader(const ledger::View& view) : view_(view) {}

  // A record, if it is there; without what its key says (an order's id, a market's number).
  template <typename Record>
  [[nodiscard]] absl::StatusOr<std::optional<Record>> Find(ledger::Family family,
                                                           const std::string& key) const {
    const absl::StatusOr<std::optional<std::string>> bytes = view_.Get(family, key);
    if (!bytes.ok()) return bytes.status();
    if (!bytes->has_value()) return std::optional<Record>();
    Record record;
    if (!ledger::Decode(**bytes, &record)) return Damaged("a record");
    return std::optional<Record>(std::move(record));
  }

  // A value that must be there.
  [[nodiscard]] absl::StatusOr<std::string> Bytes(ledger::Family family,
                                                  const std::string& key) const;

  [[nodiscard]] absl::StatusOr<ledger::Head> Head() const;
  // NOT_FOUND: no such account, asset, market, block.
  [[nodiscard]] absl::StatusOr<ledger::Account> Account(const AccountId& id) const;
  [[nodiscard]] absl::StatusOr<ledger::Asset> Asset(const AssetId& id) const;
  [[nodiscard]] absl::StatusOr<ledger::Asset> Asset(AssetIndex index) const;
  [[nodiscard]] absl::StatusOr<ledger::Market> Market(MarketId id) const;
  [[nodiscard]] absl::StatusOr<ledger::BlockHeader> Header(Height height) const;
  // Nothing if it is not in the state.
  [[nodiscard]] absl::StatusOr<std::optional<ledger::Order>> Order(OrderId id) const;
  [[nodiscard]] absl::StatusOr<std::optional<AccountId>> AccountOf(AccountIndex index) const;
  [[nodiscard]] absl::StatusOr<std::optional<PlacedSwap>> Swap(const TxId& txid) const;
  // TXIDs of a block, in its order.
  [[nodiscard]] absl::StatusOr<std::vector<TxId>> TxIds(Height height) const;
  // Leaf hashes of a block's results.
  [[nodiscard]] absl::StatusOr<std::vector<Hash256>> ResultLeaves(Height height) const;
  // The exact bytes of transaction `index` of a block.
  [[nodiscard]] absl::StatusOr<std::string> TransactionBytes(Height height,
                                                             std::uint32_t index) const;

  [[nodiscard]] const ledger::View& view() const { return view_; }

 private:
  [[nodiscard]] absl::StatusOr<std::vector<Hash256>> Hashes(const std::string& key) const;

  const ledger::View& view_;
};

}  // namespace bourse::api
