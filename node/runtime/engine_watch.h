// EngineWatch: asks the engine now and then how it is.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "node/api/network_state.h"
#include "node/cometbft/rpc.h"

namespace bourse::runtime {

// Thread-safe, but for Start and Stop.
class EngineWatch {
 public:
  // `rpc` must outlive it.
  explicit EngineWatch(cometbft::Rpc* rpc) : rpc_(rpc) {}
  ~EngineWatch() { Stop(); }

  // `answers` is called, on a thread of its own, each time that an engine answers that did not
  // before: it was silent, or it has started anew.
  void Start(std::function<void()> answers);
  void Stop();
  // One has said hello. Between two looks it can end, and another be there.
  void HasStarted() { has_started_ = true; }

  // What it said last, without the ledger's own heights.
  [[nodiscard]] api::NetworkStatus status() const;

 private:
  void Run();

  cometbft::Rpc* const rpc_;
  std::function<void()> answers_;
  std::atomic<bool> has_started_ = false;
  mutable std::mutex mutex_;  // one that ThreadSanitizer sees; guards the two below
  absl::StatusOr<cometbft::EngineStatus> last_ = absl::UnavailableError("its engine was not asked");
  bool stopped_ = false;
  std::condition_variable changed_;
  std::thread thread_;
};

}  // namespace bourse::runtime
