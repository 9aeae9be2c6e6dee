// Simplex: the consensus core, as a pure state machine. README.md tells the protocol in a page.
//
//   Effects effects = simplex.Step({now, VoteArrived{vote}});
//   // 1. write effects.persist, with one fsync     2. send effects.send
//   // 3. set effects.timer_us                      4. answer effects.want_payload
//   // 5. run effects.deliver, in order
//
// It has no clock, socket, thread, file or random source: time comes with each event, signatures
// of what arrives are verified before, and what it wants done is in the effects. So the same code
// runs in a node and in a simulation. It sees headers only: whether a body is here, and good, is
// told to it. Rules 1 to 7 are those of README.md, and named where they are kept.
//
// Invariants:
// 1. Per slot we sign one Notar at most, and never both Skip and Final.
// 2. Nothing is signed at or below the slot of the highest Final certificate held.
// 3. What is sent was persisted by the same or an earlier Step.
//
// Not thread-safe: one thread steps it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "common/hash.h"
#include "common/units.h"
#include "node/consensus/evidence.h"
#include "node/consensus/header.h"
#include "node/consensus/peer_id.h"
#include "node/consensus/validators.h"
#include "node/consensus/vote.h"

namespace bourse::consensus {

// When an event happened.
struct Now {
  TimeMicros wall;              // what blocks carry; it may be set back
  std::uint64_t steady_us = 0;  // never runs backwards; what timers go by
};

struct SimplexOptions {
  // Our place among the validators; nothing: a full node, which only follows.
  std::optional<ValidatorIndex> self;
  std::uint32_t protocol_version = 1;
  // Rule 4: D = timeout_us · (timeout_growth_permille / 1000)^max(0, s - s* - 2 - f), at most
  // timeout_us_max. Five to ten one-way delays and the time to check a block.
  std::uint64_t timeout_us = 1'000'000;
  std::uint32_t timeout_growth_permille = 1'150;  // over 1,000, at most 1,200
  std::uint64_t timeout_us_max = 64'000'000;      // at least 8 · standstill_us
  std::uint64_t idle_us = 1'000'000;              // T_idle
  std::uint64_t block_interval_min_us = 0;
  std::uint64_t standstill_us = 4'000'000;  // Ts: at least 4 · idle_us
  std::uint32_t gone_after = 0;             // R of rule 4; 0: 2 · n
  // Single votes and candidates so many slots above the frontier are dropped.
  std::uint64_t window = 64;
  // How far a block's time may be ahead of our clock before we hold our vote back.
  std::uint64_t clock_skew_us = 500'000;
};

// What a node's log and ledger hold when it starts. In any order; what contradicts the rules is a
// damaged log, and the caller's to see.
struct Recovered {
  // The end of the chain that is executed and on disk.
  BlockId tip;
  Height tip_height;
  TimeMicros tip_time;
  std::vector<SignedVote> votes;  // our own
  std::vector<Certificate> certificates;
  std::vector<SignedHeader> bodies;  // those of candidates whose whole body is on disk, and good
  // False: our votes may be lost (a missing or damaged log), so we vote no more under this key.
  bool may_vote = true;
};

struct Started {
  Recovered recovered;
};
struct TimerFired {};
// The queue holds (or no longer holds) what a leader could include on `best_parent()`; since when,
// by Now::steady_us.
struct WorkChanged {
  std::optional<std::uint64_t> since_us;
};
// The answer to Effects::want_payload.
struct PayloadReady {
  Slot slot;
  BlockId parent;
  TimeMicros time;
  Hash256 transactions_root;
  bool empty = true;
};
// Verified: the signature is good, and the validator is there.
struct VoteArrived {
  SignedVote vote;
};
// Verified: a quorum of good signatures of different validators.
struct CertificateArrived {
  Certificate certificate;
  std::optional<PeerId> from;
};
// Verified: by its slot's leader, of our network, epoch and version, and of a slot above its
// parent's.
struct HeaderArrived {
  SignedHeader header;
};
// A candidate's body is here and looked at. One that is not good is never voted for.
struct BodyChecked {
  BlockId id;
  bool good = false;
};
// A signature by this validator for this slot came, too late to be used.
struct Heard {
  ValidatorIndex validator;
  Slot slot;
};
struct PeerConnected {
  PeerId peer;
};
struct PeerGone {
  PeerId peer;
};
// A finalized block that was fetched together with the certificate that finalizes it or a
// descendant; in the order of the chain, each the child of the last delivered.
struct FinalizedFetched {
  SignedHeader header;
};

struct Event {
  Now now;
  std::variant<Started, TimerFired, WorkChanged, PayloadReady, VoteArrived, CertificateArrived,
               HeaderArrived, BodyChecked, Heard, PeerConnected, PeerGone, FinalizedFetched>
      what;
};

// What must be durable before anything of the same Effects is sent. A body stands for the whole
// candidate, transactions included, which the caller has.
struct PersistBody {
  BlockId id;
};
using Record = std::variant<SignedVote, Certificate, PersistBody>;

// Our candidate, whose payload the caller has.
struct Proposal {
  SignedHeader header;
};
struct Message {
  std::optional<PeerId> to;  // nothing: to all
  std::variant<SignedVote, Certificate, Proposal> what;
};

// Choose transactions that no ancestor of the block above the executed ones holds, and answer with
// PayloadReady, in any case.
struct PayloadRequest {
  Slot slot;
  BlockId parent;
  TimeMicros time;
};

// A block that is decided for good; its parent is the one delivered before.
struct Decided {
  BlockId id;
  SignedHeader header;
  std::optional<Certificate> certificate;  // its own Final, if held
};

struct Effects {
  std::vector<Record> persist;
  std::vector<Message> send;
  std::optional<PayloadRequest> want_payload;
  std::vector<Decided> deliver;
  std::vector<Evidence> evidence;
  // More validators are Byzantine than the protocol can bear: the node must stop.
  std::string fork;
};

// Counts of what happened, for metrics and to see that a simulation reached every branch.
struct SimplexCounters {
  std::uint64_t proposed = 0, empty_proposed = 0, notar_votes = 0, skip_votes = 0, final_votes = 0;
  std::uint64_t notar_after_skip = 0;      // Notar vote in a slot where we voted Skip
  std::uint64_t both_certificates = 0;     // Notar and Skip certificates held in one slot
  std::uint64_t frontier_jumps = 0;        // by a Final certificate, over slots not cleared
  std::uint64_t final_from_peer = 0;       // certificates received, not formed
  std::uint64_t held_back = 0;             // votes, for a leader's time ahead of our clock
  std::uint64_t gone_skips = 0;            // slots of leaders known to be gone
  std::uint64_t parent_skipped_slots = 0;  // proposals over skipped slots
  std::uint64_t notar_not_active = 0;      // Notar vote in a slot that is not the active one
  std::uint64_t dropped_far = 0;           // beyond the window
  std::uint64_t dropped_late = 0;          // at or below the highest Final
  std::uint64_t standstills = 0;
  std::uint64_t votes_resent_at_start = 0;
  std::uint64_t blocks_fetched = 0;  // delivered by FinalizedFetched
};

class Simplex {
 public:
  using Sign = std::function<Signature(std::string_view bytes)>;

