// Finalized blocks: they are fetched and served, executed, and what they did is certified.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "node/replica/impl.h"

namespace bourse::replica {
namespace {

// Bodies of executed blocks that are kept for nodes that are a little behind.
constexpr std::size_t kRetiredMax = 256;
constexpr std::size_t kRetiredBytesMax = 32 << 20;
constexpr std::size_t kRecentMax = 4'096;

}  // namespace

void Replica::Impl::Receive(PeerId from, const FetchBlocks& message) {
  if (message.from > committed_) return Send({from}, Blocks{message.from, {}, {}, {}});
  if (!peers_.Spend(from, kAnswerBytes, now_.steady_us)) return;
  effects_.serve.push_back({from, message.from});
}

// The candidate that was asked for is no longer in memory, but its chain is in the archive. An
// answer's worth of the share is left for who asks for blocks in their order (FetchBlocks): that
// brings it further.
void Replica::Impl::ServeFinalized(PeerId peer, consensus::Slot above) {
  const auto next = recent_.upper_bound(RankOf(above));
  if (next == recent_.end()) return;
  const bool is_known = recent_.contains(RankOf(above)) || next->second.value() == 1;
  if (!is_known || !peers_.CanSpend(peer, 2 * kAnswerBytes, now_.steady_us)) return;
  if (!peers_.Spend(peer, kAnswerBytes, now_.steady_us)) return;
  effects_.serve.push_back({peer, next->second});
}

void Replica::Impl::Receive(PeerId from, Blocks message) {
  const Height first = message.from;
  if (message.blocks.empty()) return catch_up_.Answered(from, first, false, now_.steady_us);
  const std::string wrong = WrongInRun(message);
  if (!wrong.empty()) {
    catch_up_.Answered(from, first, false, now_.steady_us);
    return Blame(from, wrong);
  }
  const bool is_useful = AcceptRun(from, std::move(message));
  catch_up_.Answered(from, first, is_useful, now_.steady_us);
}

bool Replica::Impl::AcceptCertificates(
    const std::vector<consensus::ExecutionCertificate>& executions) {
  bool is_useful = false;
  for (const consensus::ExecutionCertificate& one : executions) {
    Executions::Outcome outcome;
    executions_.OnCertificate(one, &outcome);
    is_useful = is_useful || !outcome.certified.empty();
    Take(std::move(outcome));
  }
  if (is_useful && certificates_.at_us) {
    certificates_.at_us = now_.steady_us;
    certificates_.patience_us = CertificateFetch::kPatienceUs;
  }
  return is_useful;
}

bool Replica::Impl::AcceptRun(PeerId from, Blocks blocks) {
  const bool is_useful = AcceptCertificates(blocks.executions);
  const std::uint64_t next = simplex_.delivered_height().value() + 1;
  if (blocks.from.value() > next) {
    TakeWanted(std::move(blocks));
    return is_useful;
  }
  const std::size_t known = next - blocks.from.value();
  if (known >= blocks.blocks.size()) return is_useful;
  if (ParentOf(blocks.blocks[known].header.header) != simplex_.delivered()) {
    effects_.fatal = absl::StrCat("two finalized blocks have height ", next - 1,
                                  ": a third of the validators or more sign both ways");
    return false;
  }
  StepCore(consensus::CertificateArrived{blocks.certificate.front(), from});
  for (std::size_t i = known; i < blocks.blocks.size(); ++i) {
    FullCandidate& block = blocks.blocks[i];
    // With the certificate the core may have gone on by itself.
    if (ParentOf(block.header.header) != simplex_.delivered()) continue;
    bodies_.AddGood(block.header,
                    std::make_shared<const std::vector<std::string>>(std::move(block.transactions)),
                    /*is_fetched=*/true);
    StepCore(consensus::FinalizedFetched{block.header});
  }
  ++counters_.block_runs_fetched;
  return is_useful || simplex_.delivered_height().value() >= next;
}

// Of finalized blocks that don't follow ours, those that are missing above the gap: like
// candidates, but known to be good.
void Replica::Impl::TakeWanted(Blocks blocks) {
  for (FullCandidate& block : blocks.blocks) {
    const BlockId id = IdOf(block.header.header);
    if (!fetches_.contains(id) || bodies_.HasWhole(id) || !AddHeader(block.header)) continue;
    if (!bodies_.AddTransactions(id, std::move(block.transactions))) continue;
    bodies_.SetState(id, Bodies::State::kGood);
    StepCore(consensus::BodyChecked{id, true});
    ++counters_.candidates_fetched;
  }
}

void Replica::Impl::On(const BlockExecuted& event) {
  CHECK(!executing_.empty() && executing_.front().hash == event.executed.block_hash);
  const std::optional<consensus::SignedExecuted> own = SignIfVoting(event.executed);
  if (own) Send(peers_.All(), *own);
  Executions::Outcome outcome;
  executions_.OnExecuted(event.executed, own, &outcome);
  Take(std::move(outcome));
}

void Replica::Impl::On(const BlockCommitted& event) {
  CHECK(!executing_.empty());
  const BlockId id = executing_.front();
  executing_.pop_front();
  const consensus::Header& header = bodies_.Find(id)->header.header;
  committed_ = header.height;
  for (const TxId& txid : event.transactions) mempool_.Remove(txid);
  if (branch_.CommonWith({id}) == 1) {
    branch_.PopFront();
  } else {
    branch_.Cut(0);
  }
  DropExpired(header.time);
  Retire(id);
}

void Replica::Impl::Retire(const BlockId& id) {
  recent_.emplace(RankOf(id.slot), committed_);
  if (recent_.size() > kRecentMax) recent_.erase(recent_.begin());
  retired_.push_back(id);
  retired_bytes_ += bodies_.Find(id)->bytes;
  while (retired_.size() > kRetiredMax || retired_bytes_ > kRetiredBytesMax) {
    retired_bytes_ -= bodies_.Find(retired_.front())->bytes;
    bodies_.Erase(retired_.front());
    delivered_.erase(retired_.front());
    retired_.pop_front();
  }
}

std::optional<consensus::SignedExecuted> Replica::Impl::SignIfVoting(
    const consensus::Executed& executed) const {
  if (!simplex_.voting()) return std::nullopt;
  return consensus::SignedExecuted{executed, *options_.simplex.self,
                                   sign_(SignedBytes(*validators_, executed))};
}

void Replica::Impl::Receive(PeerId /*from*/, const consensus::SignedExecuted& message) {
  Height& known = heights_[message.validator];
  known = std::max(known, message.executed.height);
  Executions::Outcome outcome;
  executions_.OnVote(message, &outcome);
  Take(std::move(outcome));
}

void Replica::Impl::Receive(PeerId /*from*/, const consensus::ExecutionCertificate& message) {
  Executions::Outcome outcome;
  executions_.OnCertificate(message, &outcome);
  Take(std::move(outcome));
}

// Validators form certificates by themselves; full nodes may not be connected to enough of them.
void Replica::Impl::Take(Executions::Outcome outcome) {
  for (consensus::ExecutionCertificate& one : outcome.certified) {
    ++counters_.certificates_of_executions;
    Send(peers_.FullNodes(), one);
    effects_.certified.push_back(std::move(one));
  }
  for (consensus::Evidence& one : outcome.evidence) effects_.evidence.push_back(std::move(one));
  if (!outcome.fatal.empty()) effects_.fatal = std::move(outcome.fatal);
}

// Certificates that went by: of blocks that came as candidates, while they were new, and of what
// was executed right before we stopped. They come with the blocks, from whoever has them. Late
// votes have their time first; nobody having one, it is asked for ever more seldom.
void Replica::Impl::FetchCertificates() {
  const std::optional<Height> skipped = executions_.SkippedFrom(certificates_.next);
  if (!skipped) {
    certificates_ = {};
    return;
  }
  if (!certificates_.at_us) certificates_.at_us = now_.steady_us + CertificateFetch::kLateVotesUs;
  if (now_.steady_us < *certificates_.at_us) return;
  certificates_.at_us = now_.steady_us + certificates_.patience_us;
  const std::optional<PeerId> peer = peers_.Pick(&random_, std::nullopt);
  if (!peer) return;
  Send({*peer}, FetchBlocks{*skipped});
  certificates_.next = Height(skipped->value() + 1);
  certificates_.patience_us =
      std::min(2 * certificates_.patience_us, CertificateFetch::kPatienceUsMax);
}

// What may have been lost: our own votes and our clients' transactions that wait for long to all,
// and the highest certificate to somebody.
void Replica::Impl::Remind() {
  constexpr std::size_t kVotes = 16;
  if (now_.steady_us < remind_at_us_) return;
  remind_at_us_ = now_.steady_us + options_.simplex.standstill_us;
  Send(peers_.All(), Status{committed_});
  SendOwnTransactions(peers_.All(), now_.steady_us - options_.simplex.standstill_us / 2);
  for (const consensus::SignedExecuted& own : executions_.Unconfirmed(kVotes)) {
    Send(peers_.All(), own);
  }
  const std::optional<PeerId> peer = peers_.Pick(&random_, std::nullopt);
  if (peer && executions_.highest()) Send({*peer}, *executions_.highest());
}

}  // namespace bourse::replica
