// What goes through an exchange, for people who look for a difference.
#pragma once

#include <string>

#include "common/transaction.h"
#include "ledger/event.h"
#include "ledger/records.h"
#include "node/exchange/application.h"

namespace bourse::model {

// An account or asset by its first bytes.
std::string Text(const PublicKey& key);
std::string Text(const Hash256& hash);

std::string Text(const Operation& operation);
std::string Text(const ledger::OperationResult& result);
std::string Text(const ledger::Event& event);
std::string Text(const ledger::Receipt& receipt);

// One line a transaction, in the block's order.
std::string Text(const exchange::Block& block);

}  // namespace bourse::model
