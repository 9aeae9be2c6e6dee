// A replica starts, from what its log and its ledger hold; and the log is written anew.

#include <string_view>

#include "common/check.h"
#include "ledger/merkle.h"
#include "node/replica/impl.h"

namespace bourse::replica {
namespace {

// The end of the ledger as the core names it. Before the first block it is the genesis.
BlockId TipOf(const consensus::Validators& validators, const Started& event) {
  if (event.head) return IdOf(event.head->header);
  return {consensus::kGenesisSlot, validators.genesis_hash()};
}

// Whether the ledger could have come from this log: what was executed was final in it.
bool LeadsTo(const consensus::Recovered& recovered) {
  if (recovered.tip_height.value() == 0) return true;
  for (const consensus::Certificate& one : recovered.certificates) {
    const bool is_final = one.vote.kind == consensus::VoteKind::kFinal;
    if (is_final && one.vote.slot >= recovered.tip.slot) return true;
  }
  return false;
}

}  // namespace

void Replica::Impl::On(Started event) {
  CHECK(event.height.value() == 0 || event.head.has_value());
  consensus::Recovered recovered;
  recovered.tip = TipOf(*validators_, event);
  recovered.tip_height = event.height;
  recovered.tip_time = event.time;
  recovered.may_vote = event.log_is_whole;
  for (const std::string& bytes : event.log) {
    if (!ReadRecord(bytes, recovered.tip, &recovered)) recovered.may_vote = false;
    log_bytes_ += bytes.size();
    ++counters_.own_log_replayed;
  }
  if (!LeadsTo(recovered)) recovered.may_vote = false;

  started_ = true;
  committed_ = event.height;
  remind_at_us_ = now_.steady_us + options_.simplex.standstill_us;
  executions_.Start(event.height);
  StepCore(consensus::Started{std::move(recovered)});
  if (!event.executed) return;
  Executions::Outcome outcome;
  executions_.OnExecuted(*event.executed, SignIfVoting(*event.executed), &outcome);
  Take(std::move(outcome));
}

bool Replica::Impl::ReadRecord(std::string_view bytes, const BlockId& tip,
                               consensus::Recovered* recovered) {
  LogRecord record;
  if (!Decode(*validators_, bytes, &record)) return false;
  if (const auto* vote = std::get_if<consensus::SignedVote>(&record)) {
    if (options_.simplex.self != vote->validator) return false;
    recovered->votes.push_back(*vote);
  } else if (auto* certificate = std::get_if<consensus::Certificate>(&record)) {
    recovered->certificates.push_back(std::move(*certificate));
  } else if (auto* candidate = std::get_if<FullCandidate>(&record)) {
    const consensus::Header& header = candidate->header.header;
    if (ledger::MerkleRootOf(candidate->transactions) != header.transactions_root) return false;
    if (RankOf(header.slot) <= RankOf(tip.slot)) return true;
    recovered->bodies.push_back(candidate->header);
    bodies_.AddGood(
        candidate->header,
        std::make_shared<const std::vector<std::string>>(std::move(candidate->transactions)),
        /*is_fetched=*/false);
  }
  return true;
}

std::string Replica::Impl::EncodeRecord(const consensus::Record& record) const {
  if (const auto* vote = std::get_if<consensus::SignedVote>(&record)) {
    return Encode(LogRecord(*vote));
  }
  if (const auto* certificate = std::get_if<consensus::Certificate>(&record)) {
    return Encode(LogRecord(*certificate));
  }
  const Bodies::Body* body = bodies_.Find(std::get<consensus::PersistBody>(record).id);
  CHECK(body != nullptr && body->is_whole());
  return Encode(LogRecord(FullCandidate{body->header, *body->transactions}));
}

// What the core may forget is below a Final certificate that is on disk: so not while it is only in
// this step's batch.
void Replica::Impl::MaybeRewriteLog() {
  if (log_bytes_ <= options_.log_bytes_max || final_persisted_) return;
  std::vector<consensus::Record> records = simplex_.Durable();
  // Delivered, so the core is done with them, but the ledger has them only when they are committed.
  // Those that were fetched are with others, and were never here.
  for (const BlockId& id : executing_) {
    if (!bodies_.Find(id)->is_fetched) records.emplace_back(consensus::PersistBody{id});
  }
  std::vector<std::string>& log = effects_.rewrite_log.emplace();
  log.reserve(records.size());
  for (const consensus::Record& record : records) log.push_back(EncodeRecord(record));
  log_bytes_ = 0;
  ++counters_.log_rewrites;
}

}  // namespace bourse::replica
