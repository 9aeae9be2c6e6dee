// Swaps, operations and receipts as JSON documents and as lines for people. docs/cli.md documents
// the documents' fields.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bourse/v1/result.pb.h"
#include "bourse/v1/transaction.pb.h"
#include "cli/catalog.h"
#include "cli/context.h"
#include "cli/output.h"

namespace bourse::cli {

// "buy", "post-only", "open", …: enums as people type and read them.
[[nodiscard]] std::string SideText(v1::Side side);
[[nodiscard]] std::string TypeText(v1::OrderType type);
[[nodiscard]] std::string SelfTradeText(v1::SelfTrade mode);
[[nodiscard]] std::string StatusText(v1::OrderStatus status);

// "INSUFFICIENT_FUNDS": without the prefix. Of a code that is newer than this program, its number.
[[nodiscard]] std::string ReasonText(v1::RejectReason reason);
[[nodiscard]] std::string ReasonText(v1::SkipReason reason);
// What it means for whoever sent it, and what to do.
[[nodiscard]] std::string Explain(v1::RejectReason reason);
[[nodiscard]] std::string Explain(v1::SkipReason reason);

// "#1 BTC/USD": several markets may be named alike.
[[nodiscard]] std::string MarketText(const MarketInfo& market);

[[nodiscard]] Json SwapDocument(const v1::SettledSwap& swap, const MarketInfo& market);
// A row for each, with its TXID.
void PrintSwaps(std::ostream& out, const std::vector<v1::SettledSwap>& swaps,
                const MarketInfo& market);

[[nodiscard]] Json OrderDocument(const v1::Order& order, const MarketInfo& market);

// `market`: of the order that it is about; null: not known, and lots stay lots.
[[nodiscard]] Json ResultDocument(const v1::OperationResult& result, const MarketInfo* market);

// An operation with the names of its assets and market.
struct OperationText {
  Json document;
  std::string line;  // "buy 0.500 BTC/USD at 64000.00, limit"
};
[[nodiscard]] absl::StatusOr<OperationText> DescribeOperation(Context& context,
                                                              const v1::Operation& operation);

// An amount of an asset: {"asset": …, "amount": …, "atoms": …}.
[[nodiscard]] Json AmountDocument(std::uint64_t atoms, const v1::Asset& asset);
[[nodiscard]] std::string AmountText(std::uint64_t atoms, const v1::Asset& asset);

}  // namespace bourse::cli