  // `validators` must outlive it. `sign` is pure: the same bytes give the same signature. Not
  // called for a full node.
  Simplex(const Validators* validators, SimplexOptions options, Sign sign);

  [[nodiscard]] Effects Step(Event event);

  // When to Step with TimerFired, by Now::steady_us; early or late does no harm.
  [[nodiscard]] std::optional<std::uint64_t> timer_us() const;

  // What to do with a message before its signatures cost anything.
  enum class Screening : std::uint8_t {
    kUse,   // verify all of it, and Step
    kNote,  // too late to be used; verify, and Step with Heard
    kDrop,
  };
  [[nodiscard]] Screening Screen(const SignedVote& vote) const;
  [[nodiscard]] Screening Screen(const Certificate& certificate) const;
  [[nodiscard]] Screening Screen(const Header& header) const;

  // Candidates that are certified, or ancestors of such, above the delivered tip, and whose body
  // (or header) is not here: to be asked for, for ever. Ascending.
  [[nodiscard]] std::vector<BlockId> Missing() const;
  // Where we would build now: the highest notarized block below the frontier whose slots between
  // are skipped. Nothing while its body, or an ancestor's above the highest Final, is missing.
  [[nodiscard]] std::optional<BlockId> best_parent() const;
  // The header of a block that is kept. Null if it is not.
  [[nodiscard]] const SignedHeader* FindHeader(const BlockId& id) const;
  [[nodiscard]] bool HasBody(const BlockId& id) const;

  [[nodiscard]] Slot frontier() const { return frontier_; }
  [[nodiscard]] BlockId final_id() const { return final_id_; }
  // Its certificate; nothing before the first.
  [[nodiscard]] const std::optional<Certificate>& final_certificate() const { return final_; }
  // The end of what was delivered.
  [[nodiscard]] BlockId delivered() const { return delivered_; }
  [[nodiscard]] Height delivered_height() const { return delivered_height_; }
  [[nodiscard]] TimeMicros delivered_time() const { return delivered_time_; }
  [[nodiscard]] bool voting() const { return may_vote_; }
  [[nodiscard]] bool IsGone(ValidatorIndex validator) const;
  [[nodiscard]] const SimplexCounters& counters() const { return counters_; }

  // What a log must hold for this core to go on after a crash: the highest Final certificate, and
  // all certificates, own votes and bodies above it or not yet delivered.
  [[nodiscard]] std::vector<Record> Durable() const;

