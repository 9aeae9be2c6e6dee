#include "node/runtime/node.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "ledger/genesis.h"
#include "node/api/ledger_reader.h"
#include "node/runtime/clock.h"
#include "node/runtime/log.h"

namespace bourse::runtime {
namespace {

// A dry run needs no signature, and may cost the loop's thread more than a transaction does.
constexpr int kMaxSimulations = 2;

absl::Status Stopping() { return absl::UnavailableError("the node is stopping; try again later"); }

}  // namespace

absl::StatusOr<std::unique_ptr<Node>> Node::Open(ledger::Store* store, NodeOptions options) {
  std::unique_ptr<Node> node(new Node(store, std::move(options)));
  const absl::Status loaded = node->Load();
  if (!loaded.ok()) return loaded;
  return node;
}

Node::Node(ledger::Store* store, NodeOptions options)
    : store_(store),
      tapped_(store, [this](const ledger::Batch& batch) { orders_.Apply(batch); }),
      identity_(options.identity),
      options_(std::move(options)),
      started_us_(ReadClock().steady_us),
      workers_(options_.workers) {}

Node::~Node() { Stop(); }

absl::Status Node::Load() {
  absl::StatusOr<std::unique_ptr<exchange::Exchange>> exchange = exchange::Exchange::Open(&tapped_);
  if (!exchange.ok()) return exchange.status();
  exchange_ = *std::move(exchange);
  if (!exchange_->started()) {
    return absl::FailedPreconditionError("the ledger is empty: it holds no genesis");
  }
  identity_.genesis_hash = exchange_->Info().genesis_hash;
  const Hash256 expected = ledger::GenesisHash(identity_.genesis);
  if (expected != identity_.genesis_hash) {
    return absl::FailedPreconditionError(
        absl::StrCat("genesis.json does not fit the ledger: the file's hash is ", ToHex(expected),
                     ", the ledger began with ", ToHex(identity_.genesis_hash),
                     "; put the right file back, or use another home folder"));
  }
  const absl::Status loaded = orders_.Load(*store_);
  if (!loaded.ok()) return loaded;
  Publish();

  consensus::SoloOptions solo;
  solo.genesis_hash = identity_.genesis_hash;
  solo.protocol_version = exchange::kProtocolVersion;
  solo.idle_us = options_.idle_us;
  solo.block_interval_min_us = options_.block_interval_min_us;
  engine_ = std::make_unique<consensus::Solo>(solo);
  chain_ = std::make_unique<Chain>(exchange_.get(), engine_.get(), ReadClock, options_.mempool);
  return absl::OkStatus();
}

void Node::Start(std::function<void(const absl::Status&)> on_failure) {
  on_failure_ = std::move(on_failure);
  thread_ = std::thread([this] { loop_.Run([this] { return Turn(); }); });
}

void Node::Stop() {
  if (stopping_.exchange(true)) return;
  loop_.Close();
  if (thread_.joinable()) thread_.join();
  AnswerAllOnStop();
  workers_.Stop();  // what is left there finds the loop closed, and answers so
}

std::optional<std::uint64_t> Node::Turn() {
  if (!failed_ && !stopping_.load()) {
    absl::StatusOr<std::vector<CommittedBlock>> blocks = chain_->Advance();
    if (blocks.ok()) {
      for (CommittedBlock& block : *blocks) OnBlock(std::move(block));
    } else {
      failed_ = true;
      Log(LogLevel::kError, "the node can't go on",
          {{"error", std::string(blocks.status().message())}});
      on_failure_(blocks.status());
    }
  }
  AnswerOverdue();
  pending_transactions_.store(chain_->mempool().size());
  pending_bytes_.store(chain_->mempool().bytes());

  std::optional<std::uint64_t> next = failed_ ? std::nullopt : chain_->timer_us();
  if (const auto waiter = waiters_.next_us(); waiter && (!next || *waiter < *next)) next = waiter;
  if (!next) return std::nullopt;
  const std::uint64_t now = ReadClock().steady_us;
  return *next > now ? *next - now : 0;
}

void Node::OnBlock(CommittedBlock block) {
  Publish();
  const ledger::BlockHeader& header = block.result.header;
  Log(header.transactions > 0 ? LogLevel::kDebug : LogLevel::kTrace, "committed a block",
      {{"height", header.height.value()},
       {"transactions", header.transactions},
       {"events", header.events},
       {"hash", ToHex(header.hash)},
       {"state_root", ToHex(header.state_root)}});
  for (const auto& [txid, status] : block.dropped) AnswerDropped(txid, status);

  // Clients are answered by the workers: the loop goes on with the next block.
  const auto result = std::make_shared<const exchange::BlockResult>(std::move(block.result));
  constexpr std::size_t kAnswersPerTask = 64;
  std::vector<std::pair<const ledger::Receipt*, std::vector<SubmitDone>>> answers;
  const auto flush = [&] {
    if (answers.empty()) return;
    auto task = [result, answers = std::exchange(answers, {})] {
      for (const auto& [receipt, waiting] : answers) {
        api::SubmitResult answer;
        answer.txid = receipt->txid;
        if (receipt->skip == SkipReason::kNone) {
          answer.receipt = std::make_shared<const api::FullReceipt>(
              api::MakeFullReceipt(*receipt, result->header.time, result->events));
        } else {
          answer.status = absl::FailedPreconditionError(
              absl::StrCat("a block left the transaction out: ", std::string(Name(receipt->skip)),
                           "; it was not charged, and it can be sent again"));
        }
        for (const SubmitDone& done : waiting) done(answer);
      }
    };
    if (!workers_.PostUrgent(task)) task();
  };
  for (const ledger::Receipt& receipt : result->receipts) {
    std::vector<SubmitDone> waiting = waiters_.Take(receipt.txid);
    if (waiting.empty()) continue;
    answers.emplace_back(&receipt, std::move(waiting));
    if (answers.size() == kAnswersPerTask) flush();
  }
  flush();
}

void Node::Publish() {
  std::shared_ptr<const ledger::View> latest = store_->Snapshot();
  const std::lock_guard lock(mutex_);
  latest_.swap(latest);
}

std::shared_ptr<const ledger::View> Node::Latest() const {
  const std::lock_guard lock(mutex_);
  return latest_;
}

void Node::AnswerDropped(const TxId& txid, const absl::Status& status) {
  for (const SubmitDone& done : waiters_.Take(txid)) {
    done(api::SubmitResult{status, txid, nullptr});
  }
}

void Node::AnswerOverdue() {
  for (const auto& [txid, done] : waiters_.TakeOverdue(ReadClock().steady_us)) {
    done(api::SubmitResult{
        absl::DeadlineExceededError(absl::StrCat(
            "the transaction is in the queue, but not final yet: its outcome is unknown; ask "
            "LedgerService.GetTransaction for ",
            ToHex(txid))),
        txid, nullptr});
  }
}

void Node::AnswerAllOnStop() {
  for (const auto& [txid, done] : waiters_.TakeAll()) {
    done(api::SubmitResult{
        absl::UnavailableError(absl::StrCat(
            "the node is stopping, and the transaction is not final: ask again later for ",
            ToHex(txid), ", and send it again if it is not found")),
        txid, nullptr});
  }
}

void Node::Simulate(SignedTransaction transaction, SimulateDone done) {
  if (simulations_.fetch_add(1) >= kMaxSimulations) {
    simulations_.fetch_sub(1);
    return done(absl::ResourceExhaustedError("the node is busy with other dry runs; try again"));
  }
  auto shared = std::make_shared<std::pair<SignedTransaction, SimulateDone>>(std::move(transaction),
                                                                             std::move(done));
  const bool posted = loop_.Post([this, shared] {
    if (failed_) {  // what is in memory may never get into the ledger
      simulations_.fetch_sub(1);
      return shared->second(Stopping());
    }
    exchange::Simulation simulation = exchange_->Simulate(shared->first, chain_->CheckTime());
    const TimeMicros time = chain_->CheckTime();
    simulations_.fetch_sub(1);
    shared->second(api::MakeFullReceipt(simulation.receipt, time, simulation.events));
  });
  if (!posted) shared->second(Stopping());
}

void Node::FindPending(const TxId& txid, PendingDone done) {
  const auto shared = std::make_shared<PendingDone>(std::move(done));
  const bool posted = loop_.Post([this, shared, txid] {
    const mempool::Mempool::Entry* entry = chain_->mempool().Find(txid);
    (*shared)(entry == nullptr ? std::nullopt : std::optional<std::string>(entry->encoded));
  });
  if (!posted) (*shared)(std::nullopt);
}

api::QueueStatus Node::queue() const {
  return {pending_transactions_.load(), pending_bytes_.load()};
}

TimeMicros Node::Clock() const { return ReadClock().wall; }

std::uint64_t Node::UptimeSeconds() const {
  return (ReadClock().steady_us - started_us_) / 1'000'000;
}

}  // namespace bourse::runtime
