// Records of the ledger as the API's messages. All such conversions are here.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bourse/v1/result.pb.h"
#include "bourse/v1/services.pb.h"
#include "bourse/v1/transaction.pb.h"
#include "common/hash.h"
#include "common/transaction.h"
#include "ledger/genesis.h"
#include "ledger/records.h"
#include "node/api/full_receipt.h"
#include "node/api/ledger_reader.h"
#include "node/api/order_view.h"

namespace bourse::api {

// 32 raw bytes. INVALID_ARGUMENT, naming the field, for another length.
[[nodiscard]] absl::StatusOr<Hash256> ToHash(const std::string& field, const std::string& bytes);
[[nodiscard]] absl::StatusOr<AccountId> ToAccountId(const std::string& field,
                                                    const std::string& bytes);

// The bytes of a SignedTransaction, as the node reads them. INVALID_ARGUMENT where fields are
// missing, unknown, or of a wrong length.
[[nodiscard]] absl::StatusOr<std::string> ToEncoded(const v1::SignedTransaction& transaction);
// The message of a body; empty if it is none.
[[nodiscard]] v1::Transaction TransactionOf(const std::string& encoded);

[[nodiscard]] v1::SettledSwap ToMessage(const ledger::Swap& swap, const Hash256& genesis_hash,
                                        Height height, std::uint32_t event_index, TimeMicros time);
[[nodiscard]] v1::Receipt ToMessage(const FullReceipt& receipt, const Hash256& genesis_hash);
[[nodiscard]] v1::Order ToMessage(const ledger::Order& order, const ledger::Account& account,
                                  TimeMicros time);
[[nodiscard]] v1::Block ToMessage(const ledger::BlockHeader& header);
[[nodiscard]] v1::PriceLevel ToMessage(const Level& level);

// Those that name other records look them up.
[[nodiscard]] absl::StatusOr<v1::Account> ToMessage(const ledger::Account& account,
                                                    const LedgerReader& reader, Height height);
[[nodiscard]] v1::Asset ToMessage(const ledger::Asset& asset, const ledger::Genesis& genesis);
[[nodiscard]] absl::StatusOr<v1::Market> ToMessage(const ledger::Market& market,
                                                   const LedgerReader& reader,
                                                   const ledger::Genesis& genesis);

// CODE for an asset of the genesis, else CODE.issuer.
[[nodiscard]] std::string AssetName(const ledger::Asset& asset, const ledger::Genesis& genesis);
// The id that a name means. NOT_FOUND: no asset of the genesis, nor CODE.issuer.
[[nodiscard]] absl::StatusOr<AssetId> AssetIdOf(const std::string& name,
                                                const ledger::Genesis& genesis);

}  // namespace bourse::api
