// Replica: a whole node without I/O. Consensus, the queue, bodies of candidates, fetching, catching
// up and certificates of what was executed, as one state machine.
//
//   Effects effects = replica.Step({now, MessageArrived{peer, message}});
//   // 1. append effects.persist to the log as one batch, with one fsync
//   // 2. send effects.send   3. everything else, in any order
//
// What costs time or I/O is the caller's, and comes back as an event: signatures, checks of bodies,
// CheckTx, execution, reads of old blocks. The node's runtime does it on threads, the simulator at
// once or after virtual time. Effects of several steps may be merged: one fsync, then their sends.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/hash.h"
#include "common/transaction.h"
#include "common/units.h"
#include "node/consensus/simplex.h"
#include "node/mempool/mempool.h"
#include "node/replica/message.h"

namespace bourse::replica {

using consensus::BlockId;
using consensus::Now;
using consensus::PeerId;

struct Options {
  consensus::SimplexOptions simplex;
  mempool::Options mempool;
  std::uint64_t seed = 0;  // of which peer is asked, and of jitter
  // Leaders propose empty blocks while certificates of executions lag by more heights than this.
  std::uint64_t certificate_lag_max = 64;
  // The log is to be written anew once it has grown by so many bytes.
  std::uint64_t log_bytes_max = 64 << 20;
};

// --- Events

// What is on disk. First, once.
struct Started {
  std::vector<std::string> log;  // the log's records, in order
  bool log_is_whole = true;      // false: missing or damaged; the key votes no more
  // The end of the ledger: zeros before the first block.
  Height height;
  TimeMicros time;
  std::optional<consensus::SignedHeader> head;  // its header, from the archive; none at height 0
  std::optional<consensus::Executed> executed;  // what it did; none at height 0
};
struct TimerFired {};
struct PeerUp {
  PeerId peer;
  std::optional<consensus::ValidatorIndex> validator;  // nothing: a full node
};
struct PeerDown {
  PeerId peer;
};
// Its claims (ClaimsOf) are verified; Transactions have none.
struct MessageArrived {
  PeerId from;
  Message message;
};
// A message that Screen said to note: its one signature, or those of its certificate, are good.
struct LateSignatures {
  std::vector<consensus::ValidatorIndex> validators;
  consensus::Slot slot;
};
// A transaction whose signature is good and which CheckTx admits; of a client (no peer) or a peer.
struct Admitted {
  SignedTransaction transaction;
  std::string encoded;
  std::optional<PeerId> from;
  // Called within Step with what the queue says: OK with those that had to make room, or why not.
  std::function<void(const absl::StatusOr<std::vector<TxId>>&)> done;
};
// The answer to Effects::check.
struct BodyChecked {
  BlockId id;
  bool good = false;
};
// The next block of Effects::execute has run. What it did may not be on disk yet: being a function
// of blocks that are final, it will be the same again.
struct BlockExecuted {
  consensus::Executed executed;
};
// The same block is committed: on disk.
struct BlockCommitted {
  std::vector<TxId> transactions;  // all of the block: they leave the queue
};

struct Event {
  Now now;
  std::variant<Started, TimerFired, PeerUp, PeerDown, MessageArrived, LateSignatures, Admitted,
               BodyChecked, BlockExecuted, BlockCommitted>
      what;
};

// --- Effects

struct Outgoing {
  std::vector<PeerId> to;
  Priority priority = Priority::kConsensus;
  std::shared_ptr<const std::string> bytes;  // of Encode
};

// Whether validators may accept this block: exchange::Application::ProcessProposal against the
// parent's height and time; the transactions' signatures too, but where `verified` says so.
struct CheckBody {
  consensus::SignedHeader header;
  Height parent_height;
  TimeMicros parent_time;
  std::shared_ptr<const std::vector<std::string>> transactions;
  std::vector<bool> verified;
};

// Transactions that a peer sent: decode, verify, CheckTx, then Admitted.
struct Incoming {
  PeerId from;
  std::vector<std::string> encoded;
};

// To be executed and committed, one after the other: BlockExecuted, then BlockCommitted. With the
// block, the archive (storage::BlockArchive) keeps header and certificate.
struct Execute {
  consensus::SignedHeader header;
  std::optional<consensus::Certificate> certificate;
  std::shared_ptr<const std::vector<std::string>> transactions;
};

// Read blocks from the archive and send them to this peer (as Blocks).
struct ServeBlocks {
  PeerId to;
  Height from;
};

// What a peer did wrong; `is_proof` if no honest node could have sent it.
struct Misbehaviour {
  PeerId peer;
  std::string what;
};

struct Effects {
  std::vector<std::string> persist;
  // If set: the log may drop all before; this is all that it must hold (`persist` included).
  std::optional<std::vector<std::string>> rewrite_log;
  std::vector<Outgoing> send;
  std::vector<CheckBody> check;
  std::vector<Incoming> incoming;
  std::vector<Execute> execute;
  std::vector<ServeBlocks> serve;
  std::vector<consensus::ExecutionCertificate> certified;  // each height at most once
  std::vector<consensus::Evidence> evidence;               // signatures verified
  std::vector<Misbehaviour> misbehaviour;
  std::vector<std::pair<TxId, absl::Status>> dropped;  // left the queue without having run
  // The node must stop at once, and why: its roots differ from a certificate's, or a fork.
  std::string fatal;
};

// Counts of what happened; as SimplexCounters.
struct Counters {
  std::uint64_t bodies_from_queue = 0;     // compact candidates completed without asking
  std::uint64_t transactions_fetched = 0;  // asked of leaders by place
  std::uint64_t candidates_fetched = 0;
  std::uint64_t block_runs_fetched = 0;
  std::uint64_t own_log_replayed = 0;
  std::uint64_t certificates_of_executions = 0;
  std::uint64_t log_rewrites = 0;
  std::uint64_t empty_for_lag = 0;
};

struct Progress {
  Height height;     // committed
  Height decided;    // delivered to execution
  Height certified;  // of the highest execution certificate
  Height network;    // estimate: the highest that anything verified tells of
  bool voting = false;
  bool catching_up = false;
};

class Replica {
 public:
  // `validators` must outlive it.
  Replica(const consensus::Validators* validators, Options options, consensus::Simplex::Sign sign);
  ~Replica();

  [[nodiscard]] Effects Step(Event event);
  [[nodiscard]] std::optional<std::uint64_t> timer_us() const;

  // Before a message's claims cost anything: see consensus::Simplex::Screen.
  [[nodiscard]] consensus::Simplex::Screening Screen(const Message& message) const;

  [[nodiscard]] const mempool::Mempool& mempool() const;
  [[nodiscard]] const consensus::Simplex& simplex() const;
  [[nodiscard]] const Counters& counters() const;
  [[nodiscard]] Progress progress() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bourse::replica
