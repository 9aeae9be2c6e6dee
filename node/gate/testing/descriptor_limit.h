// How many files this process may have open, for a test's time.
#pragma once

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace bourse::gate::testing {

class DescriptorLimit {
 public:
  DescriptorLimit() { ::getrlimit(RLIMIT_NOFILE, &before_); }
  ~DescriptorLimit() { Restore(); }
  void Restore() const { ::setrlimit(RLIMIT_NOFILE, &before_); }
  void Set(rlim_t count) const {
    rlimit limit = before_;
    limit.rlim_cur = count;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  }

 private:
  rlimit before_{};
};

}  // namespace bourse::gate::testing
