#include "node/runtime/executor.h"

#include <algorithm>
#include <iterator>

#include "node/runtime/clock.h"

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

}  // namespace

absl::StatusOr<std::unique_ptr<Executor>> Executor::Open(ledger::Store* store) {
  std::unique_ptr<Executor> executor(new Executor(store));
  absl::StatusOr<std::unique_ptr<exchange::Exchange>> exchange =
      exchange::Exchange::Open(executor->committer_.store());
  if (!exchange.ok()) return exchange.status();
  if (!(*exchange)->started()) {
    return absl::FailedPreconditionError("the ledger is empty: it holds no genesis");
  }
  executor->exchange_ = *std::move(exchange);
  return executor;
}

Executor::Executor(ledger::Store* store) : committer_(store) {}

Executor::~Executor() { Stop(); }

void Executor::Start(ExecutorHooks hooks) {
  checked_ = std::move(hooks.checked);
  committer_.Start(exchange_.get(), std::move(hooks.commit));
  thread_ = std::thread([this] { Run(); });
}

void Executor::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  committer_.Stop();
}

void Executor::Execute(replica::Execute block) {
  {
    const std::lock_guard lock(mutex_);
    blocks_.push_back(std::move(block));
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
  checked_(std::move(refused));
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
    return stopped_ || !blocks_.empty() || !admissions_.empty() || !dry_runs_.empty();
  });
  Round round;
  round.stop = stopped_;
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
    if (round.stop) break;
    if (round.block && !committer_.failed()) RunBlock(*std::move(round.block));
    if (!round.admissions.empty()) CheckAll(std::move(round.admissions));
    if (round.dry_run) RunDry(*std::move(round.dry_run));
  }
  RefuseRest();
}

void Executor::RunBlock(replica::Execute decided) {
  exchange::Block block = ToBlock(decided);
  absl::StatusOr<exchange::RanBlock> result = exchange_->Run(block);
  committer_.Add({std::move(decided), std::move(block), std::move(result)});
}

TimeMicros Executor::CheckTime() const {
  const TimeMicros after_last(exchange_->core().head.time.value() + 1);
  return std::max(ReadClock().wall, after_last);
}

void Executor::CheckAll(std::vector<Admission> admissions) {
  const TimeMicros time = CheckTime();
  std::vector<CheckedAdmission> checked;
  checked.reserve(admissions.size());
  for (Admission& admission : admissions) {
    absl::Status status =
        committer_.failed() ? Stopping() : exchange_->CheckTx(admission.transaction, time);
    checked.push_back({std::move(admission), std::move(status)});
  }
  // A transaction that is refused since a block has it must be found there.
  const auto shared = std::make_shared<std::vector<CheckedAdmission>>(std::move(checked));
  committer_.After([this, shared] { checked_(std::move(*shared)); });
}

void Executor::RunDry(DryRun dry_run) {
  if (committer_.failed())
    return dry_run.done(Stopping());  // what is in memory may never get onto the disk
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
  if (!refused.empty()) checked_(std::move(refused));
  for (const DryRun& dry_run : dry_runs) dry_run.done(Stopping());
}

}  // namespace bourse::runtime
