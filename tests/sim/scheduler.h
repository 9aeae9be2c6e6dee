// Scheduler: virtual time. What is due earliest runs next; of what is due at once, what was asked
// for first.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace bourse::sim {

class Scheduler {
 public:
  [[nodiscard]] std::uint64_t now_us() const { return now_us_; }
  // How many calls ran.
  [[nodiscard]] std::uint64_t calls() const { return calls_; }

  void After(std::uint64_t delay_us, std::function<void()> call);

  // False if nothing is left to run.
  bool RunNext();

 private:
  struct Entry {
    std::uint64_t at_us;
    std::uint64_t order;
    std::function<void()> call;
  };
  static bool IsLater(const Entry& a, const Entry& b);

  std::vector<Entry> heap_;
  std::uint64_t now_us_ = 0;
  std::uint64_t next_order_ = 0;
  std::uint64_t calls_ = 0;
};

}  // namespace bourse::sim
