// genesis.json: a network's genesis as people write it.
//
//   {"chain_name": "devnet", "time": "1700000000000000", "protocol_version": 1,
//    "fees": {"asset": "BRS", "per_transaction": "1000", "per_operation": "1000",
//             "per_cancel": "100", "per_byte": "1", "account_deposit": "…", "order_deposit": "…",
//             "asset_deposit": "…", "market_deposit": "…"},
//    "assets": [{"code": "BRS", "decimals": 8, "issuer": "" or "bourse1…", "supply_cap": "…"}],
//    "markets": [{"base": "BTC", "quote": "USD", "lot_size": "…", "tick_size": "…",
//                 "min_notional": "…", "maker_fee_ppm": 100, "taker_fee_ppm": 200}],
//    "accounts": [{"id": "bourse1…", "balances": {"BRS": "100"}}],
//    "validators": [{"name": "one", "key": "64 hex digits"}]}
//
// 64-bit numbers are in quotes; amounts are in atoms, the time in microseconds since 1970. All keys
// have to be there, and no others. The order of the lists is part of the genesis.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "ledger/genesis.h"

namespace bourse::config {

// Reads it. kInvalidArgument with the path of what is wrong ("markets[0].base: there is no asset
// BTX"). An empty list of validators is let through; ledger::Validate does not.
[[nodiscard]] absl::StatusOr<ledger::Genesis> GenesisFromJson(std::string_view text);

// What GenesisFromJson reads. REQUIRES: the genesis is valid.
[[nodiscard]] std::string GenesisToJson(const ledger::Genesis& genesis);

}  // namespace bourse::config
