#include "ledger/records.h"

#include <utility>

#include "common/codec.h"
#include "common/hash_lanes.h"

namespace bourse::ledger {
namespace {

constexpr std::string_view kSwapDomain = "bourse/swap/1";

// Reads a byte that counts from `low` to `high`; false outside.
template <typename Enum>
bool ReadEnum(Reader& reader, std::uint8_t low, std::uint8_t high, Enum* out) {
  const std::uint8_t value = reader.U8();
  *out = static_cast<Enum>(value);
  return value >= low && value <= high;
}

bool ReadBool(Reader& reader, bool* out) { return ReadEnum(reader, 0, 1, out); }

template <typename Unit>
void Read64(Reader& reader, Unit* out) {
  *out = Unit(reader.U64());
}

template <typename Unit>
void Read32(Reader& reader, Unit* out) {
  *out = Unit(reader.U32());
}

bool IsZero(const Balance& balance) {
  return balance.free == Atoms(0) && balance.reserved == Atoms(0);
}

void WriteNonces(Writer& writer, const NonceWindow& nonces) {
  writer.U64(nonces.floor().value());
  writer.U16(static_cast<std::uint16_t>(nonces.words().size()));
  for (const std::uint64_t word : nonces.words()) writer.U64(word);
}

bool ReadNonces(Reader& reader, NonceWindow* nonces) {
  const std::uint64_t floor = reader.U64();
  const std::size_t count = reader.U16();
  if (count * 8 > reader.left()) return false;
  std::vector<std::uint64_t> words(count);
  for (std::uint64_t& word : words) word = reader.U64();
  return NonceWindow::Restore(floor, std::move(words), nonces);
}

bool ReadBalances(Reader& reader, std::vector<Balance>* balances) {
  const std::size_t count = reader.U32();
  if (count > reader.left() / 20) return false;
  balances->resize(count);
  for (Balance& balance : *balances) {
    Read32(reader, &balance.asset);
    Read64(reader, &balance.free);
    Read64(reader, &balance.reserved);
    if (IsZero(balance)) return false;
  }
  for (std::size_t i = 1; i < count; ++i) {
    if ((*balances)[i - 1].asset >= (*balances)[i].asset) return false;
  }
  return true;
}

bool ReadCutoffs(Reader& reader, std::vector<CancelCutoff>* cutoffs) {
  const std::size_t count = reader.U32();
  if (count > reader.left() / 12) return false;
  cutoffs->resize(count);
  for (CancelCutoff& cutoff : *cutoffs) {
    Read32(reader, &cutoff.market);
    Read64(reader, &cutoff.below);
  }
  return true;
}

void WriteResult(Writer& writer, const OperationResult& result) {
  writer.U8(static_cast<std::uint8_t>(result.reason));
  writer.U8(static_cast<std::uint8_t>(result.status));
  writer.U64(result.order.value());
  writer.U64(result.filled.value());
  writer.U64(result.remaining.value());
  writer.U32(result.market.value());
  writer.U32(result.cancelled);
  const bool has_asset = result.asset != AssetId{};
  writer.U8(has_asset ? 1 : 0);
  if (has_asset) writer.Raw(result.asset.bytes);
}

bool ReadResult(Reader& reader, OperationResult* result) {
  bool has_asset = false;
  if (!ReadEnum(reader, 0, kRejectReasons - 1, &result->reason)) return false;
  if (!ReadEnum(reader, 0, 5, &result->status)) return false;
  Read64(reader, &result->order);
  Read64(reader, &result->filled);
  Read64(reader, &result->remaining);
  Read32(reader, &result->market);
  result->cancelled = reader.U32();
  if (!ReadBool(reader, &has_asset)) return false;
  if (has_asset) reader.Raw(result->asset.bytes);
  return reader.ok() && has_asset == (result->asset != AssetId{});
}

template <typename Record>
std::string Encoded(const Record& record) {
  Writer writer;
  Write(record, writer);
  return std::move(writer).Take();
}

}  // namespace

void Write(const Account& record, Writer& writer) {
  writer.U32(record.index.value());
  writer.Raw(record.owner.bytes);
  WriteNonces(writer, record.nonces);
  std::uint32_t count = 0;
  for (const Balance& balance : record.balances) count += IsZero(balance) ? 0 : 1;
  writer.U32(count);
  for (const Balance& balance : record.balances) {
    if (IsZero(balance)) continue;
    writer.U32(balance.asset.value());
    writer.U64(balance.free.value());
    writer.U64(balance.reserved.value());
  }
  writer.U32(record.open_orders);
  writer.U32(record.assets_created);
  writer.U32(record.markets_created);
  writer.U32(record.client_ids);
  writer.U32(static_cast<std::uint32_t>(record.cutoffs.size()));
  for (const CancelCutoff& cutoff : record.cutoffs) {
    writer.U32(cutoff.market.value());
    writer.U64(cutoff.below.value());
  }
}

bool Decode(std::string_view bytes, Account* record) {
  Reader reader(bytes);
  Read32(reader, &record->index);
  reader.Raw(record->owner.bytes);
  if (!ReadNonces(reader, &record->nonces)) return false;
  if (!ReadBalances(reader, &record->balances)) return false;
  record->open_orders = reader.U32();
  record->assets_created = reader.U32();
  record->markets_created = reader.U32();
  record->client_ids = reader.U32();
  return ReadCutoffs(reader, &record->cutoffs) && reader.Done();
}

void Write(const Asset& record, Writer& writer) {
  writer.Raw(record.id.bytes);
  writer.Raw(record.issuer.bytes);
  writer.U8(record.genesis ? 1 : 0);
  writer.Sized(record.code);
  writer.U32(record.decimals);
  writer.U64(record.supply.value());
  writer.U64(record.supply_cap.value());
  writer.U64(record.fee_pot.value());
}

bool Decode(std::string_view bytes, Asset* record) {
  Reader reader(bytes);
  reader.Raw(record->id.bytes);
  reader.Raw(record->issuer.bytes);
  if (!ReadBool(reader, &record->genesis)) return false;
  record->code = std::string(reader.Sized());
  record->decimals = reader.U32();
  Read64(reader, &record->supply);
  Read64(reader, &record->supply_cap);
  Read64(reader, &record->fee_pot);
  return reader.Done();
}

void Write(const Market& record, Writer& writer) {
  writer.U32(record.base.value());
  writer.U32(record.quote.value());
  writer.U64(record.lot_size);
  writer.U64(record.tick_size);
  writer.U64(record.min_notional.value());
  writer.U32(record.maker_fee_ppm);
  writer.U32(record.taker_fee_ppm);
  writer.U32(record.creator.value());
}

bool Decode(std::string_view bytes, Market* record) {
  Reader reader(bytes);
  Read32(reader, &record->base);
  Read32(reader, &record->quote);
  record->lot_size = reader.U64();
  record->tick_size = reader.U64();
  Read64(reader, &record->min_notional);
  record->maker_fee_ppm = reader.U32();
  record->taker_fee_ppm = reader.U32();
  Read32(reader, &record->creator);
  return reader.Done();
}

void Write(const Order& record, Writer& writer) {
  writer.U64(record.priority.value());
  writer.U32(record.account.value());
  writer.U32(record.market.value());
  writer.U8(static_cast<std::uint8_t>(record.side));
  writer.U8(static_cast<std::uint8_t>(record.type));
  writer.U8(static_cast<std::uint8_t>(record.self_trade));
  writer.U8(record.carried ? 1 : 0);
  writer.U64(record.price.value());
  writer.U64(record.quantity.value());
  writer.U64(record.remaining.value());
  writer.U64(record.client_id.value());
  writer.U64(record.expires.value());
  writer.U32(record.fee_slack);
}

bool Decode(std::string_view bytes, Order* record) {
  Reader reader(bytes);
  Read64(reader, &record->priority);
  Read32(reader, &record->account);
  Read32(reader, &record->market);
  if (!ReadEnum(reader, 0, 1, &record->side)) return false;
  if (!ReadEnum(reader, 1, 5, &record->type)) return false;
  if (!ReadEnum(reader, 1, 3, &record->self_trade)) return false;
  if (!ReadBool(reader, &record->carried)) return false;
  Read64(reader, &record->price);
  Read64(reader, &record->quantity);
  Read64(reader, &record->remaining);
  Read64(reader, &record->client_id);
  Read64(reader, &record->expires);
  record->fee_slack = reader.U32();
  return reader.Done();
}

void Write(const ClientId& record, Writer& writer) {
  writer.U64(record.order.value());
  writer.U64(record.until.value());
}

bool Decode(std::string_view bytes, ClientId* record) {
  Reader reader(bytes);
  Read64(reader, &record->order);
  Read64(reader, &record->until);
  return reader.Done();
}

void Write(const Head& record, Writer& writer) {
  writer.U32(record.protocol_version);
  writer.U64(record.height.value());
  writer.U64(record.time.value());
  writer.Raw(record.block_hash.bytes);
  writer.U32(record.accounts);
  writer.U32(record.assets);
  writer.U32(record.markets);
}

bool Decode(std::string_view bytes, Head* record) {
  Reader reader(bytes);
  record->protocol_version = reader.U32();
  Read64(reader, &record->height);
  Read64(reader, &record->time);
  reader.Raw(record->block_hash.bytes);
  record->accounts = reader.U32();
  record->assets = reader.U32();
  record->markets = reader.U32();
  return reader.Done();
}

void Write(const BlockHeader& record, Writer& writer) {
  writer.U32(record.protocol_version);
  writer.U64(record.height.value());
  writer.U64(record.time.value());
  writer.Raw(record.hash.bytes);
  writer.Raw(record.parent_hash.bytes);
  writer.Raw(record.transactions_root.bytes);
  writer.Raw(record.results_root.bytes);
  writer.Raw(record.state_root.bytes);
  writer.U32(record.transactions);
  writer.U32(record.events);
}

bool Decode(std::string_view bytes, BlockHeader* record) {
  Reader reader(bytes);
  record->protocol_version = reader.U32();
  Read64(reader, &record->height);
  Read64(reader, &record->time);
  reader.Raw(record->hash.bytes);
  reader.Raw(record->parent_hash.bytes);
  reader.Raw(record->transactions_root.bytes);
  reader.Raw(record->results_root.bytes);
  reader.Raw(record->state_root.bytes);
  record->transactions = reader.U32();
  record->events = reader.U32();
  return reader.Done();
}

void Write(const Receipt& record, Writer& writer) {
  writer.Raw(record.txid.bytes);
  writer.U64(record.height.value());
  writer.U32(record.index);
  writer.U8(static_cast<std::uint8_t>(record.skip));
  writer.U64(record.charged.value());
  writer.U32(record.first_event);
  writer.U32(record.events);
  writer.U16(static_cast<std::uint16_t>(record.results.size()));
  for (const OperationResult& result : record.results) WriteResult(writer, result);
}

bool Decode(std::string_view bytes, Receipt* record) {
  Reader reader(bytes);
  reader.Raw(record->txid.bytes);
  Read64(reader, &record->height);
  record->index = reader.U32();
  if (!ReadEnum(reader, 0, kSkipReasons - 1, &record->skip)) return false;
  Read64(reader, &record->charged);
  record->first_event = reader.U32();
  record->events = reader.U32();
  record->results.resize(reader.U16());
  for (OperationResult& result : record->results) {
    if (!ReadResult(reader, &result)) return false;
  }
  return reader.Done();
}

std::string Encode(const Account& record) { return Encoded(record); }
std::string Encode(const Asset& record) { return Encoded(record); }
std::string Encode(const Market& record) { return Encoded(record); }
std::string Encode(const Order& record) { return Encoded(record); }
std::string Encode(const ClientId& record) { return Encoded(record); }
std::string Encode(const Head& record) { return Encoded(record); }
std::string Encode(const BlockHeader& record) { return Encoded(record); }
std::string Encode(const Receipt& record) { return Encoded(record); }

AssetId MakeAssetId(const AccountId& issuer, std::string_view code) {
  return Hasher("bourse/asset/1").Update(Bytes(issuer.bytes)).Update(code).Finish();
}

TxId MakeSwapId(const Hash256& genesis_hash, Height height, std::uint32_t event_index) {
  return Hasher(kSwapDomain)
      .Update(genesis_hash)
      .UpdateU64(height.value())
      .UpdateU32(event_index)
      .Finish();
}

std::vector<TxId> MakeSwapIds(const Hash256& genesis_hash, Height height,
                              std::span<const std::uint32_t> event_indices) {
  Writer head, index;
  head.Raw(kSwapDomain);
  head.Raw(genesis_hash.bytes);
  head.U64(height.value());
  std::vector<TxId> ids(event_indices.size());
  HashLanes lanes;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    index.Clear();
    index.U32(event_indices[i]);
    lanes.Add(AsBytes(head.bytes()), AsBytes(index.bytes()), &ids[i]);
  }
  lanes.Finish();
  return ids;
}

}  // namespace bourse::ledger
