#include "tests/model/block.h"

#include <algorithm>
#include <map>
#include <optional>
#include <variant>

#include "absl/status/statusor.h"
#include "common/limits.h"
#include "tests/model/funds.h"
#include "tests/model/matching.h"

namespace bourse::model {
namespace {

using ledger::OperationResult;
using ledger::Receipt;

// A transaction of the block that could be read.
struct Entry {
  SignedTransaction signed_transaction;
  std::uint32_t index = 0;  // in the block

  [[nodiscard]] const Transaction& transaction() const { return signed_transaction.transaction; }
};

SkipReason CheckNonce(const Account& account, std::uint64_t nonce) {
  if (nonce < account.nonce_floor) return SkipReason::kNonceBelowFloor;
  if (nonce - account.nonce_floor >= limits::kNonceWindow) return SkipReason::kNonceBeyondWindow;
  if (account.nonces.contains(nonce)) return SkipReason::kNonceUsed;
  return SkipReason::kNone;
}

void UseNonce(Account& account, std::uint64_t nonce) {
  account.nonces.insert(nonce);
  while (account.nonces.erase(account.nonce_floor) != 0) ++account.nonce_floor;
}

Uint128 ChargeOf(const Fees& fees, const SignedTransaction& transaction) {
  Uint128 charge = fees.per_transaction;
  charge += Uint128{fees.per_byte} * transaction.size_bytes;
  for (const Operation& operation : transaction.transaction.operations) {
    const bool is_cancel = std::holds_alternative<CancelOrder>(operation) ||
                           std::holds_alternative<CancelAll>(operation);
    charge += is_cancel ? fees.per_cancel : fees.per_operation;
  }
  return charge;
}

bool IsInTime(const State& state, std::uint64_t valid_until) {
  return valid_until > state.time && valid_until - state.time <= limits::kMaxLifetimeMicros;
}

SkipReason CheckTransaction(const State& state, const SignedTransaction& signed_transaction) {
  const Transaction& transaction = signed_transaction.transaction;
  if (transaction.genesis_hash != state.genesis_hash) return SkipReason::kInvalid;
  if (!IsInTime(state, transaction.valid_until.value())) return SkipReason::kExpired;
  const auto account = state.accounts.find(transaction.account);
  if (account == state.accounts.end()) return SkipReason::kUnknownAccount;
  if (transaction.signer != account->second.owner) return SkipReason::kWrongSigner;
  const SkipReason nonce = CheckNonce(account->second, transaction.nonce.value());
  if (nonce != SkipReason::kNone) return nonce;
  const Uint128 charge = ChargeOf(state.fees, signed_transaction);
  if (charge > Free(state, transaction.account, state.fees.asset)) return SkipReason::kCannotPay;
  return SkipReason::kNone;
}

OperationResult RunOperation(State& state, const Caller& caller, const Operation& operation) {
  return std::visit([&](const auto& op) { return Run(state, caller, op); }, operation);
}

std::vector<OperationResult> RunEach(State& state, const Caller& caller,
                                     const std::vector<Operation>& operations) {
  std::vector<OperationResult> results;
  for (const Operation& operation : operations) {
    results.push_back(RunOperation(state, caller, operation));
  }
  return results;
}

// All or nothing: at the first rejection the state is what it was before.
std::vector<OperationResult> RunAtomic(State& state, const Caller& caller,
                                       const std::vector<Operation>& operations) {
  const State before = state;
  std::vector<OperationResult> results;
  for (const Operation& operation : operations) {
    const OperationResult result = RunOperation(state, caller, operation);
    results.push_back(result);
    if (result.reason == RejectReason::kNone) continue;
    state = before;
    std::vector<OperationResult> aborted(operations.size(), Rejected(RejectReason::kAtomicAborted));
    aborted[results.size() - 1] = result;
    return aborted;
  }
  return results;
}

Receipt RunTransaction(State& state, const Entry& entry) {
  const Transaction& transaction = entry.transaction();
  Receipt receipt;
  receipt.txid = entry.signed_transaction.txid;
  receipt.skip = CheckTransaction(state, entry.signed_transaction);
  if (receipt.skip != SkipReason::kNone) return receipt;

  const auto charge = static_cast<std::uint64_t>(ChargeOf(state.fees, entry.signed_transaction));
  UseNonce(state.accounts.at(transaction.account), transaction.nonce.value());
  Take(state, transaction.account, state.fees.asset, charge);
  state.assets.at(state.fees.asset).fee_pot += charge;

  const Caller caller{.account = transaction.account,
                      .txid = receipt.txid,
                      .nonce = transaction.nonce.value(),
                      .valid_until = transaction.valid_until.value()};
  receipt.charged = Atoms(charge);
  receipt.first_event = static_cast<std::uint32_t>(state.events.size());
  receipt.results = transaction.atomic ? RunAtomic(state, caller, transaction.operations)
                                       : RunEach(state, caller, transaction.operations);
  receipt.events = static_cast<std::uint32_t>(state.events.size()) - receipt.first_event;
  return receipt;
}

// The order in which a phase's transactions run: each account's next by nonce, round by round.
std::vector<const Entry*> InRounds(const std::vector<Entry>& entries, bool passive,
                                   const Hash256& parent_hash) {
  struct Turn {
    std::size_t round;
    Hash256 account_hash;
    const Entry* entry;
  };
  std::map<AccountId, std::vector<const Entry*>> queues;
  for (const Entry& entry : entries) {
    if (IsPassive(entry.transaction()) != passive) continue;
    queues[entry.transaction().account].push_back(&entry);
  }
  std::vector<Turn> turns;
  for (auto& [account, queue] : queues) {
    std::stable_sort(queue.begin(), queue.end(), [](const Entry* a, const Entry* b) {
      return a->transaction().nonce < b->transaction().nonce;
    });
    const Hash256 hash =
        Hasher("bourse/order/1").Update(parent_hash).Update(Bytes(account.bytes)).Finish();
    for (std::size_t i = 0; i < queue.size(); ++i) turns.push_back({i, hash, queue[i]});
  }
  std::sort(turns.begin(), turns.end(), [](const Turn& a, const Turn& b) {
    return a.round != b.round ? a.round < b.round : a.account_hash < b.account_hash;
  });
  std::vector<const Entry*> ordered;
  for (const Turn& turn : turns) ordered.push_back(turn.entry);
  return ordered;
}

}  // namespace

void ForgetClientIds(State& state) {
  for (auto& [id, account] : state.accounts) {
    std::erase_if(account.client_ids,
                  [&](const auto& known) { return known.second.until <= state.time; });
  }
}

void CloseExpired(State& state) {
  for (auto& [id, order] : state.orders) {
    if (order.expires != 0 && order.expires <= state.time) order.closing = true;
  }
}

void ContinueCarried(State& state) {
  std::vector<std::uint64_t> ids;
  for (const auto& [id, order] : state.orders) {
    if (order.place == Place::kCarried && !order.closing) ids.push_back(id);
  }
  if (ids.size() > state.limits.max_carried_per_block) {
    ids.resize(state.limits.max_carried_per_block);
  }
  std::uint64_t filled = 0;
  std::uint64_t remaining = 0;
  for (const std::uint64_t id : ids) Match(state, id, TxId{}, &filled, &remaining);
}

std::vector<Receipt> RunTransactions(State& state, const exchange::Block& block) {
  std::vector<Receipt> receipts(block.transactions.size());
  std::vector<Entry> entries;
  for (std::uint32_t i = 0; i < block.transactions.size(); ++i) {
    absl::StatusOr<SignedTransaction> decoded =
        DecodeSignedTransaction(AsBytes(block.transactions[i]));
    if (decoded.ok()) {
      entries.push_back({.signed_transaction = *std::move(decoded), .index = i});
    } else {
      receipts[i].skip = SkipReason::kInvalid;
    }
  }
  for (const bool passive : {true, false}) {
    for (const Entry* entry : InRounds(entries, passive, block.parent_hash)) {
      receipts[entry->index] = RunTransaction(state, *entry);
    }
  }
  for (std::uint32_t i = 0; i < receipts.size(); ++i) {
    receipts[i].height = block.height;
    receipts[i].index = i;
  }
  return receipts;
}

}  // namespace bourse::model
