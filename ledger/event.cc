#include "ledger/event.h"

#include <type_traits>
#include <utility>

#include "common/check.h"
#include "common/codec.h"
#include "common/limits.h"

namespace bourse::ledger {
namespace {

// One description of each event's fields serves both directions: `Put` writes a field, `Get` reads
// it, and Fields() below names them in their order.
class Put {
 public:
  explicit Put(Writer& to) : writer(to) {}

  template <typename Tag, typename Rep>
  void operator()(const StrongInt<Tag, Rep>& value) {
    if constexpr (sizeof(Rep) == 4) {
      writer.U32(value.value());
    } else {
      writer.U64(value.value());
    }
  }
  template <typename Enum>
  requires std::is_enum_v<Enum>
  void operator()(Enum value) { writer.U8(static_cast<std::uint8_t>(value)); }
  void operator()(bool value) { writer.U8(value ? 1 : 0); }
  void operator()(const Hash256& hash) { writer.Raw(hash.bytes); }
  void operator()(const PublicKey& key) { writer.Raw(key.bytes); }
  void operator()(const std::string& text) { writer.Sized(text); }

  Writer& writer;
};

class Get {
 public:
  explicit Get(std::string_view bytes) : reader(bytes) {}

  template <typename Tag, typename Rep>
  void operator()(StrongInt<Tag, Rep>& value) {
    if constexpr (sizeof(Rep) == 4) {
      value = StrongInt<Tag, Rep>(reader.U32());
    } else {
      value = StrongInt<Tag, Rep>(reader.U64());
    }
  }
  void operator()(Side& value) { Enum(value, 0, 1); }
  void operator()(CloseReason& value) { Enum(value, 1, 5); }
  void operator()(bool& value) { Enum(value, 0, 1); }
  void operator()(Hash256& hash) { reader.Raw(hash.bytes); }
  void operator()(PublicKey& key) { reader.Raw(key.bytes); }
  void operator()(std::string& text) { text = std::string(reader.Sized()); }

  Reader reader;
  bool valid = true;

 private:
  template <typename T>
  void Enum(T& value, std::uint8_t low, std::uint8_t high) {
    const std::uint8_t byte = reader.U8();
    valid = valid && byte >= low && byte <= high;
    value = static_cast<T>(byte);
  }
};

template <typename F, typename E>
void Fields(F& f, E& e) {
  using T = std::remove_const_t<E>;
  const auto all = [&f](auto&... fields) { (f(fields), ...); };
  if constexpr (std::is_same_v<T, Swap>) {
    all(e.market, e.taker_side, e.price, e.quantity, e.base_amount, e.quote_amount, e.maker,
        e.taker, e.maker_order, e.taker_order, e.maker_remaining, e.maker_fee, e.taker_fee,
        e.taker_txid);
  } else if constexpr (std::is_same_v<T, OrderOpened>) {
    all(e.order, e.account, e.market, e.side, e.price, e.open, e.client_id, e.expires);
  } else if constexpr (std::is_same_v<T, OrderClosed>) {
    all(e.order, e.account, e.market, e.side, e.price, e.open, e.reason, e.in_book);
  } else if constexpr (std::is_same_v<T, OrderReduced>) {
    all(e.order, e.account, e.market, e.side, e.price, e.open_before, e.open);
  } else if constexpr (std::is_same_v<T, Transferred>) {
    all(e.from, e.to, e.asset, e.amount, e.memo);
  } else if constexpr (std::is_same_v<T, Minted>) {
    all(e.to, e.asset, e.amount, e.memo);
  } else if constexpr (std::is_same_v<T, Burned>) {
    all(e.from, e.asset, e.amount, e.memo);
  } else if constexpr (std::is_same_v<T, AccountCreated>) {
    all(e.account);
  } else if constexpr (std::is_same_v<T, AssetCreated>) {
    all(e.asset);
  } else {
    static_assert(std::is_same_v<T, MarketCreated>);
    all(e.market);
  }
}

template <typename E>
bool DecodeAs(std::string_view bytes, Event* event) {
  Get get(bytes);
  Fields(get, event->emplace<E>());
  return get.valid && get.reader.Done();
}

using Decoder = bool (*)(std::string_view, Event*);

template <std::size_t... I>
constexpr std::array<Decoder, sizeof...(I)> MakeDecoders(std::index_sequence<I...>) {
  return {&DecodeAs<std::variant_alternative_t<I, Event>>...};
}

constexpr auto kDecoders = MakeDecoders(std::make_index_sequence<std::variant_size_v<Event>>());

void Write(const Event& event, Writer& writer) {
  writer.U8(static_cast<std::uint8_t>(event.index() + 1));
  Put put(writer);
  std::visit([&put](const auto& e) { Fields(put, e); }, event);
}

}  // namespace

std::string Encode(const Event& event) {
  Writer writer;
  Write(event, writer);
  return std::move(writer).Take();
}

bool Decode(std::string_view bytes, Event* event) {
  if (bytes.empty()) return false;
  const auto kind = static_cast<std::uint8_t>(bytes.front());
  if (kind == 0 || kind > kDecoders.size()) return false;
  return kDecoders[kind - 1](bytes.substr(1), event);
}

void EventLog::Append(const Event& event) {
  Write(event, bytes_);
  ends_.push_back(static_cast<std::uint32_t>(bytes_.bytes().size()));
}

std::string_view EventLog::At(std::uint32_t index) const {
  CHECK(index < ends_.size());
  const std::uint32_t begin = index == 0 ? 0 : ends_[index - 1];
  return bytes_.bytes().substr(begin, ends_[index] - begin);
}

void EventLog::Clear() {
  bytes_.Clear();
  ends_.clear();
}

std::string EventLog::Pack() const {
  Writer writer;
  writer.Reserve(4 + 4 * ends_.size() + bytes_.bytes().size());
  writer.U32(size());
  for (const std::uint32_t end : ends_) writer.U32(end);
  writer.Raw(bytes_.bytes());
  return std::move(writer).Take();
}

bool EventLog::Unpack(std::string_view packed, EventLog* log) {
  Reader reader(packed);
  const std::size_t count = reader.U32();
  if (count > reader.left() / 4) return false;
  log->Clear();
  std::uint32_t last = 0;
  for (std::size_t i = 0; i < count; ++i) {
    log->ends_.push_back(reader.U32());
    if (log->ends_.back() < last) return false;
    last = log->ends_.back();
  }
  if (!reader.ok() || reader.left() != last) return false;
  log->bytes_.Raw(packed.substr(packed.size() - last));
  return true;
}

}  // namespace bourse::ledger
