// Counters: what the gate has done, for metrics.
//
// Written by the loop's thread, read by any.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "node/gate/close_reason.h"

namespace bourse::gate {

// At one moment. Totals since the start, but for what is open.
struct CountersSnapshot {
  std::uint64_t accepted = 0;                         // TCP connections, refused ones too
  std::uint64_t handed_over = 0;                      // to gRPC
  std::array<std::uint64_t, kCloseReasons> closed{};  // by reason; refused ones too
  std::uint64_t pauses = 0;
  std::uint64_t bytes_in = 0;  // from the other side, TLS not counted
  std::uint64_t bytes_out = 0;
  std::uint64_t connections_open = 0;
  std::uint64_t calls_open = 0;  // a little behind
};

class Counters {
 public:
  void Accepted() { Add(accepted_); }
  void HandedOver() { Add(handed_over_); }
  void Closed(CloseReason reason) { Add(closed_[static_cast<std::size_t>(reason)]); }
  void Paused() { Add(pauses_); }
  void BytesIn(std::size_t count) { Add(bytes_in_, count); }
  void BytesOut(std::size_t count) { Add(bytes_out_, count); }
  void SetOpen(std::uint64_t connections, std::uint64_t calls) {
    connections_open_.store(connections, std::memory_order_relaxed);
    calls_open_.store(calls, std::memory_order_relaxed);
  }

  [[nodiscard]] CountersSnapshot Snapshot() const {
    CountersSnapshot now;
    now.accepted = Get(accepted_);
    now.handed_over = Get(handed_over_);
    for (std::size_t i = 0; i < kCloseReasons; ++i) now.closed[i] = Get(closed_[i]);
    now.pauses = Get(pauses_);
    now.bytes_in = Get(bytes_in_);
    now.bytes_out = Get(bytes_out_);
    now.connections_open = Get(connections_open_);
    now.calls_open = Get(calls_open_);
    return now;
  }

 private:
  using Counter = std::atomic<std::uint64_t>;

  static void Add(Counter& counter, std::uint64_t count = 1) {
    counter.fetch_add(count, std::memory_order_relaxed);
  }
  static std::uint64_t Get(const Counter& counter) {
    return counter.load(std::memory_order_relaxed);
  }

  Counter accepted_{0};
  Counter handed_over_{0};
  std::array<Counter, kCloseReasons> closed_{};
  Counter pauses_{0};
  Counter bytes_in_{0};
  Counter bytes_out_{0};
  Counter connections_open_{0};
  Counter calls_open_{0};
};

}  // namespace bourse::gate
