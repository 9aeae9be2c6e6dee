#include "ledger/memory_store.h"

#include <gtest/gtest.h>

#include "ledger/testing/store_conformance.h"

namespace bourse::ledger::testing {
namespace {

class MemoryHolder : public StoreHolder {
 public:
  Store& store() override { return store_; }

 private:
  MemoryStore store_;
};

INSTANTIATE_TEST_SUITE_P(Memory, StoreConformanceTest,
                         ::testing::Values([]() -> std::unique_ptr<StoreHolder> {
                           return std::make_unique<MemoryHolder>();
                         }));

}  // namespace
}  // namespace bourse::ledger::testing
