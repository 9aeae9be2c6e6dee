#include "node/cometbft/results.h"

#include <cstdint>
#include <set>
#include <type_traits>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/address.h"
#include "common/hash.h"
#include "common/result.h"
#include "common/transaction.h"

namespace bourse::cometbft {
namespace {

void AddAttribute(std::string key, std::string value, abci::Event* event) {
  abci::EventAttribute& attribute = *event->add_attributes();
  attribute.set_key(std::move(key));
  attribute.set_value(std::move(value));
  attribute.set_index(true);
}

// Zero: the event is of no market.
MarketId MarketOf(const ledger::Event& event) {
  return std::visit(
      [](const auto& one) {
        using Kind = std::decay_t<decltype(one)>;
        if constexpr (std::is_same_v<Kind, ledger::Swap> ||
                      std::is_same_v<Kind, ledger::OrderOpened> ||
                      std::is_same_v<Kind, ledger::OrderClosed> ||
                      std::is_same_v<Kind, ledger::OrderReduced> ||
                      std::is_same_v<Kind, ledger::MarketCreated>) {
          return one.market;
        } else {
          return MarketId(0);
        }
      },
      event);
}

std::set<MarketId> MarketsOf(const ledger::Receipt& receipt, const ledger::EventLog& events) {
  std::set<MarketId> out;
  for (std::uint32_t i = 0; i < receipt.events; ++i) {
    ledger::Event event;
    if (!ledger::Decode(events.At(receipt.first_event + i), &event)) continue;
    if (const MarketId market = MarketOf(event); market != MarketId(0)) out.insert(market);
  }
  return out;
}

}  // namespace

abci::ResponseFinalizeBlock ResultsOf(const std::vector<std::string>& transactions,
                                      const exchange::BlockResult& result) {
  abci::ResponseFinalizeBlock out;
  for (std::size_t i = 0; i < transactions.size(); ++i) {
    const ledger::Receipt& receipt = result.receipts[i];
    abci::ExecTxResult& one = *out.add_tx_results();
    one.set_code(static_cast<std::uint32_t>(receipt.skip));
    one.set_data(ledger::Encode(receipt));
    if (receipt.skip != SkipReason::kNone) {
      one.set_codespace("skip");
      one.set_log(std::string(Name(receipt.skip)));
    }
    const auto decoded = DecodeSignedTransaction(AsBytes(transactions[i]));
    if (!decoded.ok()) continue;
    abci::Event& event = *one.add_events();
    event.set_type("bourse");
    AddAttribute("txid", ToHex(receipt.txid), &event);
    AddAttribute("account", FormatAddress(decoded->transaction.account), &event);
    for (const MarketId market : MarketsOf(receipt, result.events)) {
      AddAttribute("market", absl::StrCat(market.value()), &event);
    }
  }
  return out;
}

}  // namespace bourse::cometbft
