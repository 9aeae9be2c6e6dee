#include "node/api/ledger_reader.h"

#include <cstring>
#include <variant>

#include "common/address.h"
#include "common/codec.h"
#include "common/hash.h"
#include "ledger/schema.h"

namespace bourse::api {

using ledger::Family;

absl::StatusOr<std::string> LedgerReader::Bytes(Family family, const std::string& key) const {
  absl::StatusOr<std::optional<std::string>> bytes = view_.Get(family, key);
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return Damaged("what must be there");
  return *std::move(*bytes);
}

absl::StatusOr<ledger::Head> LedgerReader::Head() const {
  const auto head = Find<ledger::Head>(Family::kMeta, ledger::kHeadKey);
  if (!head.ok()) return head.status();
  if (!head->has_value()) return Damaged("the head");
  return **head;
}

absl::StatusOr<ledger::Account> LedgerReader::Account(const AccountId& id) const {
  auto account = Find<ledger::Account>(Family::kAccounts, ledger::AccountKey(id));
  if (!account.ok()) return account.status();
  if (!account->has_value()) {
    return absl::NotFoundError(absl::StrCat("no account ", FormatAddress(id),
                                            "; it comes to exist with its first transfer"));
  }
  (*account)->id = id;
  return **account;
}

absl::StatusOr<ledger::Asset> LedgerReader::Asset(const AssetId& id) const {
  const auto bytes = view_.Get(Family::kAssets, ledger::AssetIdKey(id));
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return absl::NotFoundError(absl::StrCat("no asset ", ToHex(id)));
  Reader reader(**bytes);
  const AssetIndex index(reader.U32());
  if (!reader.Done()) return Damaged("an asset's index");
  return Asset(index);
}

absl::StatusOr<ledger::Asset> LedgerReader::Asset(AssetIndex index) const {
  auto asset = Find<ledger::Asset>(Family::kAssets, ledger::AssetKey(index));
  if (!asset.ok()) return asset.status();
  if (!asset->has_value()) return absl::NotFoundError("no such asset");
  (*asset)->index = index;
  return **asset;
}

absl::StatusOr<ledger::Market> LedgerReader::Market(MarketId id) const {
  auto market = Find<ledger::Market>(Family::kMarkets, ledger::MarketKey(id));
  if (!market.ok()) return market.status();
  if (!market->has_value()) return absl::NotFoundError(absl::StrCat("no market ", id.value()));
  (*market)->id = id;
  return **market;
}

absl::StatusOr<ledger::BlockHeader> LedgerReader::Header(Height height) const {
  auto header = Find<ledger::BlockHeader>(Family::kBlocks, ledger::HeaderKey(height));
  if (!header.ok()) return header.status();
  if (!header->has_value()) return absl::NotFoundError(absl::StrCat("no block ", height.value()));
  (*header)->height = height;
  return **header;
}

absl::StatusOr<std::optional<ledger::Order>> LedgerReader::Order(OrderId id) const {
  auto order = Find<ledger::Order>(Family::kOrders, ledger::OrderKey(id));
  if (order.ok() && order->has_value()) (*order)->id = id;
  return order;
}

absl::StatusOr<std::optional<AccountId>> LedgerReader::AccountOf(AccountIndex index) const {
  const auto bytes = view_.Get(Family::kAccounts, ledger::AccountIndexKey(index));
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return std::optional<AccountId>();
  AccountId id;
  Reader reader(**bytes);
  reader.Raw(id.bytes);
  if (!reader.Done()) return Damaged("an account's id");
  return std::optional<AccountId>(id);
}

absl::StatusOr<std::optional<PlacedSwap>> LedgerReader::Swap(const TxId& txid) const {
  const auto bytes = view_.Get(Family::kSwaps, ledger::SwapKey(txid));
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return std::optional<PlacedSwap>();
  constexpr std::size_t kPlaceBytes = 20;
  PlacedSwap out;
  Reader reader(**bytes);
  out.height = Height(reader.U64());
  out.event_index = reader.U32();
  out.time = TimeMicros(reader.U64());
  ledger::Event event;
  if (!reader.ok()) return Damaged("a swap");
  out.leaf = (*bytes)->substr(kPlaceBytes);
  if (!ledger::Decode(out.leaf, &event) || !std::holds_alternative<ledger::Swap>(event)) {
    return Damaged("a swap");
  }
  out.swap = std::get<ledger::Swap>(event);
  return std::optional<PlacedSwap>(std::move(out));
}

absl::StatusOr<std::vector<Hash256>> LedgerReader::Hashes(const std::string& key) const {
  const absl::StatusOr<std::string> bytes = Bytes(Family::kBlocks, key);
  if (!bytes.ok()) return bytes.status();
  if (bytes->size() % sizeof(Hash256) != 0) return Damaged("a list of hashes");
  std::vector<Hash256> out(bytes->size() / sizeof(Hash256));
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::memcpy(out[i].bytes.data(), bytes->data() + i * sizeof(Hash256), sizeof(Hash256));
  }
  return out;
}

absl::StatusOr<std::vector<TxId>> LedgerReader::TxIds(Height height) const {
  return Hashes(ledger::TxIdsKey(height));
}

absl::StatusOr<std::vector<Hash256>> LedgerReader::ResultLeaves(Height height) const {
  return Hashes(ledger::ResultLeavesKey(height));
}

absl::StatusOr<std::string> LedgerReader::TransactionBytes(Height height,
                                                           std::uint32_t index) const {
  const absl::StatusOr<std::string> body = Bytes(Family::kBlocks, ledger::BodyKey(height));
  if (!body.ok()) return body.status();
  Reader reader(*body);
  for (std::uint32_t i = 0; i < index && reader.ok(); ++i) (void)reader.Sized();
  const std::string_view bytes = reader.Sized();
  if (!reader.ok()) return Damaged("a block's transactions");
  return std::string(bytes);
}

}  // namespace bourse::api
