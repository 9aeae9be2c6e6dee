// The way of a submitted transaction through the node; the rest of Node is in node.cc.

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "node/runtime/clock.h"
#include "node/runtime/node.h"

namespace bourse::runtime {
namespace {

// Submissions that are not yet in the queue. More than that the workers could not check within a
// second or so.
constexpr std::size_t kMaxSubmissions = 16'384;
// Of them, those of one address that wait for a worker.
constexpr std::size_t kMaxPerSource = 4'096;

// An answer that the outcome is unknown has to be there before the client gives up.
constexpr absl::Duration kDeadlineMargin = absl::Milliseconds(100);

absl::Status Busy() {
  return absl::ResourceExhaustedError("too many transactions are being checked; try again shortly");
}

std::uint64_t WaitUntil(absl::Time deadline) {
  constexpr std::uint64_t kLongest = 900'000'000;  // an expired transaction is answered before
  const std::uint64_t now = ReadClock().steady_us;
  if (deadline == absl::InfiniteFuture()) return now + kLongest;
  const absl::Duration left = deadline - absl::Now();
  const std::int64_t wait_us =
      absl::ToInt64Microseconds(left - std::min(kDeadlineMargin, left / 4));
  return now + std::min(kLongest, static_cast<std::uint64_t>(std::max<std::int64_t>(0, wait_us)));
}

}  // namespace

void Node::Submit(std::string encoded, api::SubmitOptions options, SubmitDone done) {
  auto submission = std::make_shared<Submission>();
  submission->encoded = std::move(encoded);
  submission->wait = options.wait;
  submission->deadline = options.deadline;
  submission->source = options.source;
  submission->done = std::move(done);
  const bool room = submissions_.fetch_add(1) < kMaxSubmissions;
  if (stopping_.load()) return FinishUnavailable(submission);
  const bool posted = room && workers_.Post([this, submission] { Check(submission); },
                                            options.source, kMaxPerSource);
  if (!posted) Finish(submission, {Busy(), std::nullopt, nullptr});
}

void Node::Finish(const SubmissionPtr& submission, api::SubmitResult result) {
  submissions_.fetch_sub(1);
  submission->done(std::move(result));
}

void Node::FinishUnavailable(const SubmissionPtr& submission) {
  Finish(submission,
         {absl::UnavailableError("the node is stopping; it did not take the transaction"),
          std::nullopt, nullptr});
}

absl::Status Node::DecodeAndVerify(Submission& submission) const {
  absl::StatusOr<SignedTransaction> decoded = DecodeSignedTransaction(AsBytes(submission.encoded));
  if (!decoded.ok()) return decoded.status();
  submission.transaction = *std::move(decoded);
  const Hash256& genesis_hash = submission.transaction.transaction.genesis_hash;
  if (genesis_hash != identity_.genesis_hash) {
    return absl::InvalidArgumentError(
        absl::StrCat("the transaction is for another network: its genesis_hash is ",
                     ToHex(genesis_hash), ", this network's ", ToHex(identity_.genesis_hash)));
  }
  if (!VerifySignature(submission.transaction, AsBytes(submission.encoded))) {
    return absl::InvalidArgumentError("signature: it is not the signer's over this transaction");
  }
  return absl::OkStatus();
}

void Node::Check(const SubmissionPtr& submission) {
  const absl::Status verified = DecodeAndVerify(*submission);
  if (!verified.ok()) return Finish(submission, {verified, std::nullopt, nullptr});
  const bool posted = loop_.Post([this, submission] { Admit(submission); });
  if (!posted) FinishUnavailable(submission);
}

void Node::Admit(const SubmissionPtr& submission) {
  if (failed_ || stopping_.load()) return FinishUnavailable(submission);
  const TxId txid = submission->transaction.txid;
  if (chain_->mempool().Find(txid) != nullptr) return Wait(submission, txid);
  const absl::StatusOr<std::vector<TxId>> evicted =
      chain_->Admit(std::move(submission->transaction), std::move(submission->encoded));
  if (!evicted.ok()) return AnswerRefused(submission, txid, evicted.status());
  for (const TxId& other : *evicted) {
    AnswerDropped(other, absl::ResourceExhaustedError(
                             "the queue was full, and the transaction had to make room for an "
                             "account with fewer; try again"));
  }
  Wait(submission, txid);
}

// It is in the queue.
void Node::Wait(const SubmissionPtr& submission, const TxId& txid) {
  if (!submission->wait) return Finish(submission, {absl::OkStatus(), txid, nullptr});
  if (!waiters_.Add(txid, WaitUntil(submission->deadline), submission->done)) {
    return Finish(submission,
                  {absl::ResourceExhaustedError(
                       "too many calls wait for this transaction, which is in the queue"),
                   txid, nullptr});
  }
  submissions_.fetch_sub(1);
}

// A transaction that is final already fails its checks, as its nonce is used: it is answered with
// what it did. That can take the events of a large block to be read, so a worker does it: who sends
// old transactions again holds up no blocks.
void Node::AnswerRefused(const SubmissionPtr& submission, const TxId& txid,
                         const absl::Status& status) {
  const bool posted = workers_.Post(
      [this, submission, txid, status] { AnswerFromLedger(submission, txid, status); },
      submission->source, kMaxPerSource);
  if (!posted) Finish(submission, {Busy(), txid, nullptr});
}

void Node::AnswerFromLedger(const SubmissionPtr& submission, const TxId& txid,
                            const absl::Status& refused) {
  absl::StatusOr<std::optional<api::FullReceipt>> receipt = api::ReadFullReceipt(*Latest(), txid);
  if (!receipt.ok()) return Finish(submission, {receipt.status(), txid, nullptr});
  if (!receipt->has_value()) return Finish(submission, {refused, txid, nullptr});
  Finish(submission,
         {absl::OkStatus(), txid, std::make_shared<const api::FullReceipt>(**std::move(receipt))});
}

}  // namespace bourse::runtime
