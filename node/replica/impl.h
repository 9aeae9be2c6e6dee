// Replica::Impl: the parts of a replica, and what joins them; a source file for each concern:
//
//   replica.cc       events come in, timers, what is asked of it
//   start.cc         the log is read; and written anew
//   core.cc          the consensus core's effects become ours
//   candidates.cc    candidates' bodies come, are completed, checked and served
//   fetches.cc       what is missing is asked for
//   blocks.cc        finalized blocks are fetched and served; execution
//   work.cc          the queue: admission, gossip, what a block may take
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "node/consensus/simplex.h"
#include "node/mempool/mempool.h"
#include "node/replica/bodies.h"
#include "node/replica/branch.h"
#include "node/replica/catch_up.h"
#include "node/replica/executions.h"
#include "node/replica/gossip.h"
#include "node/replica/message.h"
#include "node/replica/peers.h"
#include "node/replica/random.h"
#include "node/replica/record.h"
#include "node/replica/replica.h"
#include "node/replica/transaction_cache.h"

namespace bourse::replica {

// Slots in their order, the genesis (slot -1) first.
[[nodiscard]] inline std::uint64_t RankOf(consensus::Slot slot) { return slot.value() + 1; }

class Replica::Impl {
 public:
  Impl(const consensus::Validators* validators, Options options, consensus::Simplex::Sign sign);

  [[nodiscard]] Effects Step(Event event);
  [[nodiscard]] std::optional<std::uint64_t> timer_us() const;
  [[nodiscard]] consensus::Simplex::Screening Screen(const Message& message) const;
  [[nodiscard]] Progress progress() const;

