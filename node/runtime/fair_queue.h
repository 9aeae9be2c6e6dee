// FairQueue: tasks of many sources, taken from each in turn, so that who brings many does not keep
// out who brings one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

#include "absl/container/node_hash_map.h"

namespace bourse::runtime {

// First in, first out within a source. Not thread-safe.
template <typename Task>
class FairQueue {
 public:
  void Push(std::uint64_t source, Task task) {
    std::deque<Task>& tasks = tasks_[source];
    if (tasks.empty()) turns_.push_back(source);
    tasks.push_back(std::move(task));
  }

  // REQUIRES: it is not empty.
  Task Pop() {
    const std::uint64_t source = turns_.front();
    turns_.pop_front();
    const auto it = tasks_.find(source);
    Task task = std::move(it->second.front());
    it->second.pop_front();
    if (it->second.empty()) {
      tasks_.erase(it);
    } else {
      turns_.push_back(source);
    }
    return task;
  }

  [[nodiscard]] bool empty() const { return turns_.empty(); }
  // Tasks of one source.
  [[nodiscard]] std::size_t size_of(std::uint64_t source) const {
    const auto it = tasks_.find(source);
    return it == tasks_.end() ? 0 : it->second.size();
  }

 private:
  absl::node_hash_map<std::uint64_t, std::deque<Task>> tasks_;  // of sources that have any
  std::deque<std::uint64_t> turns_;                             // those sources, each once
};

}  // namespace bourse::runtime
