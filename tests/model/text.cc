#include "tests/model/text.h"

#include <array>
#include <sstream>
#include <variant>

namespace bourse::model {
namespace {

constexpr std::array<const char*, 6> kTypes = {"?", "LIMIT", "MARKET", "IOC", "FOK", "POST_ONLY"};
constexpr std::array<const char*, 4> kModes = {"?", "cancel-taker", "cancel-maker", "cancel-both"};
constexpr std::array<const char*, 6> kReasons = {"?",       "cancelled",  "replaced",
                                                 "expired", "self-trade", "unfilled"};

std::string Text(Side side) { return side == Side::kBuy ? "BUY" : "SELL"; }

std::string Text(const OrderTarget& target) {
  return (target.by_client_id ? "client id " : "order ") + std::to_string(target.id);
}

// "price x quantity"
std::string Terms(PriceTicks price, Lots quantity) {
  return std::to_string(price.value()) + " x " + std::to_string(quantity.value());
}

struct Writer {
  std::ostringstream out;

  void operator()(const PlaceOrder& op) {
    out << "place " << kTypes[static_cast<std::size_t>(op.type)] << " " << Text(op.side)
        << " market " << op.market.value() << " " << Terms(op.price, op.quantity) << " "
        << kModes[static_cast<std::size_t>(op.self_trade)];
    if (op.client_id.value() != 0) out << " client id " << op.client_id.value();
    if (op.expires.value() != 0) out << " expires " << op.expires.value();
  }
  void operator()(const CancelOrder& op) { out << "cancel " << Text(op.target); }
  void operator()(const ReplaceOrder& op) {
    out << "replace " << Text(op.target) << " " << Terms(op.price, op.quantity)
        << (op.post_only ? " post-only" : "");
  }
  void operator()(const CancelAll& op) {
    out << "cancel-all market " << op.market.value() << (op.void_in_flight ? " void" : "");
  }
  void operator()(const Transfer& op) {
    out << "transfer " << op.amount.value() << " of " << model::Text(op.asset) << " to "
        << model::Text(op.to);
  }
  void operator()(const CreateAsset& op) {
    out << "create asset " << op.code << " decimals " << op.decimals << " cap "
        << op.supply_cap.value();
  }
  void operator()(const Mint& op) {
    out << "mint " << op.amount.value() << " of " << model::Text(op.asset) << " to "
        << model::Text(op.to);
  }
  void operator()(const Burn& op) {
    out << "burn " << op.amount.value() << " of " << model::Text(op.asset);
  }
  void operator()(const CreateMarket& op) {
    out << "create market " << model::Text(op.base) << "/" << model::Text(op.quote) << " lot "
        << op.lot_size << " tick " << op.tick_size << " min " << op.min_notional.value() << " fees "
        << op.maker_fee_ppm << "/" << op.taker_fee_ppm;
  }

  void operator()(const ledger::Swap& e) {
    out << "Swap market " << e.market.value() << " taker " << Text(e.taker_side) << " "
        << Terms(e.price, e.quantity) << " base " << e.base_amount.value() << " quote "
        << e.quote_amount.value() << " maker " << model::Text(e.maker) << " order "
        << e.maker_order.value() << " left " << e.maker_remaining.value() << " fee "
        << e.maker_fee.value() << " taker " << model::Text(e.taker) << " order "
        << e.taker_order.value() << " fee " << e.taker_fee.value() << " tx "
        << model::Text(e.taker_txid);
  }
  void operator()(const ledger::OrderOpened& e) {
    Order("OrderOpened", e);
    out << " open " << e.open.value() << " client id " << e.client_id.value() << " expires "
        << e.expires.value();
  }
  void operator()(const ledger::OrderClosed& e) {
    Order("OrderClosed", e);
    out << " open " << e.open.value() << " " << kReasons[static_cast<std::size_t>(e.reason)]
        << (e.in_book ? "" : " (carried)");
  }
  void operator()(const ledger::OrderReduced& e) {
    Order("OrderReduced", e);
    out << " from " << e.open_before.value() << " to " << e.open.value();
  }
  void operator()(const ledger::Transferred& e) {
    out << "Transferred " << e.amount.value() << " of " << model::Text(e.asset) << " from "
        << model::Text(e.from) << " to " << model::Text(e.to);
  }
  void operator()(const ledger::Minted& e) {
    out << "Minted " << e.amount.value() << " of " << model::Text(e.asset) << " to "
        << model::Text(e.to);
  }
  void operator()(const ledger::Burned& e) {
    out << "Burned " << e.amount.value() << " of " << model::Text(e.asset) << " from "
        << model::Text(e.from);
  }
  void operator()(const ledger::AccountCreated& e) {
    out << "AccountCreated " << model::Text(e.account);
  }
  void operator()(const ledger::AssetCreated& e) { out << "AssetCreated " << model::Text(e.asset); }
  void operator()(const ledger::MarketCreated& e) { out << "MarketCreated " << e.market.value(); }

 private:
  template <typename OrderEvent>
  void Order(const char* name, const OrderEvent& e) {
    out << name << " " << e.order.value() << " of " << model::Text(e.account) << " market "
        << e.market.value() << " " << Text(e.side) << " at " << e.price.value();
  }
};

template <typename Variant>
std::string Write(const Variant& value) {
  Writer writer;
  std::visit(writer, value);
  return writer.out.str();
}

}  // namespace

std::string Text(const PublicKey& key) { return ToHex(Bytes(key.bytes)).substr(0, 8); }
std::string Text(const Hash256& hash) { return ToHex(hash).substr(0, 8); }
std::string Text(const Operation& operation) { return Write(operation); }
std::string Text(const ledger::Event& event) { return Write(event); }

std::string Text(const ledger::OperationResult& result) {
  std::ostringstream out;
  out << Name(result.reason) << " order " << result.order.value() << " " << Name(result.status)
      << " filled " << result.filled.value() << " remaining " << result.remaining.value();
  if (result.market.value() != 0) out << " market " << result.market.value();
  if (result.asset != AssetId{}) out << " asset " << Text(result.asset);
  if (result.cancelled != 0) out << " cancelled " << result.cancelled;
  return out.str();
}

std::string Text(const ledger::Receipt& receipt) {
  std::ostringstream out;
  out << Text(receipt.txid) << " height " << receipt.height.value() << " index " << receipt.index
      << " skip " << Name(receipt.skip) << " charged " << receipt.charged.value() << " events "
      << receipt.first_event << "+" << receipt.events;
  for (const ledger::OperationResult& result : receipt.results) out << "\n      " << Text(result);
  return out.str();
}

std::string Text(const exchange::Block& block) {
  std::ostringstream out;
  out << "block " << block.height.value() << " time " << block.time.value() << "\n";
  for (std::size_t i = 0; i < block.transactions.size(); ++i) {
    out << "  #" << i << " ";
    const auto decoded = DecodeSignedTransaction(AsBytes(block.transactions[i]));
    if (!decoded.ok()) {
      out << "undecodable, " << block.transactions[i].size() << " bytes\n";
      continue;
    }
    const Transaction& transaction = decoded->transaction;
    out << Text(decoded->txid) << " by " << Text(transaction.account) << " nonce "
        << transaction.nonce.value() << " valid until " << transaction.valid_until.value()
        << (transaction.atomic ? " atomic" : "") << "\n";
    for (const Operation& op : transaction.operations) out << "      " << Text(op) << "\n";
  }
  return out.str();
}

}  // namespace bourse::model
