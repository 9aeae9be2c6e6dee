#include "ledger/schema.h"

#include <utility>

#include "common/codec.h"

namespace bourse::ledger {
namespace {

std::string Lettered(char letter, Bytes bytes) {
  std::string key(1, letter);
  key.append(AsText(bytes));
  return key;
}

std::string Numbered(char letter, std::uint64_t number) {
  Writer writer;
  writer.U8(static_cast<std::uint8_t>(letter));
  writer.BigU64(number);
  return std::move(writer).Take();
}

}  // namespace

std::string HeaderKey(Height height) { return Numbered('h', height.value()); }
std::string BodyKey(Height height) { return Numbered('t', height.value()); }
std::string TxIdsKey(Height height) { return Numbered('i', height.value()); }
std::string EventsKey(Height height) { return Numbered('e', height.value()); }
std::string ResultLeavesKey(Height height) { return Numbered('l', height.value()); }

std::string TransactionKey(const TxId& txid) { return std::string(AsText(txid.bytes)); }

std::string SwapKey(const TxId& txid) { return Lettered('s', txid.bytes); }

std::string MarketSwapsPrefix(MarketId market) {
  Writer writer;
  writer.U8('m');
  writer.BigU32(market.value());
  return std::move(writer).Take();
}

std::string MarketSwapKey(MarketId market, Height height, std::uint32_t event_index) {
  Writer writer;
  writer.Raw(std::string_view(MarketSwapsPrefix(market)));
  writer.BigU64(height.value());
  writer.BigU32(event_index);
  return std::move(writer).Take();
}

std::string AccountKey(const AccountId& id) { return Lettered('a', id.bytes); }

std::string AccountIndexKey(AccountIndex index) {
  Writer writer;
  writer.U8('n');
  writer.BigU32(index.value());
  return std::move(writer).Take();
}

std::string OrderKey(OrderId id) { return Numbered('o', id.value()); }

std::string ClientIdKey(AccountIndex account, ClientOrderId client_id) {
  Writer writer;
  writer.U8('c');
  writer.BigU32(account.value());
  writer.BigU64(client_id.value());
  return std::move(writer).Take();
}

std::string MarketKey(MarketId market) {
  Writer writer;
  writer.BigU32(market.value());
  return std::move(writer).Take();
}

std::string AssetKey(AssetIndex index) {
  Writer writer;
  writer.U8('a');
  writer.BigU32(index.value());
  return std::move(writer).Take();
}

std::string AssetIdKey(const AssetId& id) { return Lettered('n', id.bytes); }

std::string StateKey(char family, const std::string& key) { return std::string(1, family) + key; }

}  // namespace bourse::ledger
