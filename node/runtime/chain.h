// Chain: the application, the queue and the engine together; makes blocks. One thread's.
//
//   Admit ──► mempool ──► engine: "choose" ──► PrepareProposal ──► engine: "decided"
//                                                                      │
//        outcomes ◄── leave the mempool ◄── Commit ◄── FinalizeBlock ◄─┘
//
// It performs what the engine wants, in the order that the engine's rules demand. Without threads;
// the clock is the caller's.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/hash.h"
#include "common/transaction.h"
#include "node/consensus/engine.h"
#include "node/exchange/application.h"
#include "node/mempool/mempool.h"

namespace bourse::runtime {

// A block that is on disk.
struct CommittedBlock {
  exchange::BlockResult result;
  // Transactions that left the queue without having run, and why.
  std::vector<std::pair<TxId, absl::Status>> dropped;
};

// Not thread-safe.
class Chain {
 public:
  using Clock = std::function<consensus::Now()>;

  // All must outlive it; the application has a network.
  Chain(exchange::Application* application, consensus::Engine* engine, Clock clock,
        const mempool::Options& options);

  // Takes a transaction whose signature is good into the queue. Errors as of
  // exchange::Application::CheckTx and mempool::Mempool::Add. Returns what had to make room.
  [[nodiscard]] absl::StatusOr<std::vector<TxId>> Admit(SignedTransaction transaction,
                                                        std::string encoded);

  // Lets the engine go on, and returns the blocks that it made. After an error the node must stop:
  // memory and disk may differ.
  [[nodiscard]] absl::StatusOr<std::vector<CommittedBlock>> Advance();

  // When to call Advance, if nothing else happens; a steady time.
  [[nodiscard]] std::optional<std::uint64_t> timer_us() const { return timer_us_; }

  [[nodiscard]] const mempool::Mempool& mempool() const { return mempool_; }

  // What a transaction that is checked now is checked against: the clock, but later than the last
  // block.
  [[nodiscard]] TimeMicros CheckTime() const;

 private:
  void Step(decltype(consensus::Event::what) what);
  [[nodiscard]] absl::Status Perform(consensus::Effects effects,
                                     std::vector<CommittedBlock>* blocks);
  [[nodiscard]] consensus::Payload Choose(TimeMicros time);
  // Drops from the queue what a block of `time` could not take though it was asked to.
  void DropUnfit(const std::vector<const mempool::Mempool::Entry*>& entries,
                 const std::vector<std::size_t>& chosen, TimeMicros time);
  [[nodiscard]] absl::StatusOr<CommittedBlock> Execute(consensus::Decided decided);

  exchange::Application* const application_;
  consensus::Engine* const engine_;
  const Clock clock_;
  mempool::Mempool mempool_;
  std::deque<consensus::Effects> effects_;              // to be performed
  std::vector<std::pair<TxId, absl::Status>> dropped_;  // since the last block
  std::optional<std::uint64_t> timer_us_;
  bool started_ = false;
};

}  // namespace bourse::runtime
