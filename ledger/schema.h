// Keys of the store, family by family.
//
//   family         key                                    value
//   blocks         'h' height                             BlockHeader
//                  't' height                             the transactions' exact bytes, sized
//                  'i' height                             their TXIDs, 32 bytes each
//                  'e' height                             EventLog, packed
//                  'l' height                             leaf hashes of the results, 32 bytes each
//   transactions   TXID                                   Receipt
//   swaps          's' TXID                               height (8), index (4), time (8), Event
//                  'm' market height index                nothing: a market's swaps in order
//   accounts       'a' account id                         Account
//                  'n' account index                      account id
//   orders         'o' order id                           Order
//                  'c' account index, client id           ClientId
//   markets        market                                 Market
//   assets         'a' asset index                        Asset
//                  'n' asset id                           asset index (4)
//   meta           "head" "genesis"                       Head; the genesis as it was given
//   finality       node/storage/block_archive.h           what finalized each block; evidence
//
// Numbers in keys are big-endian, so that keys sort as the numbers do.
#pragma once

#include <string>

#include "common/hash.h"
#include "common/transaction.h"
#include "common/units.h"

namespace bourse::ledger {

[[nodiscard]] std::string HeaderKey(Height height);
[[nodiscard]] std::string BodyKey(Height height);
[[nodiscard]] std::string TxIdsKey(Height height);
[[nodiscard]] std::string EventsKey(Height height);
[[nodiscard]] std::string ResultLeavesKey(Height height);

[[nodiscard]] std::string TransactionKey(const TxId& txid);

[[nodiscard]] std::string SwapKey(const TxId& txid);
[[nodiscard]] std::string MarketSwapsPrefix(MarketId market);
[[nodiscard]] std::string MarketSwapKey(MarketId market, Height height, std::uint32_t event_index);

[[nodiscard]] std::string AccountKey(const AccountId& id);
[[nodiscard]] std::string AccountIndexKey(AccountIndex index);

[[nodiscard]] std::string OrderKey(OrderId id);
[[nodiscard]] std::string ClientIdKey(AccountIndex account, ClientOrderId client_id);

[[nodiscard]] std::string MarketKey(MarketId market);

[[nodiscard]] std::string AssetKey(AssetIndex index);
[[nodiscard]] std::string AssetIdKey(const AssetId& id);

inline constexpr char kHeadKey[] = "head";
inline constexpr char kGenesisKey[] = "genesis";

// A record's name in the state tree: its family's letter, then its key in the store.
[[nodiscard]] std::string StateKey(char family, const std::string& key);

}  // namespace bourse::ledger
