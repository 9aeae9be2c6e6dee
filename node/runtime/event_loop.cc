#include "node/runtime/event_loop.h"

#include <utility>

#include "absl/time/time.h"

namespace bourse::runtime {

bool EventLoop::Post(Task task) {
  absl::MutexLock lock(&mutex_);
  if (closed_) return false;
  tasks_.push_back(std::move(task));
  return true;
}

void EventLoop::Close() {
  absl::MutexLock lock(&mutex_);
  closed_ = true;
}

std::vector<EventLoop::Task> EventLoop::Take(std::optional<std::uint64_t> wait_us, bool* closed) {
  const absl::Duration wait =
      wait_us ? absl::Microseconds(static_cast<std::int64_t>(*wait_us)) : absl::InfiniteDuration();
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(this, &EventLoop::Ready), wait);
  *closed = closed_;
  return std::exchange(tasks_, {});
}

void EventLoop::Run(const std::function<std::optional<std::uint64_t>()>& turn) {
  bool closed = false;
  while (!closed) {
    const std::optional<std::uint64_t> wait_us = turn();
    for (const Task& task : Take(wait_us, &closed)) task();
  }
}

}  // namespace bourse::runtime
