#include "node/runtime/replica_loop.h"

#include <iterator>
#include <utility>
#include <vector>

#include "node/runtime/clock.h"

namespace bourse::runtime {
namespace {

template <typename T>
void MoveTo(std::vector<T> from, std::vector<T>* to) {
  if (to->empty()) {
    *to = std::move(from);
  } else {
    to->insert(to->end(), std::make_move_iterator(from.begin()),
               std::make_move_iterator(from.end()));
  }
}

bool WantsNothing(const replica::Effects& effects) {
  return effects.persist.empty() && !effects.rewrite_log && effects.send.empty() &&
         effects.check.empty() && effects.incoming.empty() && effects.execute.empty() &&
         effects.serve.empty() && effects.certified.empty() && effects.evidence.empty() &&
         effects.misbehaviour.empty() && effects.dropped.empty() && effects.fatal.empty();
}

}  // namespace

void ReplicaLoop::Start(replica::Started started, Hooks hooks) {
  hooks_ = std::move(hooks);
  thread_ = std::thread([this, started = std::move(started)]() mutable {
    Step(std::move(started));
    loop_.Run([this] { return Turn(); });
    Perform();  // of what ran after the loop was closed
  });
}

void ReplicaLoop::Stop() {
  loop_.Close();
  if (thread_.joinable()) thread_.join();
}

void ReplicaLoop::Step(decltype(replica::Event::what) what) {
  if (failed_) return;
  Merge(replica_->Step({ReadClock(), std::move(what)}));
  if (!pending_.fatal.empty()) Fail(absl::InternalError(pending_.fatal));
}

void ReplicaLoop::Fail(const absl::Status& status) {
  if (std::exchange(failed_, true)) return;
  pending_ = {};  // nothing of it is sent, or done
  hooks_.failed(status);
}

void ReplicaLoop::Merge(replica::Effects effects) {
  if (effects.rewrite_log) {  // it holds all that is to be kept, `persist` included
    pending_.persist.clear();
    pending_.rewrite_log = std::move(effects.rewrite_log);
  } else if (pending_.rewrite_log) {
    MoveTo(std::move(effects.persist), &*pending_.rewrite_log);
  } else {
    MoveTo(std::move(effects.persist), &pending_.persist);
  }
  MoveTo(std::move(effects.send), &pending_.send);
  MoveTo(std::move(effects.check), &pending_.check);
  MoveTo(std::move(effects.incoming), &pending_.incoming);
  MoveTo(std::move(effects.execute), &pending_.execute);
  MoveTo(std::move(effects.serve), &pending_.serve);
  MoveTo(std::move(effects.certified), &pending_.certified);
  MoveTo(std::move(effects.evidence), &pending_.evidence);
  MoveTo(std::move(effects.misbehaviour), &pending_.misbehaviour);
  MoveTo(std::move(effects.dropped), &pending_.dropped);
  if (pending_.fatal.empty()) pending_.fatal = std::move(effects.fatal);
}

std::optional<std::uint64_t> ReplicaLoop::Turn() {
  const std::uint64_t start_us = ReadClock().steady_us;
  if (const auto timer = replica_->timer_us(); !failed_ && timer && *timer <= start_us) {
    Step(replica::TimerFired{});
  }
  Perform();
  hooks_.turned();
  times_.AddTurn(ReadClock().steady_us - start_us);
  return UntilTimer();
}

std::optional<std::uint64_t> ReplicaLoop::UntilTimer() const {
  const std::optional<std::uint64_t> timer = failed_ ? std::nullopt : replica_->timer_us();
  if (!timer) return std::nullopt;
  const std::uint64_t now = ReadClock().steady_us;
  return *timer > now ? *timer - now : 0;
}

void ReplicaLoop::Perform() {
  if (failed_ || WantsNothing(pending_)) return;
  replica::Effects effects = std::exchange(pending_, {});
  if (const absl::Status persisted = Persist(&effects); !persisted.ok()) return Fail(persisted);
  hooks_.perform(std::move(effects));
}

absl::Status ReplicaLoop::Persist(replica::Effects* effects) {
  if (log_ == nullptr || (effects->persist.empty() && !effects->rewrite_log)) {
    return absl::OkStatus();
  }
  const std::uint64_t start_us = ReadClock().steady_us;
  absl::Status status =
      effects->rewrite_log ? log_->Rewrite(*effects->rewrite_log) : log_->Append(effects->persist);
  times_.AddSync(ReadClock().steady_us - start_us);
  return status;
}

}  // namespace bourse::runtime
