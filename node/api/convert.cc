#include "node/api/convert.h"

#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/address.h"

namespace bourse::api {
namespace {

template <typename Id>
std::string Raw(const Id& id) {
  return std::string(AsText(Bytes(id.bytes)));
}

template <typename Id>
absl::StatusOr<Id> ToId(const std::string& field, const std::string& bytes) {
  Id id;
  if (bytes.size() != id.bytes.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": expected ", id.bytes.size(), " bytes, not ", bytes.size()));
  }
  std::memcpy(id.bytes.data(), bytes.data(), bytes.size());
  return id;
}

v1::Side ToMessage(Side side) { return side == Side::kBuy ? v1::SIDE_BUY : v1::SIDE_SELL; }

v1::OperationResult ToMessage(const ledger::OperationResult& result) {
  v1::OperationResult out;
  out.set_reject_reason(static_cast<v1::RejectReason>(result.reason));
  out.set_order_id(result.order.value());
  out.set_order_status(static_cast<v1::OrderStatus>(result.status));
  out.set_filled(result.filled.value());
  out.set_remaining(result.remaining.value());
  out.set_market(result.market.value());
  if (result.asset != AssetId{}) out.set_asset(Raw(result.asset));
  out.set_cancelled(result.cancelled);
  return out;
}

bool IsOfGenesis(const ledger::Asset& asset, const ledger::Genesis& genesis) {
  return asset.index.value() <= genesis.assets.size();  // they come first, from 1 on
}

}  // namespace

absl::StatusOr<Hash256> ToHash(const std::string& field, const std::string& bytes) {
  return ToId<Hash256>(field, bytes);
}

absl::StatusOr<AccountId> ToAccountId(const std::string& field, const std::string& bytes) {
  return ToId<AccountId>(field, bytes);
}

absl::StatusOr<std::string> ToEncoded(const v1::SignedTransaction& transaction) {
  if (transaction.body().empty()) {
    return absl::InvalidArgumentError("transaction.body: missing");
  }
  const absl::StatusOr<Signature> signature =
      ToId<Signature>("transaction.signature", transaction.signature());
  if (!signature.ok()) return signature.status();
  const google::protobuf::Reflection* reflection = transaction.GetReflection();
  if (!reflection->GetUnknownFields(transaction).empty()) {
    return absl::InvalidArgumentError("transaction: it has an unknown field");
  }
  return EncodeSignedTransaction(transaction.body(), *signature);
}

v1::Transaction TransactionOf(const std::string& encoded) {
  v1::SignedTransaction outer;
  v1::Transaction transaction;
  if (!outer.ParseFromString(encoded) || !transaction.ParseFromString(outer.body())) {
    transaction.Clear();
  }
  return transaction;
}

v1::SettledSwap ToMessage(const ledger::Swap& swap, const Hash256& genesis_hash, Height height,
                          std::uint32_t event_index, TimeMicros time) {
  v1::SettledSwap out;
  out.set_txid(Raw(ledger::MakeSwapId(genesis_hash, height, event_index)));
  out.set_height(height.value());
  out.set_event_index(event_index);
  out.set_time(time.value());
  out.set_market(swap.market.value());
  out.set_taker_side(ToMessage(swap.taker_side));
  out.set_price(swap.price.value());
  out.set_quantity(swap.quantity.value());
  out.set_base_amount(swap.base_amount.value());
  out.set_quote_amount(swap.quote_amount.value());
  out.set_maker(Raw(swap.maker));
  out.set_taker(Raw(swap.taker));
  out.set_maker_order_id(swap.maker_order.value());
  out.set_taker_order_id(swap.taker_order.value());
  out.set_maker_fee(swap.maker_fee.value());
  out.set_taker_fee(swap.taker_fee.value());
  if (swap.taker_txid != TxId{}) out.set_taker_txid(Raw(swap.taker_txid));
  return out;
}

v1::Receipt ToMessage(const FullReceipt& full, const Hash256& genesis_hash) {
  const ledger::Receipt& receipt = full.receipt;
  v1::Receipt out;
  out.set_txid(Raw(receipt.txid));
  out.set_height(receipt.height.value());
  out.set_index(receipt.index);
  out.set_skip_reason(static_cast<v1::SkipReason>(receipt.skip));
  out.set_charged(receipt.charged.value());
  for (const ledger::OperationResult& result : receipt.results) {
    *out.add_results() = ToMessage(result);
  }
  for (const auto& [index, swap] : full.swaps) {
    *out.add_swaps() = ToMessage(swap, genesis_hash, receipt.height, index, full.block_time);
  }
  return out;
}

v1::Order ToMessage(const ledger::Order& order, const ledger::Account& account, TimeMicros time) {
  v1::Order out;
  out.set_order_id(order.id.value());
  out.set_account(Raw(account.id));
  out.set_market(order.market.value());
  out.set_side(ToMessage(order.side));
  out.set_type(static_cast<v1::OrderType>(order.type));
  out.set_price(order.price.value());
  out.set_quantity(order.quantity.value());
  out.set_remaining(order.remaining.value());
  out.set_client_id(order.client_id.value());
  out.set_expires(order.expires.value());
  out.set_status(IsClosing(order, account.cutoffs, time) ? v1::ORDER_STATUS_CLOSING
                 : order.carried                         ? v1::ORDER_STATUS_CARRIED
                                                         : v1::ORDER_STATUS_OPEN);
  return out;
}

