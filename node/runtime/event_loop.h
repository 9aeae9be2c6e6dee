// EventLoop: runs what other threads post, in order, on one thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

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

  std::mutex mutex_;  // one that ThreadSanitizer sees; guards all
  std::condition_variable changed_;
  std::vector<Task> tasks_;
  bool closed_ = false;
};

}  // namespace bourse::runtime
