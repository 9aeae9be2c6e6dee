// ReplicaLoop: the thread that has the replica and the consensus log.
//
// A turn: take all that was posted, Step each, merge what they want; make it durable with one sync;
// then hand it to the node, which sends and performs. So nothing is sent before it is durable, and
// a sync is shared by all that came while the last one ran.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "node/replica/replica.h"
#include "node/runtime/event_loop.h"
#include "node/runtime/turn_times.h"
#include "node/storage/consensus_log.h"

namespace bourse::runtime {

class ReplicaLoop {
 public:
  // Called on the loop's thread.
  struct Hooks {
    // Durable. Step must not be called from within; Post may.
    std::function<void(replica::Effects)> perform;
    // After each turn.
    std::function<void()> turned;
    // Once: the node can't go on. Nothing is stepped after it.
    std::function<void(const absl::Status&)> failed;
  };

  // Both must outlive it. `log` is null for a node that may not vote: then nothing is kept.
  ReplicaLoop(replica::Replica* replica, storage::ConsensusLog* log)
      : replica_(replica), log_(log) {}
  ~ReplicaLoop() { Stop(); }

  void Start(replica::Started started, Hooks hooks);
  // Returns once what was posted before has run. Nothing runs after it.
  void Stop();

  // Thread-safe. The task runs on the loop's thread; false: it won't.
  [[nodiscard]] bool Post(EventLoop::Task task) { return loop_.Post(std::move(task)); }

  // For tasks of this loop:

  // Nothing happens once the node has failed.
  void Step(decltype(replica::Event::what) what);
  void Fail(const absl::Status& status);
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] const replica::Replica& replica() const { return *replica_; }
  // What was stepped since the last turn wants so; for those who must know whose wish it was.
  [[nodiscard]] replica::Effects& pending() { return pending_; }
  [[nodiscard]] const TurnTimes& times() const { return times_; }

 private:
  std::optional<std::uint64_t> Turn();
  void Perform();
  [[nodiscard]] absl::Status Persist(replica::Effects* effects);
  void Merge(replica::Effects effects);
  [[nodiscard]] std::optional<std::uint64_t> UntilTimer() const;

  replica::Replica* const replica_;
  storage::ConsensusLog* const log_;
  Hooks hooks_;
  replica::Effects pending_;
  TurnTimes times_;
  bool failed_ = false;
  EventLoop loop_;
  std::thread thread_;
};

}  // namespace bourse::runtime