  [[nodiscard]] const mempool::Mempool& mempool() const { return mempool_; }
  [[nodiscard]] const consensus::Simplex& simplex() const { return simplex_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  using CoreEvent = decltype(consensus::Event::what);

  // A request for a candidate, sent again until it is here.
  struct Fetch {
    std::uint64_t due_us = 0;
    std::uint64_t delay_us = 0;
    std::uint32_t attempts = 0;
    std::optional<PeerId> last;  // who was asked
  };
  // A payload that the core was given, until it makes a candidate of it.
  struct Chosen {
    Hash256 root;
    std::shared_ptr<const std::vector<std::string>> transactions;
  };
  struct ParentInfo {
    Height height;
    TimeMicros time;
  };
  // Of certificates of what was executed, where later ones have come.
  struct CertificateFetch {
    static constexpr std::uint64_t kLateVotesUs = 300'000;
    static constexpr std::uint64_t kPatienceUs = 1'000'000;
    static constexpr std::uint64_t kPatienceUsMax = 64'000'000;
    std::optional<std::uint64_t> at_us;  // when to ask next; nothing: none is missing
    std::uint64_t patience_us = kPatienceUs;
    Height next;  // to be asked for, or the next above it
  };

  // replica.cc
  void On(Started event);
  void On(const TimerFired& event);
  void On(const PeerUp& event);
  void On(const PeerDown& event);
  void On(MessageArrived event);
  void On(const LateSignatures& event);
  void On(Admitted event);
  void On(const BodyChecked& event);
  void On(const BlockExecuted& event);
  void On(const BlockCommitted& event);
  // What follows from any event: checks, proposals, requests, batches.
  void Settle();
  void Send(std::vector<PeerId> to, const Message& message);
  // With what is sent next to anybody, but soon.
  void SendSoon(std::vector<PeerId> to, const Message& message);
  void SendWaiting();
  void Blame(PeerId peer, std::string what);
  void NoteHeight(PeerId peer, Height height);
  [[nodiscard]] Height ClaimedHeight() const;

  // Messages.
  void Receive(PeerId from, consensus::SignedVote message);
  void Receive(PeerId from, consensus::Certificate message);
  void Receive(PeerId from, CompactCandidate message);
  void Receive(PeerId from, const consensus::SignedExecuted& message);
  void Receive(PeerId from, const consensus::ExecutionCertificate& message);
  void Receive(PeerId from, Transactions message);
  void Receive(PeerId from, const FetchCandidate& message);
  void Receive(PeerId from, CandidateTransactions message);
  void Receive(PeerId from, Candidates message);
  void Receive(PeerId from, const FetchBlocks& message);
  void Receive(PeerId from, Blocks message);
  void Receive(PeerId from, const Status& message);

  // start.cc
  // Reads a record; false if it can't be of a whole log.
  [[nodiscard]] bool ReadRecord(std::string_view bytes, const BlockId& tip,
                                consensus::Recovered* recovered);
  void MaybeRewriteLog();
  [[nodiscard]] std::string EncodeRecord(const consensus::Record& record) const;

  // core.cc
  void StepCore(CoreEvent what);
  void Persist(const std::vector<consensus::Record>& records);
  void AdoptProposal(const consensus::SignedHeader& header);
  void Forward(const consensus::Message& message);
  void Deliver(consensus::Decided decided);
  [[nodiscard]] CompactCandidate Compact(const consensus::SignedHeader& header) const;

  // candidates.cc
  [[nodiscard]] bool IsOurs(const consensus::Header& header) const;
  [[nodiscard]] bool HasRoomFor(const BlockId& id) const;
  [[nodiscard]] const std::string* FindTransaction(const Hash256& key) const;
  // Tells the core of a header. Whether the core keeps it.
  bool AddHeader(const consensus::SignedHeader& header);
  void CheckBodies();
  void CheckBody(const BlockId& id, const ParentInfo& parent);
  [[nodiscard]] std::optional<ParentInfo> FindParent(const BlockId& id) const;
  void DropBodies();
  [[nodiscard]] Candidates RunFrom(BlockId id, consensus::Slot above) const;
  void ServeFinalized(PeerId peer, consensus::Slot above);

  // fetches.cc
  void UpdateFetches();
  void SendFetches();
  void SendFetch(const BlockId& id, Fetch* fetch);
  [[nodiscard]] consensus::Slot RunFloor(const BlockId& id) const;
  // So far below a Final certificate that finalized blocks are fetched rather than candidates.
  [[nodiscard]] bool IsDeep() const;
  [[nodiscard]] bool HasBacklog() const;
  void UpdateCatchUp();

  // blocks.cc
  // Feeds a run that is checked to the core. Whether it brought us forward.
  bool AcceptRun(PeerId from, Blocks blocks);
  void TakeWanted(Blocks blocks);
  // Whether there was a new one of a block that we executed.
  bool AcceptCertificates(const std::vector<consensus::ExecutionCertificate>& executions);
  void FetchCertificates();
  void Take(Executions::Outcome outcome);
  void Remind();
  [[nodiscard]] std::optional<consensus::SignedExecuted> SignIfVoting(
      const consensus::Executed& executed) const;
  void Retire(const BlockId& id);

  // work.cc
  void UpdateWork();
  void SetBranch(const BlockId& parent);
  [[nodiscard]] bool IsLagging() const;
  [[nodiscard]] bool MayPropose() const;
  void FillBodies(const Hash256& key, const std::string& encoded);
  void DropExpired(TimeMicros time);
  [[nodiscard]] TimeMicros NextTime(const std::optional<BlockId>& parent) const;
  void AnswerPayload(const consensus::PayloadRequest& request);
  // Those that were admitted by then and still wait.
  void SendOwnTransactions(std::vector<PeerId> to, std::uint64_t until_us);

  const consensus::Validators* const validators_;
  const Options options_;
  const consensus::Simplex::Sign sign_;
  consensus::Simplex simplex_;
  mempool::Mempool mempool_;
  Random random_;
  Peers peers_;
  TransactionCache cache_;
  Bodies bodies_;
  Branch branch_;
  CatchUp catch_up_;
  Executions executions_;
  Gossip gossip_;
  std::vector<Outgoing> waiting_;  // to be sent with something else, or soon
  std::uint64_t waiting_due_us_ = 0;
  Counters counters_;

  Now now_;          // of the event that is being stepped
  Effects effects_;  // of it, so far
  bool started_ = false;
  bool core_stepped_ = false;     // in this step
  bool final_persisted_ = false;  // in this step: a Final certificate, which is not durable yet

  std::map<BlockId, Fetch> fetches_;
  std::optional<Chosen> chosen_;
  std::deque<BlockId> executing_;           // delivered, not committed; each the parent of the next
  std::deque<BlockId> retired_;             // committed; their bodies are still here, for others
  std::set<BlockId> delivered_;             // both
  bool bodies_changed_ = false;             // some may be of no use any more
  std::map<std::uint64_t, Height> recent_;  // heights of committed blocks by RankOf their slots
  std::size_t retired_bytes_ = 0;
  Height committed_;
  std::optional<std::uint64_t> told_work_since_us_;
  std::deque<TxId> own_;                                 // that clients gave us
  std::map<consensus::ValidatorIndex, Height> heights_;  // what validators say that they are at
  std::uint64_t remind_at_us_ = 0;
  CertificateFetch certificates_;
  std::uint64_t log_bytes_ = 0;  // since it was written anew
};

}  // namespace bourse::replica
