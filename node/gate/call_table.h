// CallTable: the calls open on one connection, by stream id.
//
// Ids only grow, so a sorted vector does: adding is at the end, finding is a
// binary search, and the bound on open calls keeps it short. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "node/gate/message_watch.h"

namespace bourse::gate {

struct Call {
  std::uint32_t id = 0;
  bool remote_ended = false;    // the other side sent END_STREAM
  bool remote_headers = false;  // the other side sent its first header block
  bool local_headers = false;   // our side did
  bool any_message = false;     // at least one whole message came in
  MessageWatch messages;
  std::uint32_t held_bytes = 0;  // of the unfinished message, with its frames' overhead
  std::int64_t opened_us = 0;
  std::int64_t message_us = 0;      // when the unfinished message began
  std::int64_t window = 0;          // bytes that our side may still send; can be negative
  std::int64_t window_shut_us = 0;  // since when it is not positive
};

class CallTable {
 public:
  // REQUIRES: `id` is greater than every id added before.
  Call& Add(std::uint32_t id) {
    calls_.emplace_back();
    calls_.back().id = id;
    return calls_.back();
  }

  // Null when there is none. Valid until the table changes.
  [[nodiscard]] Call* Find(std::uint32_t id) {
    const auto it = std::lower_bound(calls_.begin(), calls_.end(), id,
                                     [](const Call& call, std::uint32_t i) { return call.id < i; });
    return it != calls_.end() && it->id == id ? &*it : nullptr;
  }

  // `call` is one that Find returned.
  void Remove(const Call* call) { calls_.erase(calls_.begin() + (call - calls_.data())); }

  [[nodiscard]] std::size_t size() const { return calls_.size(); }
  [[nodiscard]] auto begin() { return calls_.begin(); }
  [[nodiscard]] auto end() { return calls_.end(); }
  [[nodiscard]] auto begin() const { return calls_.begin(); }
  [[nodiscard]] auto end() const { return calls_.end(); }

 private:
  std::vector<Call> calls_;
};

}  // namespace bourse::gate
