// WorkerPool: threads that run what is posted: signature checks, fairly for all who bring them, and
// answers to clients.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "node/runtime/fair_queue.h"

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

  // Sources' tasks are taken in turn. False once stopped, or if `source` has `source_max` tasks
  // waiting: the task won't run.
  [[nodiscard]] bool Post(Task task, std::uint64_t source, std::size_t source_max);
  // Runs before all of those; among themselves these sources take turns as well. False once
  // stopped.
  [[nodiscard]] bool PostUrgent(Task task, std::uint64_t source = kOwnSource);
  // The node itself.
  static constexpr std::uint64_t kOwnSource = ~std::uint64_t{0};

  // Runs all that was posted, then ends the threads. Not from a task.
  void Stop();

 private:
  void Work();

  std::mutex mutex_;  // one that ThreadSanitizer sees; guards the four below
  std::condition_variable changed_;
  FairQueue<Task> urgent_;
  FairQueue<Task> tasks_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace bourse::runtime
