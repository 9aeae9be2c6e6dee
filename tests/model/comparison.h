// Where an exchange and its model differ. All answers are texts for people, empty where nothing is
// wrong.
#pragma once

#include <string>
#include <vector>

#include "ledger/event.h"
#include "ledger/records.h"
#include "ledger/store.h"
#include "tests/model/model.h"
#include "tests/model/state.h"

namespace bourse::model {

// Receipts and events, every field, in order.
std::string CompareResults(const std::vector<ledger::Receipt>& receipts,
                           const ledger::EventLog& events, const Outcome& expected);

// Every account, asset, market, order and client id that the store holds.
std::string CompareStates(const ledger::View& store, const State& expected);

// The laws, of the model itself: assets are conserved, nothing is negative, no book is crossed.
std::string CheckLaws(const State& state);

}  // namespace bourse::model
