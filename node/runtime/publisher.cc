#include "node/runtime/publisher.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "common/result.h"
#include "node/api/full_receipt.h"
#include "node/runtime/clock.h"
#include "node/runtime/log.h"
#include "node/storage/certified_view.h"

namespace bourse::runtime {
namespace {

constexpr std::size_t kAnswersPerTask = 64;

api::SubmitResult ResultOf(const ExecutedBlock& block, const ledger::Receipt& receipt) {
  api::SubmitResult out;
  out.txid = receipt.txid;
  if (receipt.skip == SkipReason::kNone) {
    out.receipt = std::make_shared<const api::FullReceipt>(
        api::MakeFullReceipt(receipt, block.result.header.time, block.result.events));
  } else if (auto ran = api::ReadFullReceipt(*block.after, receipt.txid); ran.ok() && *ran) {
    // Not for the first time: it ran before, and this block skipped it.
    out.receipt = std::make_shared<const api::FullReceipt>(**std::move(ran));
  } else {
    out.status = absl::FailedPreconditionError(
        absl::StrCat("a block left the transaction out: ", std::string(Name(receipt.skip)),
                     "; it was not charged, and it can be sent again"));
  }
  return out;
}

}  // namespace

Publisher::~Publisher() { Stop(); }

absl::Status Publisher::Load(const ledger::Store& store) {
  std::shared_ptr<const ledger::View> view = store.Snapshot();
  absl::Status loaded = orders_.Load(*view);
  if (!loaded.ok()) return loaded;
  const std::lock_guard lock(mutex_);
  latest_ = std::move(view);
  return absl::OkStatus();
}

void Publisher::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Publisher::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  AnswerAllOnStop();
}

void Publisher::Add(Block block) {
  const std::lock_guard lock(mutex_);
  Hold(std::move(block));
}

void Publisher::Hold(Block block) {
  if (held_.size() >= kMaxHeld) {
    Forget(held_.front());
    held_.pop_front();
    reload_ = true;
  }
  const Height height = block->executed.height;
  const std::vector<ledger::Receipt>& receipts = block->result.receipts;
  for (std::uint32_t i = 0; i < receipts.size(); ++i) places_[receipts[i].txid] = {height, i};
  held_.push_back(std::move(block));
}

void Publisher::Forget(const Block& block) {
  for (const ledger::Receipt& receipt : block->result.receipts) {
    const auto it = places_.find(receipt.txid);
    if (it != places_.end() && it->second.first == block->executed.height) places_.erase(it);
  }
}

void Publisher::Certify(const consensus::ExecutionCertificate& certificate) {
  const std::lock_guard lock(mutex_);
  certificates_.push_back(certificate);
  if (certificates_.size() > kMaxCertificates) certificates_.pop_front();
}

void Publisher::Allow(Height height) {
  {
    const std::lock_guard lock(mutex_);
    if (height <= allowed_) return;
    allowed_ = height;
  }
  changed_.notify_one();
}

std::shared_ptr<const ledger::View> Publisher::Latest() const {
  const std::lock_guard lock(mutex_);
  return latest_;
}

std::optional<std::string> Publisher::FindHeld(const TxId& txid) const {
  const std::lock_guard lock(mutex_);
  const auto it = places_.find(txid);
  if (it == places_.end()) return std::nullopt;
  const auto [height, index] = it->second;
  const std::uint64_t first = held_.front()->executed.height.value();
  return held_[height.value() - first]->transactions->at(index);
}

bool Publisher::Wait(const TxId& txid, std::uint64_t until_us, Waiters::Done& done) {
  bool sooner = false;
  {
    const std::lock_guard lock(mutex_);
    const std::optional<std::uint64_t> next = waiters_.next_us();
    if (!waiters_.Add(txid, until_us, done)) return false;
    sooner = !next || until_us < *next;
  }
  if (sooner) changed_.notify_one();
  return true;
}

std::optional<bool> Publisher::WaitIfHeld(const TxId& txid, std::uint64_t until_us,
                                          Waiters::Done& done) {
  std::optional<bool> waits;
  {
    const std::lock_guard lock(mutex_);
    if (!places_.contains(txid)) return std::nullopt;
    waits = waiters_.Add(txid, until_us, done);
  }
  changed_.notify_one();
  return waits;
}

void Publisher::Drop(const TxId& txid, const absl::Status& status) {
  std::vector<Waiters::Done> waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting = waiters_.Take(txid);
  }
  for (const Waiters::Done& done : waiting) done(api::SubmitResult{status, txid, nullptr});
}

