// CompareStates: both states as the same lines of text, so that a difference shows itself.

#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include "common/check.h"
#include "common/codec.h"
#include "ledger/records.h"
#include "ledger/store.h"
#include "tests/model/comparison.h"
#include "tests/model/funds.h"
#include "tests/model/text.h"

namespace bourse::model {
namespace {

// Two ids may begin alike: random bytes are flipped in transactions.
std::string Full(const PublicKey& key) { return ToHex(Bytes(key.bytes)); }
std::string Full(const Hash256& hash) { return ToHex(hash); }

// What is said of each thing, by its name.
using Lines = std::map<std::string, std::string>;

std::string BalanceLine(std::uint64_t free, std::uint64_t reserved) {
  return std::to_string(free) + " free " + std::to_string(reserved) + " reserved";
}

struct AccountLine {
  std::string owner;
  std::uint64_t floor = 0;
  std::set<std::uint64_t> nonces;
  std::size_t orders = 0;
  std::size_t client_ids = 0;
  std::uint32_t assets_created = 0;
  std::uint32_t markets_created = 0;

  [[nodiscard]] std::string Line() const {
    std::ostringstream out;
    out << "owner " << owner << " floor " << floor << " orders " << orders << " client ids "
        << client_ids << " created " << assets_created << " assets " << markets_created
        << " markets; nonces";
    for (const std::uint64_t nonce : nonces) out << " " << nonce;
    return out.str();
  }
};

struct OrderLine {
  std::string account;
  ledger::Order order;

  [[nodiscard]] std::string Line(bool with_carried) const {
    std::ostringstream out;
    out << "priority " << order.priority.value() << " of " << account << " market "
        << order.market.value() << (order.side == Side::kBuy ? " BUY " : " SELL ") << "type "
        << static_cast<int>(order.type) << " mode " << static_cast<int>(order.self_trade) << " "
        << order.price.value() << " x " << order.quantity.value() << " left "
        << order.remaining.value() << " client id " << order.client_id.value() << " expires "
        << order.expires.value() << " slack " << order.fee_slack;
    if (with_carried && order.carried) out << " carried";
    return out.str();
  }
};

std::string AssetLine(const std::string& issuer, std::uint64_t supply, std::uint64_t cap,
                      std::uint64_t pot) {
  return "issuer " + issuer + " supply " + std::to_string(supply) + " of " + std::to_string(cap) +
         " pot " + std::to_string(pot);
}

std::string MarketLine(const Market& market) {
  std::ostringstream out;
  out << Full(market.base) << "/" << Full(market.quote) << " lot " << market.lot_size << " tick "
      << market.tick_size << " min " << market.min_notional << " fees " << market.maker_fee_ppm
      << "/" << market.taker_fee_ppm;
  return out.str();
}

std::string OrderName(std::uint64_t id) { return "order " + std::to_string(id); }
std::string ClientIdName(const std::string& account, std::uint64_t client_id) {
  return "client id " + std::to_string(client_id) + " of " + account;
}
std::string ClientIdLine(std::uint64_t order, std::uint64_t until) {
  return "order " + std::to_string(order) + " until " + std::to_string(until);
}

Lines LinesOf(const State& state) {
  Lines lines;
  for (const auto& [id, account] : state.accounts) {
    AccountLine line{.owner = Full(account.owner),
                     .floor = account.nonce_floor,
                     .nonces = account.nonces,
                     .client_ids = account.client_ids.size(),
                     .assets_created = account.assets_created,
                     .markets_created = account.markets_created};
    for (const auto& [order_id, order] : state.orders) line.orders += order.account == id ? 1 : 0;
    lines["account " + Full(id)] = line.Line();
    for (const auto& [asset, owned] : account.owned) {
      const std::uint64_t reserved = Reserved(state, id, asset);
      lines["balance " + Full(id) + " " + Full(asset)] = BalanceLine(owned - reserved, reserved);
    }
    for (const auto& [client_id, known] : account.client_ids) {
      lines[ClientIdName(Full(id), client_id)] = ClientIdLine(known.order, known.until);
    }
  }
  for (const auto& [id, asset] : state.assets) {
    lines["asset " + Full(id)] =
        AssetLine(Full(asset.issuer), asset.supply, asset.supply_cap, asset.fee_pot);
  }
  for (const auto& [id, market] : state.markets) {
    lines["market " + std::to_string(id)] = MarketLine(market);
  }
  for (const auto& [id, order] : state.orders) {
    OrderLine line{.account = Full(order.account), .order = {}};
    line.order.priority = OrderId(order.priority);
    line.order.market = MarketId(order.market);
    line.order.side = order.side;
    line.order.type = order.type;
    line.order.self_trade = order.self_trade;
    line.order.price = PriceTicks(order.price);
    line.order.quantity = Lots(order.quantity);
    line.order.remaining = Lots(order.remaining);
    line.order.client_id = ClientOrderId(order.client_id);
    line.order.expires = TimeMicros(order.expires);
    line.order.fee_slack = static_cast<std::uint32_t>(order.slack);
    line.order.carried = order.place == Place::kCarried;
    lines[OrderName(id)] = line.Line(!order.closing);
  }
  return lines;
}

// Reads a store, in which records refer to one another by index.
class StoreReader {
 public:
  StoreReader(const ledger::View& store, const State& expected)
      : store_(store), expected_(expected) {}