 private:
  // What is known of a slot above the highest Final.
  struct SlotState {
    std::map<Vote, std::map<ValidatorIndex, Signature>> votes;
    std::map<Vote, Certificate> certificates;
    std::vector<SignedVote> own;   // our votes, in the order we cast them
    std::optional<Hash256> notar;  // what our votes say
    bool skip = false;
    bool final = false;
    bool proposed = false;
  };
  struct Block {
    SignedHeader header;
    bool has_body = false;
    bool bad = false;
    bool is_durable = false;  // its body was persisted
  };
  struct ParentInfo {
    Height height;
    TimeMicros time;
  };
  // The active slot: the frontier.
  struct Active {
    std::uint64_t since_us = 0;
    std::uint64_t duration_us = 0;  // D of rule 4
    bool is_leader_gone = false;
    bool payload_wanted = false;
  };
  // Who is being sent all that we hold (rule 7), and how far that is.
  struct Resend {
    std::optional<PeerId> to;
    std::uint64_t next = 0;  // slot
  };

  // Events.
  void OnStarted(Started event);
  void OnPayload(const PayloadReady& event);
  void OnVote(const SignedVote& vote);
  void OnCertificate(Certificate certificate);
  void OnHeader(const SignedHeader& header);
  void OnBody(const BodyChecked& event);
  void OnFetched(const SignedHeader& header);

  // Applies the rules until nothing more follows.
  void Progress();
  void AdvanceFrontier();
  void Activate();
  void Propose();
  void TryNotarize(Slot slot);
  void TryFinalize(Slot slot);
  void TrySkip();
  void Deliver();
  void Standstill();
  void SendPaced();
  void SendSlot(const Resend& resend, Slot slot);

  void Cast(VoteKind kind, Slot slot, const Hash256& hash);
  void AddVote(const SignedVote& vote);
  void AcceptCertificate(Certificate certificate);
  void AcceptFinal(const Certificate& certificate);
  void CheckFork(const Vote& vote);
  void AddBlock(const SignedHeader& header);
  // Whether a slot has room for another candidate; evicts one that is not certified for one that
  // is.
  [[nodiscard]] bool MakeRoom(const BlockId& id);
  void MarkDurable(const BlockId& id, Block* block);
  void DeliverOne(const BlockId& id, const SignedHeader& header);
  void Note(ValidatorIndex validator, Slot slot);

  // Questions.
  [[nodiscard]] bool HasSkip(Slot slot) const;
  [[nodiscard]] const Vote* NotarOf(Slot slot) const;
  [[nodiscard]] bool IsCertified(const BlockId& id) const;
  [[nodiscard]] bool IsCleared(Slot slot) const;
  [[nodiscard]] bool AllSkippedBetween(Slot parent, Slot slot) const;
  [[nodiscard]] bool IsGoodParent(const BlockId& parent) const;
  [[nodiscard]] bool IsResolved(BlockId id) const;
  [[nodiscard]] std::optional<ParentInfo> FindParent(const BlockId& id) const;
  [[nodiscard]] bool IsWanted(const BlockId& id) const;
  [[nodiscard]] bool IsLate(Slot slot) const { return slot.value() < floor_; }
  [[nodiscard]] bool IsFar(Slot slot) const {
    return slot.value() >= frontier_.value() + options_.window;
  }
  [[nodiscard]] bool IsSilent(ValidatorIndex validator, Slot slot) const;
  [[nodiscard]] bool LeadsFrontier() const;
  [[nodiscard]] bool IsHeldBack(const Header& header, TimeMicros parent_time);
  [[nodiscard]] std::uint64_t Deadline() const;
  [[nodiscard]] std::uint64_t ProposalDue() const;
  [[nodiscard]] std::uint64_t DurationOf(Slot slot) const;
  // Appends the first of a block and its ancestors above the delivered tip that is not here.
  void AppendMissing(BlockId id, std::set<BlockId>* missing) const;

  const Validators* const validators_;
  SimplexOptions options_;
  const Sign sign_;

  Now now_;               // of the event that is being stepped
  Effects effects_;       // of it, so far
  bool changed_ = false;  // another round of the rules may do something
  bool started_ = false;
  bool may_vote_ = false;

  std::map<Slot, SlotState> slots_;  // above the highest Final
  std::map<BlockId, Block> blocks_;  // above the delivered tip
  Slot frontier_{0};
  Active active_;
  BlockId final_id_;
  std::optional<Certificate> final_;
  std::uint64_t floor_ = 0;  // the first slot above the highest Final: votes below are over
  BlockId delivered_;
  Height delivered_height_;
  TimeMicros delivered_time_;

  std::optional<std::uint64_t> work_since_us_;
  std::optional<std::uint64_t> held_until_us_;  // a held-back vote may be cast then
  std::uint64_t standstill_from_us_ = 0;
  std::vector<Resend> resends_;
  std::uint64_t resend_due_us_ = 0;

  // Rule 4, leaders known to be gone; by validator.
  std::vector<std::uint64_t> heard_;   // 1 + the highest slot that it signed anything for
  std::vector<std::uint32_t> silent_;  // slots that became active since that was new

  SimplexCounters counters_;
};

}  // namespace bourse::consensus
