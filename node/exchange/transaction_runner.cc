#include "node/exchange/transaction_runner.h"

#include <utility>

#include "common/limits.h"
#include "node/exchange/atomic_check.h"
#include "node/exchange/charge.h"

namespace bourse::exchange {

using ledger::OperationResult;
using ledger::Receipt;

namespace {

SkipReason WhyNonce(ledger::NonceWindow::State state) {
  switch (state) {
    case ledger::NonceWindow::State::kUnused:
      return SkipReason::kNone;
    case ledger::NonceWindow::State::kUsed:
      return SkipReason::kNonceUsed;
    case ledger::NonceWindow::State::kBelowFloor:
      return SkipReason::kNonceBelowFloor;
    case ledger::NonceWindow::State::kBeyondWindow:
      return SkipReason::kNonceBeyondWindow;
  }
  return SkipReason::kNonceUsed;
}

// All operations of an atomic transaction that holds one which would be rejected.
std::vector<OperationResult> Aborted(std::size_t operations, const AtomicVerdict& verdict) {
  std::vector<OperationResult> results(operations);
  for (OperationResult& result : results) result.reason = RejectReason::kAtomicAborted;
  results[verdict.operation].reason = verdict.reason;
  results[verdict.operation].order = verdict.order;
  return results;
}

}  // namespace

SkipReason WhySkipped(const Core& core, const SignedTransaction& signed_transaction,
                      TimeMicros time) {
  const Transaction& transaction = signed_transaction.transaction;
  if (transaction.genesis_hash != core.genesis_hash) return SkipReason::kInvalid;
  const std::uint64_t valid_until = transaction.valid_until.value();
  if (valid_until <= time.value() || valid_until - time.value() > limits::kMaxLifetimeMicros) {
    return SkipReason::kExpired;
  }
  const auto account = core.state.FindAccount(transaction.account);
  if (!account) return SkipReason::kUnknownAccount;
  const ledger::Account& record = core.state.account(*account);
  if (record.owner != transaction.signer) return SkipReason::kWrongSigner;
  const SkipReason nonce = WhyNonce(record.nonces.Check(transaction.nonce));
  if (nonce != SkipReason::kNone) return nonce;
  const std::uint64_t charge = ChargeOf(core.fees, signed_transaction);
  if (charge > core.state.Free(*account, core.fee_asset).value()) return SkipReason::kCannotPay;
  return SkipReason::kNone;
}

void TransactionRunner::Begin() {
  orders_.ForgetClientIds();
  orders_.ExpireOrders();
  orders_.CloseOrders();
  orders_.ContinueCarried();
}

Receipt TransactionRunner::Run(const SignedTransaction& signed_transaction) {
  Receipt receipt;
  receipt.skip = WhySkipped(core_, signed_transaction, run_.time);
  if (receipt.skip != SkipReason::kNone) return receipt;

  const Transaction& transaction = signed_transaction.transaction;
  const AccountIndex account = *core_.state.FindAccount(transaction.account);
  receipt.charged = Atoms(ChargeOf(core_.fees, signed_transaction));
  core_.state.Debit(account, core_.fee_asset, receipt.charged);
  core_.state.CreditFeePot(core_.fee_asset, receipt.charged);
  core_.state.MutableAccount(account).nonces.Use(transaction.nonce);

  receipt.first_event = run_.events.size();
  receipt.results = RunOperations(account, signed_transaction);
  receipt.events = run_.events.size() - receipt.first_event;
  return receipt;
}

std::vector<OperationResult> TransactionRunner::RunOperations(
    AccountIndex account, const SignedTransaction& signed_transaction) {
  const Transaction& transaction = signed_transaction.transaction;
  if (transaction.atomic) {
    const AtomicVerdict verdict = CheckAtomic(core_, run_, account, transaction.operations);
    if (verdict.reason != RejectReason::kNone) {
      return Aborted(transaction.operations.size(), verdict);
    }
  }
  std::vector<OperationResult> results;
  results.reserve(transaction.operations.size());
  for (const Operation& operation : transaction.operations) {
    results.push_back(RunOperation(account, signed_transaction, operation));
    CHECK(!transaction.atomic || results.back().reason == RejectReason::kNone);
  }
  return results;
}

OperationResult TransactionRunner::RunOperation(AccountIndex account,
                                                const SignedTransaction& signed_transaction,
                                                const Operation& operation) {
  const Transaction& transaction = signed_transaction.transaction;
  struct Visitor {
    TransactionRunner& runner;
    AccountIndex account;
    const TxId& txid;
    const Transaction& transaction;

    OperationResult operator()(const PlaceOrder& op) {
      return runner.orders_.Place(account, op, txid);
    }
    OperationResult operator()(const CancelOrder& op) {
      return runner.orders_.Cancel(account, op, transaction.valid_until);
    }
    OperationResult operator()(const ReplaceOrder& op) {
      return runner.orders_.Replace(account, op, txid);
    }
    OperationResult operator()(const CancelAll& op) {
      const OperationResult result = runner.orders_.CancelAll(account, op);
      if (result.reason == RejectReason::kNone && op.void_in_flight) {
        runner.core_.state.MutableAccount(account).nonces.RaiseFloor(transaction.nonce.value() + 1);
      }
      return result;
    }
    OperationResult operator()(const Transfer& op) { return runner.assets_.Transfer(account, op); }
    OperationResult operator()(const CreateAsset& op) {
      return runner.assets_.CreateAsset(account, op);
    }
    OperationResult operator()(const Mint& op) { return runner.assets_.Mint(account, op); }
    OperationResult operator()(const Burn& op) { return runner.assets_.Burn(account, op); }
    OperationResult operator()(const CreateMarket& op) {
      return runner.assets_.CreateMarket(account, op);
    }
  };
  return std::visit(Visitor{*this, account, signed_transaction.txid, transaction}, operation);
}

}  // namespace bourse::exchange