bool Publisher::HasAllowed() const {
  return !held_.empty() && held_.front()->executed.height <= allowed_;
}

std::vector<Publisher::Block> Publisher::TakeAllowed() {
  std::vector<Block> out;
  for (std::size_t i = 0; i < held_.size() && held_[i]->executed.height <= allowed_; ++i) {
    out.push_back(held_[i]);  // held until it is published
  }
  return out;
}

void Publisher::WaitForWork(std::unique_lock<std::mutex>* lock) {
  const auto ready = [this] { return stopped_ || HasAllowed(); };
  const std::optional<std::uint64_t> next = waiters_.next_us();
  if (ready()) return;
  if (!next) {
    changed_.wait(*lock);
    return;
  }
  const std::uint64_t now = ReadClock().steady_us;
  if (*next > now) changed_.wait_for(*lock, std::chrono::microseconds(*next - now));
}

void Publisher::Run() {
  for (;;) {
    std::vector<Block> blocks;
    bool reload = false;
    {
      std::unique_lock lock(mutex_);
      WaitForWork(&lock);
      blocks = TakeAllowed();
      if (blocks.empty() && stopped_) return;
      if (!blocks.empty()) reload = std::exchange(reload_, false);
    }
    if (!blocks.empty()) Publish(blocks, reload);
    AnswerOverdue();
  }
}

void Publisher::Publish(const std::vector<Block>& blocks, bool reload) {
  if (!reload) {
    for (const Block& block : blocks) orders_.Apply(block->changes);
  } else if (const absl::Status loaded = orders_.Load(*blocks.back()->after); !loaded.ok()) {
    Log(LogLevel::kError, "can't read the orders of the ledger",
        {{"error", std::string(loaded.message())}});
  }
  {
    const std::lock_guard lock(mutex_);
    latest_ = WithCertificates(blocks.back());
  }
  for (const Block& block : blocks) Answer(block);
}

std::shared_ptr<const ledger::View> Publisher::WithCertificates(const Block& block) const {
  storage::ArchivedCertificates certificates;
  for (const consensus::ExecutionCertificate& one : certificates_) {
    if (one.executed.height <= block->executed.height) {
      storage::AddCertificate(one, &certificates);
    }
  }
  return std::make_shared<const storage::CertifiedView>(block->after, std::move(certificates));
}

void Publisher::Answer(const Block& block) {
  std::vector<Answers> tasks;
  {
    const std::lock_guard lock(mutex_);
    Forget(block);
    if (!held_.empty() && held_.front() == block) held_.pop_front();
    for (const ledger::Receipt& receipt : block->result.receipts) {
      std::vector<Waiters::Done> waiting = waiters_.Take(receipt.txid);
      if (waiting.empty()) continue;
      if (tasks.empty() || tasks.back().size() == kAnswersPerTask) tasks.emplace_back();
      tasks.back().emplace_back(&receipt, std::move(waiting));
    }
  }
  for (Answers& answers : tasks) {
    const auto task = [block, answers = std::move(answers)] {
      for (const auto& [receipt, waiting] : answers) {
        const api::SubmitResult result = ResultOf(*block, *receipt);
        for (const Waiters::Done& done : waiting) done(result);
      }
    };
    if (!workers_->PostUrgent(task)) task();
  }
}

void Publisher::AnswerOverdue() {
  std::vector<std::pair<TxId, Waiters::Done>> overdue;
  {
    const std::lock_guard lock(mutex_);
    overdue = waiters_.TakeOverdue(ReadClock().steady_us);
  }
  for (const auto& [txid, done] : overdue) {
    done(api::SubmitResult{
        absl::DeadlineExceededError(absl::StrCat(
            "the transaction is in the queue, but not final yet: its outcome is unknown; ask "
            "LedgerService.GetTransaction for ",
            ToHex(txid))),
        txid, nullptr});
  }
}

void Publisher::AnswerAllOnStop() {
  std::vector<std::pair<TxId, Waiters::Done>> rest;
  {
    const std::lock_guard lock(mutex_);
    rest = waiters_.TakeAll();
  }
  for (const auto& [txid, done] : rest) {
    done(api::SubmitResult{
        absl::UnavailableError(absl::StrCat(
            "the node is stopping, and the transaction is not final: ask again later for ",
            ToHex(txid), ", and send it again if it is not found")),
        txid, nullptr});
  }
}

}  // namespace bourse::runtime
