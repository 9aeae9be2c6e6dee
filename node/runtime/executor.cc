#include "node/runtime/executor.h"

#include <algorithm>
#include <iterator>

#include "node/runtime/clock.h"
#include "node/runtime/log.h"
#include "node/storage/evidence_store.h"

namespace bourse::runtime {
namespace {

// A dry run needs no signature, and may cost more than a transaction does.
constexpr std::size_t kMaxDryRuns = 2;
// Checks between two blocks: about a millisecond.
constexpr std::size_t kMaxChecks = 1'024;

absl::Status Stopping() { return absl::UnavailableError("the node is stopping; try again later"); }

exchange::Block ToBlock(const replica::Execute& execute) {
  const consensus::Header& header = execute.header.header;
  exchange::Block block;
  block.protocol_version = header.protocol_version;
  block.height = header.height;
  block.time = header.time;
  block.hash = HashOf(header);
  block.parent_hash = header.parent_hash;
  block.transactions = *execute.transactions;
  return block;
}

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

absl::StatusOr<std::unique_ptr<Executor>> Executor::Open(ledger::Store* store) {
  std::unique_ptr<Executor> executor(new Executor(store));
  absl::StatusOr<std::unique_ptr<exchange::Exchange>> exchange =
      exchange::Exchange::Open(&executor->archive_);
  if (!exchange.ok()) return exchange.status();
  if (!(*exchange)->started()) {
    return absl::FailedPreconditionError("the ledger is empty: it holds no genesis");
  }
  executor->exchange_ = *std::move(exchange);
  return executor;
}

Executor::Executor(ledger::Store* store)
    : store_(store),
      tapped_(store, [this](const ledger::Batch& batch) { changes_ = ForOrders(batch); }),
      archive_(&tapped_) {}

Executor::~Executor() { Stop(); }

void Executor::Start(ExecutorHooks hooks) {
  hooks_ = std::move(hooks);
  thread_ = std::thread([this] { Run(); });
}

void Executor::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Executor::Execute(replica::Execute block) {
  {
    const std::lock_guard lock(mutex_);
    blocks_.push_back(std::move(block));
  }
  changed_.notify_one();
}

void Executor::Keep(consensus::ExecutionCertificate certificate) {
  const std::lock_guard lock(mutex_);
  certificates_.push_back(std::move(certificate));  // the next block will come, or the end
}

void Executor::Keep(consensus::Evidence evidence) {
  {
    const std::lock_guard lock(mutex_);
    evidence_.push_back(std::move(evidence));
  }
  changed_.notify_one();
}

void Executor::Check(std::vector<Admission> admissions) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopped_) {
      std::move(admissions.begin(), admissions.end(), std::back_inserter(admissions_));
      admissions.clear();
    }
  }
  if (admissions.empty()) return changed_.notify_one();
  std::vector<CheckedAdmission> refused;
  for (Admission& admission : admissions) refused.push_back({std::move(admission), Stopping()});
  hooks_.checked(std::move(refused));
}

void Executor::Simulate(SignedTransaction transaction, SimulateDone done) {
  absl::Status refused;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) {
      refused = Stopping();
    } else if (dry_runs_.size() >= kMaxDryRuns) {
      refused = absl::ResourceExhaustedError("the node is busy with other dry runs; try again");
    } else {
      dry_runs_.push_back({std::move(transaction), std::move(done)});
    }
  }
  if (!refused.ok()) return done(refused);
  changed_.notify_one();
}

Executor::Round Executor::Take() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] {
    return stopped_ || !blocks_.empty() || !evidence_.empty() || !admissions_.empty() ||
           !dry_runs_.empty();
  });
  Round round;
  round.stop = stopped_;
  round.certificates = std::exchange(certificates_, {});
  round.evidence = std::exchange(evidence_, {});
  if (stopped_) return round;
  if (!blocks_.empty()) {
    round.block = std::move(blocks_.front());
    blocks_.pop_front();
  }
  const auto checks = static_cast<std::ptrdiff_t>(std::min(kMaxChecks, admissions_.size()));
  std::move(admissions_.begin(), admissions_.begin() + checks,
            std::back_inserter(round.admissions));
  admissions_.erase(admissions_.begin(), admissions_.begin() + checks);
  if (!dry_runs_.empty()) {
    round.dry_run = std::move(dry_runs_.front());
    dry_runs_.pop_front();
  }
  return round;
}