v1::Block ToMessage(const ledger::BlockHeader& header) {
  v1::Block out;
  out.set_height(header.height.value());
  out.set_time(header.time.value());
  out.set_hash(Raw(header.hash));
  out.set_parent_hash(Raw(header.parent_hash));
  out.set_transactions_root(Raw(header.transactions_root));
  out.set_results_root(Raw(header.results_root));
  out.set_state_root(Raw(header.state_root));
  out.set_transaction_count(header.transactions);
  out.set_event_count(header.events);
  out.set_protocol_version(header.protocol_version);
  return out;
}

v1::PriceLevel ToMessage(const Level& level) {
  v1::PriceLevel out;
  out.set_price(level.price.value());
  out.set_quantity(level.quantity);
  out.set_orders(level.orders);
  return out;
}

absl::StatusOr<v1::Account> ToMessage(const ledger::Account& account, const LedgerReader& reader,
                                      Height height) {
  v1::Account out;
  out.set_account(Raw(account.id));
  out.set_owner(Raw(account.owner));
  for (const ledger::Balance& balance : account.balances) {
    if (balance.free == Atoms(0) && balance.reserved == Atoms(0)) continue;
    const absl::StatusOr<ledger::Asset> asset = reader.Asset(balance.asset);
    if (!asset.ok()) return Damaged("the asset of a balance");
    v1::Balance& message = *out.add_balances();
    message.set_asset(Raw(asset->id));
    message.set_free(balance.free.value());
    message.set_reserved(balance.reserved.value());
  }
  out.set_nonce_floor(account.nonces.floor().value());
  out.set_next_nonce(account.nonces.next().value());
  out.set_open_orders(account.open_orders);
  out.set_height(height.value());
  return out;
}

std::string AssetName(const ledger::Asset& asset, const ledger::Genesis& genesis) {
  if (IsOfGenesis(asset, genesis)) return asset.code;
  return absl::StrCat(asset.code, ".", FormatAddress(asset.issuer));
}

absl::StatusOr<AssetId> AssetIdOf(const std::string& name, const ledger::Genesis& genesis) {
  const std::size_t dot = name.find('.');
  if (dot != std::string::npos) {
    const absl::StatusOr<AccountId> issuer = ParseAddress(name.substr(dot + 1));
    if (!issuer.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("name: ", std::string(issuer.status().message())));
    }
    return ledger::MakeAssetId(*issuer, name.substr(0, dot));
  }
  for (const ledger::GenesisAsset& asset : genesis.assets) {
    if (asset.code == name) return ledger::MakeAssetId(asset.issuer, asset.code);
  }
  return absl::NotFoundError(absl::StrCat(
      "no asset ", name, " in the genesis; others are named CODE.issuer, as USD.bourse1…"));
}

v1::Asset ToMessage(const ledger::Asset& asset, const ledger::Genesis& genesis) {
  v1::Asset out;
  out.set_asset(Raw(asset.id));
  out.set_code(asset.code);
  if (asset.issuer != AccountId{}) out.set_issuer(Raw(asset.issuer));
  out.set_decimals(asset.decimals);
  out.set_supply(asset.supply.value());
  out.set_supply_cap(asset.supply_cap.value());
  out.set_fee_pot(asset.fee_pot.value());
  out.set_name(AssetName(asset, genesis));
  return out;
}

absl::StatusOr<v1::Market> ToMessage(const ledger::Market& market, const LedgerReader& reader,
                                     const ledger::Genesis& genesis) {
  const absl::StatusOr<ledger::Asset> base = reader.Asset(market.base);
  const absl::StatusOr<ledger::Asset> quote = reader.Asset(market.quote);
  if (!base.ok() || !quote.ok()) return Damaged("the assets of a market");
  v1::Market out;
  out.set_market(market.id.value());
  out.set_base(Raw(base->id));
  out.set_quote(Raw(quote->id));
  out.set_lot_size(market.lot_size);
  out.set_tick_size(market.tick_size);
  out.set_min_notional(market.min_notional.value());
  out.set_maker_fee_ppm(market.maker_fee_ppm);
  out.set_taker_fee_ppm(market.taker_fee_ppm);
  out.set_name(absl::StrCat(AssetName(*base, genesis), "/", AssetName(*quote, genesis)));
  if (market.id.value() > genesis.markets.size()) {  // those of the genesis have no creator
    const absl::StatusOr<std::optional<AccountId>> creator = reader.AccountOf(market.creator);
    if (!creator.ok()) return creator.status();
    if (creator->has_value()) out.set_creator(Raw(**creator));
  }
  return out;
}

}  // namespace bourse::api
