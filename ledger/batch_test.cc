#include "ledger/batch.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "gtest/gtest.h"

namespace bourse::ledger {
namespace {

std::string ValueAt(const Batch& batch, std::size_t index) {
  return std::string(batch.changes().at(index).value.value());
}

TEST(BatchTest, KeepsChangesInTheirOrder) {
  Batch batch;
  batch.Put(Family::kMeta, "a", "1");
  batch.Delete(Family::kOrders, "b");
  ASSERT_EQ(batch.changes().size(), 2u);
  EXPECT_EQ(batch.changes()[0].key, "a");
  EXPECT_EQ(ValueAt(batch, 0), "1");
  EXPECT_EQ(batch.changes()[1].family, Family::kOrders);
  EXPECT_EQ(batch.changes()[1].value, std::nullopt);
}

TEST(BatchTest, ViewsStayGoodAsItGrows) {
  Batch batch;
  batch.Put(Family::kMeta, "key", "value");
  const std::string_view first = *batch.changes().front().value;
  for (int i = 0; i < 100; ++i) batch.Put(Family::kMeta, "", std::string(50'000, 'v'));
  EXPECT_EQ(first, "value");
  EXPECT_EQ(*batch.changes().front().value, "value");
  EXPECT_EQ(ValueAt(batch, 100), std::string(50'000, 'v'));
}

TEST(BatchTest, ACopyIsIndependentOfTheOriginal) {
  Batch original;
  original.Put(Family::kMeta, "key", "value");
  Batch copy = original;
  copy.Put(Family::kMeta, "copy", "of the copy");
  original.Put(Family::kMeta, "original", "of the original");
  EXPECT_EQ(ValueAt(copy, 1), "of the copy");
  EXPECT_EQ(ValueAt(original, 1), "of the original");
  original.Clear();
  EXPECT_TRUE(original.changes().empty());
  EXPECT_EQ(ValueAt(copy, 0), "value");
}

TEST(BatchTest, MovesLeaveAnEmptyOne) {
  Batch from;
  from.Put(Family::kMeta, "key", "value");
  const Batch to = std::move(from);
  from = Batch();
  from.Put(Family::kMeta, "key", "other");
  EXPECT_EQ(ValueAt(to, 0), "value");
  EXPECT_EQ(ValueAt(from, 0), "other");
}

}  // namespace
}  // namespace bourse::ledger
