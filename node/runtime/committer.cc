#include "node/runtime/committer.h"

#include <string>
#include <utility>

#include "node/runtime/log.h"
#include "node/storage/evidence_store.h"

namespace bourse::runtime {
namespace {

// What the views of orders read (api::OrderView::Apply).
bool ConcernsOrders(const ledger::Batch::Change& change) {
  return change.family == ledger::Family::kOrders || change.family == ledger::Family::kAccounts ||
         change.family == ledger::Family::kMeta;
}

ledger::Batch ForOrders(const ledger::Batch& batch) {
  ledger::Batch out;
  for (const ledger::Batch::Change& change : batch.changes()) {
    if (!ConcernsOrders(change)) continue;
    if (change.value) {
      out.Put(change.family, change.key, *change.value);
    } else {
      out.Delete(change.family, change.key);
    }
  }
  return out;
}

}  // namespace

Committer::Committer(ledger::Store* store)
    : store_(store),
      tapped_(store, [this](const ledger::Batch& batch) { changes_ = ForOrders(batch); }),
      archive_(&tapped_) {}

Committer::~Committer() { Stop(); }

void Committer::Start(exchange::Exchange* exchange, CommitHooks hooks) {
  exchange_ = exchange;
  hooks_ = std::move(hooks);
  thread_ = std::thread([this] { Run(); });
}

void Committer::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Committer::Add(Ran block) {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return steps_.size() < kMaxWaiting; });
    steps_.push_back({std::move(block), nullptr});
  }
  changed_.notify_all();
}

void Committer::After(std::function<void()> then) {
  {
    const std::lock_guard lock(mutex_);
    if (busy_ || !steps_.empty()) {
      steps_.push_back({std::nullopt, std::move(then)});
      then = nullptr;
    }
  }
  then ? then() : changed_.notify_all();
}

void Committer::Keep(consensus::ExecutionCertificate certificate) {
  const std::lock_guard lock(mutex_);
  certificates_.push_back(std::move(certificate));  // the next block will come, or the end
}

void Committer::Keep(consensus::Evidence evidence) {
  {
    const std::lock_guard lock(mutex_);
    evidence_.push_back(std::move(evidence));
  }
  changed_.notify_all();
}

Committer::Round Committer::Take() {
  std::unique_lock lock(mutex_);
  busy_ = false;
  changed_.wait(lock, [this] { return stopped_ || !steps_.empty() || !evidence_.empty(); });
  Round round;
  round.certificates = std::exchange(certificates_, {});
  round.evidence = std::exchange(evidence_, {});
  if (steps_.empty()) {
    round.stop = stopped_;
    return round;
  }
  round.step = std::move(steps_.front());
  steps_.pop_front();
  busy_ = true;
  lock.unlock();
  changed_.notify_all();  // there is room
  return round;
}

void Committer::Run() {
  for (;;) {
    Round round = Take();
    for (const consensus::ExecutionCertificate& one : round.certificates) archive_.Keep(one);
    if (!failed_) KeepEvidence(round.evidence);
    if (round.stop) break;
    if (!round.step) continue;
    if (round.step->block) Finish(*std::move(round.step->block));
    if (round.step->then) round.step->then();
  }
  if (const absl::Status kept = failed_ ? absl::OkStatus() : archive_.Flush(); !kept.ok()) {
    Log(LogLevel::kWarning, "certificates were not kept", {{"error", std::string(kept.message())}});
  }
}

void Committer::KeepEvidence(const std::vector<consensus::Evidence>& all) {
  for (const consensus::Evidence& one : all) {
    const absl::StatusOr<bool> kept = storage::KeepEvidence(store_, one);
    if (kept.ok()) continue;
    Log(LogLevel::kError, "evidence was not kept",
        {{"error", std::string(kept.status().message())}});
  }
}

void Committer::Finish(Ran ran) {
  if (failed_) return;
  const absl::Status status = SealAndCommit(std::move(ran));
  if (status.ok()) return;
  failed_ = true;
  hooks_.failed(status);
}

absl::Status Committer::SealAndCommit(Ran ran) {
  if (!ran.result.ok()) return ran.result.status();
  auto out = std::make_shared<ExecutedBlock>();
  out->result = exchange_->Seal(ran.block, *std::move(ran.result));
  out->executed = ExecutedOf(out->result.header);
  hooks_.executed(out->executed);
  archive_.SetNext(ran.decided.header, ran.decided.certificate);
  if (absl::Status committed = exchange_->Commit(); !committed.ok()) return committed;
  out->transactions = std::move(ran.decided.transactions);
  out->changes = std::exchange(changes_, {});
  out->after = store_->Snapshot();
  hooks_.committed(std::move(out));
  return absl::OkStatus();
}

}  // namespace bourse::runtime