  Lines Read() {
    Scan(ledger::Family::kAssets, "a", [&](Reader key, auto value) { ReadAsset(key, value); });
    Scan(ledger::Family::kAccounts, "a", [&](Reader key, auto value) { ReadAccount(key, value); });
    Scan(ledger::Family::kMarkets, "", [&](Reader key, auto value) { ReadMarket(key, value); });
    Scan(ledger::Family::kOrders, "o", [&](Reader key, auto value) { ReadOrder(key, value); });
    Scan(ledger::Family::kOrders, "c", [&](Reader key, auto value) { ReadClientId(key, value); });
    return std::move(lines_);
  }

 private:
  template <typename Visit>
  void Scan(ledger::Family family, std::string_view prefix, Visit visit) {
    const absl::Status status =
        store_.Scan(family, prefix, prefix, [&](std::string_view key, std::string_view value) {
          visit(Reader(key.substr(prefix.size())), value);
          return true;
        });
    CHECK(status.ok());
  }

  void ReadAsset(Reader key, std::string_view value) {
    ledger::Asset asset;
    CHECK(ledger::Decode(value, &asset));
    assets_[key.BigU32()] = asset.id;
    lines_["asset " + Full(asset.id)] = AssetLine(Full(asset.issuer), asset.supply.value(),
                                                  asset.supply_cap.value(), asset.fee_pot.value());
  }

  void ReadAccount(Reader key, std::string_view value) {
    ledger::Account account;
    CHECK(ledger::Decode(value, &account));
    key.Raw(account.id.bytes);
    const std::string name = Full(account.id);
    accounts_[account.index.value()] = name;
    AccountLine line{.owner = Full(account.owner),
                     .floor = account.nonces.floor().value(),
                     .nonces = {},
                     .orders = account.open_orders,
                     .client_ids = account.client_ids,
                     .assets_created = account.assets_created,
                     .markets_created = account.markets_created};
    for (std::uint64_t i = 0; i < account.nonces.words().size() * 64; ++i) {
      if (account.nonces.words()[i / 64] >> (i % 64) & 1) line.nonces.insert(line.floor + i);
    }
    lines_["account " + name] = line.Line();
    for (const ledger::Balance& balance : account.balances) {
      lines_["balance " + name + " " + Full(assets_.at(balance.asset.value()))] =
          BalanceLine(balance.free.value(), balance.reserved.value());
    }
  }

  void ReadMarket(Reader key, std::string_view value) {
    ledger::Market market;
    CHECK(ledger::Decode(value, &market));
    lines_["market " + std::to_string(key.BigU32())] =
        MarketLine({.base = assets_.at(market.base.value()),
                    .quote = assets_.at(market.quote.value()),
                    .lot_size = market.lot_size,
                    .tick_size = market.tick_size,
                    .min_notional = market.min_notional.value(),
                    .maker_fee_ppm = market.maker_fee_ppm,
                    .taker_fee_ppm = market.taker_fee_ppm});
  }

  void ReadOrder(Reader key, std::string_view value) {
    OrderLine line;
    CHECK(ledger::Decode(value, &line.order));
    const std::uint64_t id = key.BigU64();
    line.account = accounts_.at(line.order.account.value());
    // A closing order's record stays as it was, carried or not.
    const auto known = expected_.orders.find(id);
    const bool closing = known != expected_.orders.end() && known->second.closing;
    lines_[OrderName(id)] = line.Line(!closing);
  }

  void ReadClientId(Reader key, std::string_view value) {
    ledger::ClientId record;
    CHECK(ledger::Decode(value, &record));
    const std::string account = accounts_.at(key.BigU32());
    lines_[ClientIdName(account, key.BigU64())] =
        ClientIdLine(record.order.value(), record.until.value());
  }

  const ledger::View& store_;
  const State& expected_;
  std::map<std::uint32_t, AssetId> assets_;
  std::map<std::uint32_t, std::string> accounts_;
  Lines lines_;
};

}  // namespace

std::string CompareStates(const ledger::View& store, const State& expected) {
  const Lines real = StoreReader(store, expected).Read();
  const Lines model = LinesOf(expected);
  std::string differences;
  for (const auto& [name, line] : model) {
    const auto it = real.find(name);
    if (it == real.end()) differences += "\n  " + name + " is missing\n    model: " + line;
    if (it == real.end() || it->second == line) continue;
    differences += "\n  " + name + "\n    real:  " + it->second + "\n    model: " + line;
  }
  for (const auto& [name, line] : real) {
    if (!model.contains(name)) differences += "\n  " + name + " should not be there: " + line;
  }
  return differences;
}

}  // namespace bourse::model
