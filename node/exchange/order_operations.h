// Orders: placed, matched and settled, cancelled, replaced; carried over, expired and closed.
//
//   place ─► checks ─► engine ─► settle each match ─► rests │ filled │ cancelled │ carried
//
// An order's funds and deposit are reserved from the moment it is accepted to the moment it leaves,
// in Accept and Leave, and nowhere else.
#pragma once

#include <optional>
#include <vector>

#include "common/transaction.h"
#include "common/units.h"
#include "ledger/event.h"
#include "ledger/records.h"
#include "matching/order.h"
#include "node/exchange/core.h"

namespace bourse::exchange {

class OrderOperations {
 public:
  // Both must outlive this.
  OrderOperations(Core& core, BlockRun& run) : core_(core), run_(run) {}

  // What a transaction may do. `txid` is its id.
  ledger::OperationResult Place(AccountIndex account, const PlaceOrder& op, const TxId& txid);
  // An unknown client id is barred until `valid_until`.
  ledger::OperationResult Cancel(AccountIndex account, const CancelOrder& op,
                                 TimeMicros valid_until);
  ledger::OperationResult Replace(AccountIndex account, const ReplaceOrder& op, const TxId& txid);
  ledger::OperationResult CancelAll(AccountIndex account, const bourse::CancelAll& op);

  // What a block does by itself, first: see "A block runs in this order" in ARCHITECTURE.md.
  void ForgetClientIds();
  void ExpireOrders();
  void CloseOrders();
  void ContinueCarried();

 private:
  struct Target {
    RejectReason reason = RejectReason::kNone;
    OrderId id;
    OrderTable::Location location;
  };

  // The account's open order that `target` means; a closing one is not found.
  [[nodiscard]] Target FindTarget(AccountIndex account, const OrderTarget& target) const;
  RejectReason BarClientId(AccountIndex account, ClientOrderId id, TimeMicros until);
  [[nodiscard]] RejectReason CheckPlace(AccountIndex account, const PlaceOrder& op, Atoms* reserve,
                                        OrderId* duplicate) const;

  // Gives a new order its id, and reserves what it needs.
  void Accept(ledger::Order& order, Atoms reserve);
  // Lets an order that is in no book any more leave the state: releases what it holds.
  void Leave(const ledger::Order& order);
  // The same, with the event that says why.
  void Close(const ledger::Order& order, ledger::CloseReason reason, bool in_book);
  // Takes an order, which is there, out of the book or from the carried ones.
  ledger::Order Pull(OrderId id, OrderTable::Location location);

  // Runs an accepted order through the engine, and settles what it does.
  ledger::OperationResult Run(const ledger::Order& order, const TxId& txid);
  void Meet(const ledger::Order& order);
  // Settles what the engine just did for `taker` (matches_, outcome_), then rests, closes or
  // carries what is left.
  ledger::OperationResult Settle(ledger::Order taker, const TxId& txid);
  void SettleMatch(ledger::Order& taker, const matching::Match& match, const TxId& txid);
  OrderStatus Finish(ledger::Order& order);

  ledger::OperationResult Shrink(matching::OrderSlot slot, Lots quantity);
  ledger::OperationResult Reprice(matching::OrderSlot slot, const ReplaceOrder& op, Atoms reserve,
                                  const TxId& txid);
  void AddCutoff(AccountIndex account, MarketId market);

  [[nodiscard]] const AccountId& IdOf(AccountIndex account) const {
    return core_.state.account(account).id;
  }

  Core& core_;
  BlockRun& run_;
  std::vector<matching::Match> matches_;
  matching::Outcome outcome_{};
};

// True if a cutoff of its account covers the order: it was cancelled, and is closing.
[[nodiscard]] bool IsCutOff(const ledger::Account& account, const ledger::Order& order);

}  // namespace bourse::exchange
