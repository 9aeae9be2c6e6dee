// EventLoop: runs what other threads post, in order, on one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace bourse::runtime {

// Thread-safe, but Run is for one thread.
class EventLoop {
 public:
  using Task = std::function<void()>;

  // False once closed: the task won't run.
  [[nodiscard]] bool Post(Task task);

  // Run returns once it has run what was posted before.
  void Close();

  // Runs tasks. After each batch, and when it said it wants to be, `turn` is called: it returns in
  // how many microseconds from now at the latest it wants to be called again (nothing: only after
  // the next batch).
  void Run(const std::function<std::optional<std::uint64_t>()>& turn);

 private:
  // Waits for tasks for so long, and takes them all.
  std::vector<Task> Take(std::optional<std::uint64_t> wait_us, bool* closed);
  bool Ready() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return closed_ || !tasks_.empty(); }

  absl::Mutex mutex_;
  std::vector<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace bourse::runtime
