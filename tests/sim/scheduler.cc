#include "tests/sim/scheduler.h"

#include <algorithm>
#include <utility>

namespace bourse::sim {

bool Scheduler::IsLater(const Entry& a, const Entry& b) {
  return a.at_us != b.at_us ? a.at_us > b.at_us : a.order > b.order;
}

void Scheduler::After(std::uint64_t delay_us, std::function<void()> call) {
  heap_.push_back({now_us_ + delay_us, next_order_++, std::move(call)});
  std::push_heap(heap_.begin(), heap_.end(), IsLater);
}

bool Scheduler::RunNext() {
  if (heap_.empty()) return false;
  std::pop_heap(heap_.begin(), heap_.end(), IsLater);
  Entry entry = std::move(heap_.back());
  heap_.pop_back();
  now_us_ = entry.at_us;
  ++calls_;
  entry.call();
  return true;
}

}  // namespace bourse::sim
