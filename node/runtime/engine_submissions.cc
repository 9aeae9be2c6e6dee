#include "node/runtime/engine_submissions.h"

#include <optional>
#include <utility>

#include "common/limits.h"
#include "node/api/full_receipt.h"
#include "node/runtime/verification.h"
#include "node/runtime/wait_until.h"

namespace bourse::runtime {
namespace {

// Submissions that the engine has not taken yet, and of them those of one address.
constexpr std::size_t kMaxUnderWay = 16'384;
constexpr std::size_t kMaxPerSource = 4'096;

// Who brings tasks, beside clients.
constexpr std::uint64_t kAgain = ~std::uint64_t{3};

absl::Status Busy() {
  return absl::ResourceExhaustedError("too many transactions are being checked; try again shortly");
}

absl::Status Stopping() {
  return absl::UnavailableError("the node is stopping; it did not take the transaction");
}

}  // namespace

struct EngineSubmissions::Submission {
  api::SubmitOptions options;
  std::string encoded;
  std::optional<TxId> txid;
  Done done;
  std::atomic<bool> under_way{true};  // the engine has not said yet what it makes of it
  std::atomic<bool> answered{false};
};

void EngineSubmissions::Submit(std::string encoded, api::SubmitOptions options, Done done) {
  const auto submission = std::make_shared<Submission>();
  submission->options = options;
  submission->encoded = std::move(encoded);
  submission->done = std::move(done);
  const bool room = under_way_.fetch_add(1) < kMaxUnderWay;
  const bool posted =
      room && !closed_.load() &&
      workers_->Post([this, submission] { Check(submission); }, options.source, kMaxPerSource);
  if (!posted) TurnAway(submission);
}

void EngineSubmissions::TurnAway(const SubmissionPtr& submission) {
  Finish(submission, {closed_.load() ? Stopping() : Busy(), submission->txid, nullptr});
}

void EngineSubmissions::Finish(const SubmissionPtr& submission, api::SubmitResult result) {
  Leave(submission);
  if (!submission->answered.exchange(true)) submission->done(std::move(result));
}

void EngineSubmissions::Leave(const SubmissionPtr& submission) {
  if (submission->under_way.exchange(false)) under_way_.fetch_sub(1);
}

void EngineSubmissions::Check(const SubmissionPtr& submission) {
  absl::StatusOr<SignedTransaction> verified =
      DecodeAndVerify(submission->encoded, genesis_hash_, seen_);
  if (!verified.ok()) return Finish(submission, {verified.status(), std::nullopt, nullptr});
  submission->txid = verified->txid;
  const bool posted = application_->Check(
      *std::move(verified), submission->options.source,
      [this, submission](const absl::Status& status) { OnChecked(submission, status); });
  if (!posted) TurnAway(submission);
}

void EngineSubmissions::OnChecked(const SubmissionPtr& submission, const absl::Status& status) {
  WorkerPool* const next = status.ok() ? callers_ : workers_;
  const bool posted =
      next->Post([this, submission,
                  status] { status.ok() ? HandOver(submission) : Settle(submission, status); },
                 submission->options.source, kMaxPerSource);
  if (!posted) TurnAway(submission);
}

void EngineSubmissions::HandOver(const SubmissionPtr& submission) {
  if (closed_.load()) return TurnAway(submission);
  Settle(submission, rpc_->Broadcast(submission->encoded));
}

void EngineSubmissions::HandOverAgain() {
  for (const TxId& txid : queue_->All()) {
    // It runs, expires or stays stale by itself: whoever waits is answered then.
    auto task = [this, txid] {
      const std::optional<std::string> encoded = queue_->Find(txid);
      if (encoded && !closed_.load()) (void)rpc_->Broadcast(*encoded);
    };
    if (!callers_->Post(std::move(task), kAgain, limits::kMempoolTransactions)) return;
  }
}

bool EngineSubmissions::AnswerFromLedger(const SubmissionPtr& submission) {
  absl::StatusOr<std::optional<api::FullReceipt>> receipt =
      api::ReadFullReceipt(*publisher_->Latest(), *submission->txid);
  if (receipt.ok() && !receipt->has_value()) return false;
  api::SubmitResult result{receipt.status(), submission->txid, nullptr};
  if (receipt.ok()) result.receipt = std::make_shared<const api::FullReceipt>(**std::move(receipt));
  Finish(submission, std::move(result));
  return true;
}

void EngineSubmissions::Settle(const SubmissionPtr& submission, const absl::Status& status) {
  const TxId txid = *submission->txid;
  const bool queued = status.ok() || absl::IsAlreadyExists(status) ||
                      queue_->Find(txid).has_value() || publisher_->FindHeld(txid).has_value();
  if (AnswerFromLedger(submission)) return;
  if (!queued) return Finish(submission, {status, txid, nullptr});
  if (!submission->options.wait) {
    return Finish(submission, {absl::OkStatus(), txid, nullptr});
  }
  Done done = [this, submission](api::SubmitResult result) {
    Finish(submission, std::move(result));
  };
  if (!publisher_->Wait(txid, WaitUntil(submission->options.deadline), done)) {
    return Finish(submission, {absl::ResourceExhaustedError(
                                   "too many calls wait for this transaction, which is in the "
                                   "queue"),
                               txid, nullptr});
  }
  Leave(submission);
  (void)AnswerFromLedger(submission);  // its block may have been published in between
}

}  // namespace bourse::runtime
