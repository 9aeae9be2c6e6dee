// WorkerPool: threads that run what is posted, in no certain order: signature checks, and answers
// to clients.
#pragma once

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace bourse::runtime {

// Thread-safe. What it holds has no bound of its own: who posts counts.
class WorkerPool {
 public:
  using Task = std::function<void()>;

  // Starts so many threads, at least one.
  explicit WorkerPool(int threads);
  // As Stop.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // `urgent` tasks run before those that are not. False once stopped: the task won't run.
  [[nodiscard]] bool Post(Task task, bool urgent = false);

  // Runs all that was posted, then ends the threads. Not from a task.
  void Stop();

 private:
  void Work();
  bool Ready() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopped_ || !urgent_.empty() || !tasks_.empty();
  }

  absl::Mutex mutex_;
  std::deque<Task> urgent_ ABSL_GUARDED_BY(mutex_);
  std::deque<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace bourse::runtime
