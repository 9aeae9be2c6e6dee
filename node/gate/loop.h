// Loop: one thread that does all I/O of the gate, and of dialers that share it.
//
// Everything behind Gate and Dialer runs on this thread, so the path of the bytes
// takes no lock. The thread blocks every signal: they are the main thread's, and a
// write to a closed socket is an error code here, never SIGPIPE.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "absl/status/statusor.h"

namespace asio {
class io_context;
}

namespace bourse::gate {

class Loop {
 public:
  // Starts the thread. RESOURCE_EXHAUSTED without descriptors or threads.
  static absl::StatusOr<std::shared_ptr<Loop>> Start();

  // Stops and joins. What was not run is dropped. Not from the loop's own thread.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs `task` on the loop's thread, some time. Thread-safe.
  void Post(std::function<void()> task);
  // Runs `task` on the loop's thread and waits for its end; at once when called
  // there. Thread-safe.
  void RunAndWait(const std::function<void()>& task);

  // Only on the loop's thread: a buffer for one read, shared by all connections, so
  // that an idle connection holds none.
  [[nodiscard]] std::span<std::uint8_t> scratch();

  // For the gate's own parts.
  [[nodiscard]] asio::io_context& io();

  // Microseconds of the steady clock. Thread-safe.
  [[nodiscard]] static std::int64_t NowUs();

 private:
  struct Impl;
  explicit Loop(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace bourse::gate
