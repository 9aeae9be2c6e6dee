#include "node/runtime/chain.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "common/limits.h"
#include "ledger/merkle.h"

namespace bourse::runtime {

using consensus::Effects;
using mempool::Mempool;

Chain::Chain(exchange::Application* application, consensus::Engine* engine, Clock clock,
             const mempool::Options& options)
    : application_(application), engine_(engine), clock_(std::move(clock)), mempool_(options) {}

TimeMicros Chain::CheckTime() const {
  const TimeMicros after_last(application_->Info().head.time.value() + 1);
  return std::max(clock_().wall, after_last);
}

absl::StatusOr<std::vector<TxId>> Chain::Admit(SignedTransaction transaction, std::string encoded) {
  const absl::Status checked = application_->CheckTx(transaction, CheckTime());
  if (!checked.ok()) return checked;
  return mempool_.Add(std::move(transaction), std::move(encoded));
}

void Chain::Step(decltype(consensus::Event::what) what) {
  effects_.push_back(engine_->Step({clock_(), std::move(what)}));
}

absl::StatusOr<std::vector<CommittedBlock>> Chain::Advance() {
  if (!started_) {
    started_ = true;
    const ledger::Head head = application_->Info().head;
    Step(consensus::Started{{head.height, head.time, head.block_hash}});
  }
  if (!mempool_.empty()) Step(consensus::WorkWaiting{});
  if (timer_us_ && clock_().steady_us >= *timer_us_) {
    timer_us_.reset();
    Step(consensus::TimerFired{});
  }
  std::vector<CommittedBlock> blocks;
  while (!effects_.empty()) {
    Effects effects = std::move(effects_.front());
    effects_.pop_front();
    const absl::Status performed = Perform(std::move(effects), &blocks);
    if (!performed.ok()) return performed;
  }
  // What did not fit goes on at once, after others have had their turn on this thread.
  if (!blocks.empty() && !mempool_.empty()) timer_us_ = clock_().steady_us;
  return blocks;
}

absl::Status Chain::Perform(Effects effects, std::vector<CommittedBlock>* blocks) {
  // The engine of one validator has nothing to log, and nobody to talk to.
  CHECK(effects.persist.empty() && effects.send.empty());
  if (effects.timer_us) timer_us_ = effects.timer_us;
  if (effects.want_payload) {
    Step(consensus::PayloadReady{effects.want_payload->slot, Choose(effects.want_payload->time)});
  }
  for (consensus::Decided& decided : effects.deliver) {
    absl::StatusOr<CommittedBlock> block = Execute(std::move(decided));
    if (!block.ok()) return block.status();
    const Height height = block->result.header.height;
    blocks->push_back(*std::move(block));
    Step(consensus::Committed{height});
  }
  return absl::OkStatus();
}

consensus::Payload Chain::Choose(TimeMicros time) {
  const std::vector<const Mempool::Entry*> entries =
      mempool_.Select(limits::kMaxBlockTransactions, limits::kMaxBlockBytes);
  std::vector<exchange::Candidate> candidates;
  candidates.reserve(entries.size());
  for (const Mempool::Entry* entry : entries) {
    candidates.push_back({&entry->transaction, &entry->encoded});
  }
  const std::vector<std::size_t> chosen = application_->PrepareProposal(candidates, time);

  consensus::Payload payload;
  payload.transactions.reserve(chosen.size());
  for (const std::size_t index : chosen) {
    payload.transactions.push_back(entries[index]->encoded);
  }
  payload.root = ledger::MerkleRootOf(payload.transactions);
  DropUnfit(entries, chosen, time);
  return payload;
}

void Chain::DropUnfit(const std::vector<const Mempool::Entry*>& entries,
                      const std::vector<std::size_t>& chosen, TimeMicros time) {
  if (chosen.size() == entries.size()) return;
  std::vector<bool> is_chosen(entries.size());
  for (const std::size_t index : chosen) is_chosen[index] = true;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (is_chosen[i]) continue;
    const absl::Status checked = application_->CheckTx(entries[i]->transaction, time);
    if (checked.ok()) continue;  // it fits a later block
    const TxId txid = entries[i]->transaction.txid;
    dropped_.emplace_back(txid, checked);
    mempool_.Remove(txid);
  }
}

absl::StatusOr<CommittedBlock> Chain::Execute(consensus::Decided decided) {
  exchange::Block block;
  block.protocol_version = decided.header.protocol_version;
  block.height = decided.header.height;
  block.time = decided.header.time;
  block.hash = decided.hash;
  block.parent_hash = decided.header.parent_hash;
  block.transactions = std::move(decided.payload.transactions);

  absl::StatusOr<exchange::BlockResult> result = application_->FinalizeBlock(block);
  if (!result.ok()) return result.status();
  const absl::Status committed = application_->Commit();
  if (!committed.ok()) return committed;

  CommittedBlock out;
  out.result = *std::move(result);
  for (const ledger::Receipt& receipt : out.result.receipts) mempool_.Remove(receipt.txid);
  for (const TxId& txid : mempool_.RemoveExpired(block.time)) {
    dropped_.emplace_back(
        txid, absl::DeadlineExceededError("the transaction expired in the queue; it never ran"));
  }
  out.dropped = std::exchange(dropped_, {});
  return out;
}

}  // namespace bourse::runtime
