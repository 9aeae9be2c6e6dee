// What every Store does, as tests that each implementation runs:
//
//   INSTANTIATE_TEST_SUITE_P(Memory, StoreConformanceTest, ::testing::Values(&MakeMemoryStore));
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "ledger/store.h"

namespace bourse::ledger::testing {

// A store with nothing in it, and what it needs for as long as it lives.
class StoreHolder {
 public:
  virtual ~StoreHolder() = default;
  virtual Store& store() = 0;
};

using MakeStore = std::unique_ptr<StoreHolder> (*)();

class StoreConformanceTest : public ::testing::TestWithParam<MakeStore> {
 protected:
  StoreConformanceTest() : holder_(GetParam()()) {}
  Store& store() { return holder_->store(); }

 private:
  std::unique_ptr<StoreHolder> holder_;
};

}  // namespace bourse::ledger::testing
