#include "node/runtime/event_loop.h"

#include <chrono>
#include <utility>

namespace bourse::runtime {

bool EventLoop::Post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    tasks_.push_back(std::move(task));
  }
  changed_.notify_one();
  return true;
}

void EventLoop::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_one();
}

std::vector<EventLoop::Task> EventLoop::Take(std::optional<std::uint64_t> wait_us, bool* closed) {
  const auto ready = [this] { return closed_ || !tasks_.empty(); };
  std::unique_lock lock(mutex_);
  if (wait_us) {
    changed_.wait_for(lock, std::chrono::microseconds(*wait_us), ready);
  } else {
    changed_.wait(lock, ready);
  }
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