void Executor::Run() {
  for (;;) {
    Round round = Take();
    for (const consensus::ExecutionCertificate& one : round.certificates) archive_.Keep(one);
    if (!failed_) KeepEvidence(round.evidence);
    if (round.stop) break;
    if (round.block && !failed_) RunBlock(*std::move(round.block));
    if (!round.admissions.empty()) CheckAll(std::move(round.admissions));
    if (round.dry_run) RunDry(*std::move(round.dry_run));
  }
  if (const absl::Status kept = failed_ ? absl::OkStatus() : archive_.Flush(); !kept.ok()) {
    Log(LogLevel::kWarning, "certificates were not kept", {{"error", std::string(kept.message())}});
  }
  RefuseRest();
}

void Executor::KeepEvidence(const std::vector<consensus::Evidence>& all) {
  for (const consensus::Evidence& one : all) {
    const absl::StatusOr<bool> kept = storage::KeepEvidence(store_, one);
    if (kept.ok()) continue;
    Log(LogLevel::kError, "evidence was not kept",
        {{"error", std::string(kept.status().message())}});
  }
}

void Executor::RunBlock(replica::Execute block) {
  const absl::Status status = ExecuteAndCommit(std::move(block));
  if (status.ok()) return;
  failed_ = true;
  hooks_.failed(status);
}

absl::Status Executor::ExecuteAndCommit(replica::Execute block) {
  archive_.SetNext(block.header, block.certificate);
  absl::StatusOr<exchange::BlockResult> result = exchange_->FinalizeBlock(ToBlock(block));
  if (!result.ok()) return result.status();
  auto out = std::make_shared<ExecutedBlock>();
  out->executed = ExecutedOf(result->header);
  hooks_.executed(out->executed);
  if (absl::Status committed = exchange_->Commit(); !committed.ok()) return committed;
  out->transactions = std::move(block.transactions);
  out->result = *std::move(result);
  out->changes = std::exchange(changes_, {});
  out->after = store_->Snapshot();
  hooks_.committed(std::move(out));
  return absl::OkStatus();
}

TimeMicros Executor::CheckTime() const {
  const TimeMicros after_last(exchange_->Info().head.time.value() + 1);
  return std::max(ReadClock().wall, after_last);
}

void Executor::CheckAll(std::vector<Admission> admissions) {
  const TimeMicros time = CheckTime();
  std::vector<CheckedAdmission> checked;
  checked.reserve(admissions.size());
  for (Admission& admission : admissions) {
    absl::Status status = failed_ ? Stopping() : exchange_->CheckTx(admission.transaction, time);
    checked.push_back({std::move(admission), std::move(status)});
  }
  hooks_.checked(std::move(checked));
}

void Executor::RunDry(DryRun dry_run) {
  if (failed_) return dry_run.done(Stopping());  // what is in memory may never get onto the disk
  const TimeMicros time = CheckTime();
  const exchange::Simulation simulation = exchange_->Simulate(dry_run.transaction, time);
  dry_run.done(api::MakeFullReceipt(simulation.receipt, time, simulation.events));
}

void Executor::RefuseRest() {
  std::deque<Admission> admissions;
  std::deque<DryRun> dry_runs;
  {
    const std::lock_guard lock(mutex_);
    admissions.swap(admissions_);
    dry_runs.swap(dry_runs_);
    blocks_.clear();
  }
  std::vector<CheckedAdmission> refused;
  for (Admission& admission : admissions) refused.push_back({std::move(admission), Stopping()});
  if (!refused.empty()) hooks_.checked(std::move(refused));
  for (const DryRun& dry_run : dry_runs) dry_run.done(Stopping());
}

}  // namespace bourse::runtime
