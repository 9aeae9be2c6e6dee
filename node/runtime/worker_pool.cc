#include "node/runtime/worker_pool.h"

#include <algorithm>
#include <utility>

namespace bourse::runtime {

WorkerPool::WorkerPool(int threads) {
  for (int i = 0; i < std::max(1, threads); ++i) {
    threads_.emplace_back([this] { Work(); });
  }
}

WorkerPool::~WorkerPool() { Stop(); }

bool WorkerPool::Post(Task task, std::uint64_t source, std::size_t source_max) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || tasks_.size_of(source) >= source_max) return false;
    tasks_.Push(source, std::move(task));
  }
  changed_.notify_one();
  return true;
}

bool WorkerPool::PostUrgent(Task task, std::uint64_t source) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return false;
    urgent_.Push(source, std::move(task));
  }
  changed_.notify_one();
  return true;
}

void WorkerPool::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void WorkerPool::Work() {
  for (;;) {
    Task task;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopped_ || !urgent_.empty() || !tasks_.empty(); });
      if (!urgent_.empty()) {
        task = urgent_.Pop();
      } else if (!tasks_.empty()) {
        task = tasks_.Pop();
      } else {
        return;
      }
    }
    task();
  }
}

}  // namespace bourse::runtime
