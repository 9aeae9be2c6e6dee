#include "node/runtime/submissions.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "node/api/full_receipt.h"
#include "node/runtime/verification.h"
#include "node/runtime/wait_until.h"

namespace bourse::runtime {
namespace {

// Submissions that are not yet in the queue. More than that the workers could not check within a
// second or so.
constexpr std::size_t kMaxUnderWay = 16'384;
// Of them, those of one address that wait for a worker.
constexpr std::size_t kMaxPerSource = 4'096;

absl::Status Busy() {
  return absl::ResourceExhaustedError("too many transactions are being checked; try again shortly");
}

}  // namespace

void Submissions::Submit(std::string encoded, api::SubmitOptions options, Done done) {
  auto submission = std::make_shared<Submission>();
  submission->wait = options.wait;
  submission->deadline = options.deadline;
  submission->source = options.source;
  submission->done = std::move(done);
  const bool room = under_way_.fetch_add(1) < kMaxUnderWay;
  if (closed_.load()) return FinishUnavailable(submission);
  auto check = [this, submission, encoded = std::move(encoded)]() mutable {
    Check(submission, std::move(encoded));
  };
  const bool posted = room && workers_->Post(std::move(check), options.source, kMaxPerSource);
  if (!posted) Finish(submission, {Busy(), std::nullopt, nullptr});
}

void Submissions::Finish(const SubmissionPtr& submission, api::SubmitResult result) {
  under_way_.fetch_sub(1);
  submission->done(std::move(result));
}

void Submissions::FinishUnavailable(const SubmissionPtr& submission) {
  Finish(submission,
         {absl::UnavailableError("the node is stopping; it did not take the transaction"),
          std::nullopt, nullptr});
}

void Submissions::Check(const SubmissionPtr& submission, std::string encoded) {
  absl::StatusOr<SignedTransaction> verified = DecodeAndVerify(encoded, genesis_hash_, seen_);
  if (!verified.ok()) return Finish(submission, {verified.status(), std::nullopt, nullptr});
  std::vector<Admission> admissions;
  admissions.push_back({*std::move(verified), std::move(encoded), submission, nullptr, {}});
  executor_->Check(std::move(admissions));
}

void Submissions::Refuse(const CheckedAdmission& checked) {
  FinishUnavailable(checked.admission.submission);
}

void Submissions::Admit(CheckedAdmission checked) {
  const SubmissionPtr submission = std::move(checked.admission.submission);
  if (loop_->failed() || closed_.load()) return FinishUnavailable(submission);
  const TxId txid = checked.admission.transaction.txid;
  if (!checked.status.ok()) return OnRefused(submission, txid, checked.status);
  loop_->Step(replica::Admitted{
      std::move(checked.admission.transaction), std::move(checked.admission.encoded), std::nullopt,
      [this, submission, txid](const absl::StatusOr<std::vector<TxId>>& evicted) {
        if (!evicted.ok()) return OnRefused(submission, txid, evicted.status());
        for (const TxId& other : *evicted) {
          publisher_->Drop(other,
                           absl::ResourceExhaustedError(
                               "the queue was full, and the transaction had to make room for an "
                               "account with fewer; try again"));
        }
        OnQueued(submission, txid);
      }});
}

void Submissions::OnQueued(const SubmissionPtr& submission, const TxId& txid) {
  if (!submission->wait) return Finish(submission, {absl::OkStatus(), txid, nullptr});
  OnWaiting(submission, txid,
            publisher_->Wait(txid, WaitUntil(submission->deadline), submission->done));
}

void Submissions::OnWaiting(const SubmissionPtr& submission, const TxId& txid, bool waits) {
  if (!waits) {
    return Finish(submission,
                  {absl::ResourceExhaustedError(
                       "too many calls wait for this transaction, which is in the queue"),
                   txid, nullptr});
  }
  under_way_.fetch_sub(1);
}

// What is in the queue, or was, is refused as well, since it is there or as its nonce is used: it
// is answered with what becomes, or became, of it. To read that can take the events of a large
// block, so a worker does it: who sends old transactions again holds up no blocks.
void Submissions::OnRefused(const SubmissionPtr& submission, const TxId& txid,
                            const absl::Status& status) {
  if (loop_->replica().mempool().Find(txid) != nullptr) return OnQueued(submission, txid);
  if (!submission->wait && publisher_->FindHeld(txid)) {
    return Finish(submission, {absl::OkStatus(), txid, nullptr});
  }
  if (submission->wait) {
    const std::optional<bool> waits =
        publisher_->WaitIfHeld(txid, WaitUntil(submission->deadline), submission->done);
    if (waits) return OnWaiting(submission, txid, *waits);
  }
  const bool posted = workers_->Post(
      [this, submission, txid, status] { AnswerFromLedger(submission, txid, status); },
      submission->source, kMaxPerSource);
  if (!posted) Finish(submission, {Busy(), txid, nullptr});
}

void Submissions::AnswerFromLedger(const SubmissionPtr& submission, const TxId& txid,
                                   const absl::Status& refused) {
  absl::StatusOr<std::optional<api::FullReceipt>> receipt =
      api::ReadFullReceipt(*publisher_->Latest(), txid);
  if (!receipt.ok()) return Finish(submission, {receipt.status(), txid, nullptr});
  if (!receipt->has_value()) return Finish(submission, {refused, txid, nullptr});
  Finish(submission,
         {absl::OkStatus(), txid, std::make_shared<const api::FullReceipt>(**std::move(receipt))});
}

}  // namespace bourse::runtime
