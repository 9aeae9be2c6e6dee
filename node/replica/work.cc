// The queue: what comes in, goes on to peers, and into blocks.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/limits.h"
#include "ledger/merkle.h"
#include "node/replica/impl.h"

namespace bourse::replica {
namespace {

// Transactions of our clients that are remembered, to give them to new peers, and how much at once.
constexpr std::size_t kOwnMax = 4'096;
constexpr std::size_t kOwnBytesMax = 1 << 20;

}  // namespace

void Replica::Impl::On(Admitted event) {
  const TxId txid = event.transaction.txid;
  const absl::StatusOr<std::vector<TxId>> added =
      mempool_.Add(std::move(event.transaction), event.encoded, now_.steady_us);
  if (added.ok()) {
    const Hash256 key = mempool_.Find(txid)->key;
    if (branch_.Has(key)) mempool_.SetHeld(key, true);
    if (!event.from) {
      own_.push_back(txid);
      if (own_.size() > kOwnMax) own_.pop_front();
      FillBodies(key, event.encoded);
    }
    gossip_.Add(std::move(event.encoded), event.from, now_.steady_us);
  }
  if (event.done) event.done(added);
}

void Replica::Impl::Receive(PeerId from, Transactions message) {
  Incoming incoming{from, {}};
  for (std::string& encoded : message.encoded) {
    const Hash256 key = mempool::Mempool::KeyOf(encoded);
    if (mempool_.FindKey(key) != nullptr || !cache_.Add(key, encoded, now_.steady_us)) continue;
    FillBodies(key, encoded);
    incoming.encoded.push_back(std::move(encoded));
  }
  if (!incoming.encoded.empty()) effects_.incoming.push_back(std::move(incoming));
}

void Replica::Impl::FillBodies(const Hash256& key, const std::string& encoded) {
  if (bodies_.incomplete().empty()) return;
  (void)bodies_.Fill(key, encoded);  // one whose list was wrong is asked for whole
  core_stepped_ = true;              // requests may be over
}

void Replica::Impl::DropExpired(TimeMicros time) {
  for (const TxId& txid : mempool_.RemoveExpired(time)) {
    effects_.dropped.emplace_back(
        txid, absl::DeadlineExceededError("the transaction expired in the queue; it never ran"));
  }
}

bool Replica::Impl::IsLagging() const {
  return executions_.LagOf(simplex_.delivered_height()) > options_.certificate_lag_max;
}

// A network of one waits for itself, so that blocks are as large as what came meanwhile.
bool Replica::Impl::MayPropose() const {
  return !IsLagging() && (validators_->size() > 1 || executing_.empty());
}

void Replica::Impl::UpdateWork() {
  constexpr int kRoundsMax = 8;  // each may bring a block, and with it another branch
  for (int round = 0; round < kRoundsMax; ++round) {
    const std::optional<BlockId> parent = simplex_.best_parent();
    DropExpired(NextTime(parent));
    if (parent) SetBranch(*parent);
    std::optional<std::uint64_t> since_us;
    if (parent && MayPropose()) since_us = mempool_.EarliestAvailable();
    if (since_us == told_work_since_us_) return;
    told_work_since_us_ = since_us;
    StepCore(consensus::WorkChanged{since_us});
    CheckBodies();
  }
}

// The earliest time that a block on this parent could have. What has expired by then is not work,
// or followers would wait for what no leader may include.
TimeMicros Replica::Impl::NextTime(const std::optional<BlockId>& parent) const {
  std::optional<ParentInfo> info;
  if (parent) info = FindParent(*parent);
  return info ? std::max(now_.wall, TimeMicros(info->time.value() + 1)) : now_.wall;
}

void Replica::Impl::SetBranch(const BlockId& parent) {
  std::vector<BlockId> path;
  for (BlockId id = parent; RankOf(id.slot) > RankOf(simplex_.delivered().slot);) {
    path.push_back(id);
    const consensus::SignedHeader* header = simplex_.FindHeader(id);
    if (header == nullptr) break;
    id = ParentOf(header->header);
  }
  std::vector<BlockId> ids(executing_.begin(), executing_.end());
  ids.insert(ids.end(), path.rbegin(), path.rend());
  const std::size_t common = branch_.CommonWith(ids);
  branch_.Cut(common);
  for (std::size_t i = common; i < ids.size(); ++i) {
    const Bodies::Body* body = bodies_.Find(ids[i]);
    branch_.Append({ids[i], body == nullptr ? std::vector<Hash256>() : body->keys});
  }
}

// No look at the state: what can't run is skipped when the block is executed.
void Replica::Impl::AnswerPayload(const consensus::PayloadRequest& request) {
  DropExpired(request.time);
  auto transactions = std::make_shared<std::vector<std::string>>();
  if (IsLagging()) {
    if (mempool_.EarliestAvailable()) ++counters_.empty_for_lag;
  } else {
    SetBranch(request.parent);
    for (const mempool::Mempool::Entry* entry :
         mempool_.Select(limits::kMaxBlockTransactions, limits::kMaxBlockBytes, request.time)) {
      transactions->push_back(entry->encoded);
    }
  }
  chosen_ = Chosen{ledger::MerkleRootOf(*transactions), transactions};
  StepCore(consensus::PayloadReady{request.slot, request.parent, request.time, chosen_->root,
                                   transactions->empty()});
}

void Replica::Impl::SendOwnTransactions(std::vector<PeerId> to, std::uint64_t until_us) {
  Transactions batch;
  std::size_t bytes = 0;
  std::erase_if(own_, [this](const TxId& txid) { return mempool_.Find(txid) == nullptr; });
  for (const TxId& txid : own_) {
    const mempool::Mempool::Entry& entry = *mempool_.Find(txid);
    bytes += entry.encoded.size();
    if (entry.admitted_us > until_us || bytes > kOwnBytesMax) break;
    batch.encoded.push_back(entry.encoded);
  }
  if (!batch.encoded.empty()) Send(std::move(to), std::move(batch));
}

}  // namespace bourse::replica
