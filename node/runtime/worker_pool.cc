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

bool WorkerPool::Post(Task task, bool urgent) {
  absl::MutexLock lock(&mutex_);
  if (stopped_) return false;
  (urgent ? urgent_ : tasks_).push_back(std::move(task));
  return true;
}

void WorkerPool::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void WorkerPool::Work() {
  for (;;) {
    Task task;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &WorkerPool::Ready));
      std::deque<Task>& tasks = urgent_.empty() ? tasks_ : urgent_;
      if (tasks.empty()) return;
      task = std::move(tasks.front());
      tasks.pop_front();
    }
    task();
  }
}

}  // namespace bourse::runtime
