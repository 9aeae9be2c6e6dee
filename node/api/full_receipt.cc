#include "node/api/full_receipt.h"

#include <variant>

#include "ledger/schema.h"
#include "node/api/ledger_reader.h"

namespace bourse::api {

FullReceipt MakeFullReceipt(const ledger::Receipt& receipt, TimeMicros block_time,
                            const ledger::EventLog& events) {
  FullReceipt out{receipt, block_time, {}};
  const std::uint64_t end = std::uint64_t{receipt.first_event} + receipt.events;
  for (std::uint64_t i = receipt.first_event; i < end && i < events.size(); ++i) {
    const auto index = static_cast<std::uint32_t>(i);
    ledger::Event event;
    if (!ledger::Decode(events.At(index), &event)) continue;
    if (auto* swap = std::get_if<ledger::Swap>(&event)) out.swaps.emplace_back(index, *swap);
  }
  return out;
}

absl::StatusOr<std::optional<FullReceipt>> ReadFullReceipt(const ledger::View& view,
                                                           const TxId& txid) {
  const LedgerReader reader(view);
  const auto receipt =
      reader.Find<ledger::Receipt>(ledger::Family::kTransactions, ledger::TransactionKey(txid));
  if (!receipt.ok()) return receipt.status();
  if (!receipt->has_value()) return std::optional<FullReceipt>();
  const ledger::Receipt& found = **receipt;
  const auto header = reader.Header(found.height);
  if (!header.ok()) return header.status();
  ledger::EventLog events;
  if (found.events > 0) {
    const auto packed = reader.Bytes(ledger::Family::kBlocks, ledger::EventsKey(found.height));
    if (!packed.ok()) return packed.status();
    if (!ledger::EventLog::Unpack(*packed, &events)) return Damaged("events of a block");
  }
  return std::optional<FullReceipt>(MakeFullReceipt(found, header->time, events));
}

}  // namespace bourse::api
