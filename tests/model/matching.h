// A taker meets the book, fill by fill.
#pragma once

#include <cstdint>
#include <vector>

#include "common/result.h"
#include "tests/model/state.h"

namespace bourse::model {

// Orders in the book that `taker` would meet, in the order in which it would.
std::vector<std::uint64_t> CrossedOrders(const State& state, const Order& taker);

// Whether a fill or kill order can be filled in full within one operation.
bool IsFillable(const State& state, const Order& taker);

// Matches an order that is in the state, and in no book, by the rules of its type; it rests, is
// carried, or leaves. Returns what became of it; `filled` and `remaining` are what it got and
// what was left.
OrderStatus Match(State& state, std::uint64_t taker_id, const TxId& txid, std::uint64_t* filled,
                  std::uint64_t* remaining);

// Takes an order out of the state, and remembers its client id.
void Leave(State& state, std::uint64_t order_id);

// Tells that an order stops being open, for whatever is left of it.
void TellClosed(State& state, const Order& order, ledger::CloseReason reason);

// The next order id, which is a priority too.
std::uint64_t NextSequence(State& state);

}  // namespace bourse::model
