#include "node/runtime/engine_watch.h"

#include <chrono>
#include <utility>

#include "node/runtime/log.h"

namespace bourse::runtime {
namespace {

constexpr std::chrono::milliseconds kPause(250);

}  // namespace

void EngineWatch::Start(std::function<void()> answers) {
  answers_ = std::move(answers);
  thread_ = std::thread([this] { Run(); });
}

void EngineWatch::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void EngineWatch::Run() {
  bool answers = false;
  for (;;) {
    absl::StatusOr<cometbft::EngineStatus> status = rpc_->Status();
    // It says hello before its RPC answers, so whoever answers after that is the new one.
    const bool is_new = status.ok() && (has_started_.exchange(false) || !answers);
    if (status.ok() != answers) {
      answers = status.ok();
      Log(answers ? LogLevel::kInfo : LogLevel::kWarning,
          answers ? "the engine answers" : "the engine does not answer", {{"at", rpc_->address()}});
    }
    if (is_new) answers_();
    std::unique_lock lock(mutex_);
    last_ = std::move(status);
    if (changed_.wait_for(lock, kPause, [this] { return stopped_; })) return;
  }
}

api::NetworkStatus EngineWatch::status() const {
  const std::lock_guard lock(mutex_);
  api::NetworkStatus out;
  out.voting = last_.ok() && last_->is_validator && !last_->catching_up;
  if (!last_.ok()) {
    out.not_voting_because = std::string(last_.status().message());
    return out;
  }
  if (!last_->is_validator) {
    out.not_voting_because = "its engine votes with another key than the node's";
  } else if (last_->catching_up) {
    out.not_voting_because = "its engine is catching up";
  }
  out.decided = out.network = last_->height;
  out.catching_up = last_->catching_up;
  return out;
}

}  // namespace bourse::runtime
