#include "ledger/testing/store_conformance.h"

#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace bourse::ledger::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// gtest can't name a suite that is instantiated elsewhere without this.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StoreConformanceTest);

void Put(Store& store, Family family, const std::vector<std::pair<std::string, std::string>>& all) {
  Batch batch;
  for (const auto& [key, value] : all) batch.Put(family, key, value);
  ASSERT_TRUE(store.Apply(batch).ok());
}

std::optional<std::string> Get(const View& view, Family family, std::string_view key) {
  const auto value = view.Get(family, key);
  EXPECT_TRUE(value.ok()) << value.status();
  return value.ok() ? *value : std::nullopt;
}

using Scanner =
    absl::Status (View::*)(Family, std::string_view, std::string_view,
                           const std::function<bool(std::string_view, std::string_view)>&) const;

// "key=value" of at most `most` visited pairs.
std::vector<std::string> Visit(const View& view, Scanner scan, std::string_view prefix,
                               std::string_view from, std::size_t most = 100) {
  std::vector<std::string> out;
  const absl::Status status = (view.*scan)(
      Family::kOrders, prefix, from, [&](std::string_view key, std::string_view value) {
        out.push_back(std::string(key) + "=" + std::string(value));
        return out.size() < most;
      });
  EXPECT_TRUE(status.ok()) << status;
  return out;
}

TEST_P(StoreConformanceTest, HasNothingAtFirst) {
  for (int i = 0; i < kFamilies; ++i) {
    EXPECT_EQ(Get(store(), static_cast<Family>(i), "key"), std::nullopt);
  }
  EXPECT_THAT(Visit(store(), &View::Scan, "", ""), IsEmpty());
  EXPECT_THAT(Visit(store(), &View::ScanBack, "", ""), IsEmpty());
}

TEST_P(StoreConformanceTest, KeepsFamiliesApart) {
  for (int i = 0; i < kFamilies; ++i) {
    Put(store(), static_cast<Family>(i), {{"key", std::to_string(i)}});
  }
  for (int i = 0; i < kFamilies; ++i) {
    EXPECT_EQ(Get(store(), static_cast<Family>(i), "key"), std::to_string(i));
  }
}

TEST_P(StoreConformanceTest, LaterChangeOfABatchWins) {
  Batch batch;
  batch.Put(Family::kMeta, "a", "1");
  batch.Put(Family::kMeta, "a", "2");
  batch.Put(Family::kMeta, "b", "1");
  batch.Delete(Family::kMeta, "b");
  batch.Delete(Family::kMeta, "c");
  batch.Put(Family::kMeta, "c", "3");
  ASSERT_TRUE(store().Apply(batch).ok());
  EXPECT_EQ(Get(store(), Family::kMeta, "a"), "2");
  EXPECT_EQ(Get(store(), Family::kMeta, "b"), std::nullopt);
  EXPECT_EQ(Get(store(), Family::kMeta, "c"), "3");
}

TEST_P(StoreConformanceTest, DeletesAndIgnoresDeletesOfNothing) {
  Put(store(), Family::kMeta, {{"a", "1"}});
  Batch batch;
  batch.Delete(Family::kMeta, "a");
  batch.Delete(Family::kMeta, "never there");
  ASSERT_TRUE(store().Apply(batch).ok());
  EXPECT_EQ(Get(store(), Family::kMeta, "a"), std::nullopt);
}

TEST_P(StoreConformanceTest, KeysAndValuesAreAnyBytes) {
  const std::string zeros(3, '\0'), high = "\xff\xff";
  Put(store(), Family::kMeta, {{zeros, high}, {high, zeros}, {"empty", ""}});
  EXPECT_EQ(Get(store(), Family::kMeta, zeros), high);
  EXPECT_EQ(Get(store(), Family::kMeta, high), zeros);
  EXPECT_EQ(Get(store(), Family::kMeta, "empty"), "");
}

TEST_P(StoreConformanceTest, ScansInOrderOfUnsignedBytes) {
  Put(store(), Family::kOrders, {{"\x80", "3"}, {"\x7f", "2"}, {"\xff", "4"}, {{"\0", 1}, "1"}});
  EXPECT_THAT(Visit(store(), &View::Scan, "", ""),
              ElementsAre(std::string("\0=1", 3), "\x7f=2", "\x80=3", "\xff=4"));
}

TEST_P(StoreConformanceTest, ScansWithinAPrefixFromAKeyOn) {
  Put(store(), Family::kOrders, {{"a9", "0"}, {"b1", "1"}, {"b2", "2"}, {"b3", "3"}, {"c1", "4"}});
  EXPECT_THAT(Visit(store(), &View::Scan, "b", ""), ElementsAre("b1=1", "b2=2", "b3=3"));
  EXPECT_THAT(Visit(store(), &View::Scan, "b", "b2"), ElementsAre("b2=2", "b3=3"));
  EXPECT_THAT(Visit(store(), &View::Scan, "b", "b25"), ElementsAre("b3=3"));
  EXPECT_THAT(Visit(store(), &View::Scan, "b", "a"), ElementsAre("b1=1", "b2=2", "b3=3"));
  EXPECT_THAT(Visit(store(), &View::Scan, "b", "c"), IsEmpty());
  EXPECT_THAT(Visit(store(), &View::Scan, "bb", ""), IsEmpty());
  EXPECT_THAT(Visit(store(), &View::Scan, "b", "", 2), ElementsAre("b1=1", "b2=2"));
}

TEST_P(StoreConformanceTest, ScansBackWithinAPrefixFromAKeyOn) {
  Put(store(), Family::kOrders, {{"a9", "0"}, {"b1", "1"}, {"b2", "2"}, {"b3", "3"}, {"c1", "4"}});
  EXPECT_THAT(Visit(store(), &View::ScanBack, "b", ""), ElementsAre("b3=3", "b2=2", "b1=1"));
  EXPECT_THAT(Visit(store(), &View::ScanBack, "b", "b2"), ElementsAre("b2=2", "b1=1"));
  EXPECT_THAT(Visit(store(), &View::ScanBack, "b", "b25"), ElementsAre("b2=2", "b1=1"));
  EXPECT_THAT(Visit(store(), &View::ScanBack, "b", "c"), ElementsAre("b3=3", "b2=2", "b1=1"));
  EXPECT_THAT(Visit(store(), &View::ScanBack, "b", "c5"), ElementsAre("b3=3", "b2=2", "b1=1"));
  EXPECT_THAT(Visit(store(), &View::ScanBack, "b", "a"), IsEmpty());
  EXPECT_THAT(Visit(store(), &View::ScanBack, "", "", 2), ElementsAre("c1=4", "b3=3"));
}

TEST_P(StoreConformanceTest, ScansBackPastAPrefixOfHighestBytes) {
  Put(store(), Family::kOrders, {{"\xff\xfe", "1"}, {"\xff\xff", "2"}, {"\xff\xff\xff", "3"}});
  EXPECT_THAT(Visit(store(), &View::ScanBack, "\xff\xff", ""),
              ElementsAre("\xff\xff\xff=3", "\xff\xff=2"));
}

TEST_P(StoreConformanceTest, SnapshotStaysAsItWas) {
  Put(store(), Family::kOrders, {{"a", "1"}, {"b", "1"}});
  const std::unique_ptr<View> snapshot = store().Snapshot();
  Batch batch;
  batch.Put(Family::kOrders, "a", "2");
  batch.Delete(Family::kOrders, "b");
  batch.Put(Family::kOrders, "c", "2");
  ASSERT_TRUE(store().Apply(batch).ok());
  EXPECT_EQ(Get(*snapshot, Family::kOrders, "a"), "1");
  EXPECT_EQ(Get(*snapshot, Family::kOrders, "c"), std::nullopt);
  EXPECT_THAT(Visit(*snapshot, &View::Scan, "", ""), ElementsAre("a=1", "b=1"));
  EXPECT_THAT(Visit(*snapshot, &View::ScanBack, "", ""), ElementsAre("b=1", "a=1"));
  EXPECT_THAT(Visit(store(), &View::Scan, "", ""), ElementsAre("a=2", "c=2"));
}

TEST_P(StoreConformanceTest, ScanSeesNothingOfChangesMadeWithinIt) {
  Put(store(), Family::kOrders, {{"a", "1"}, {"b", "1"}});
  std::vector<std::string> seen;
  const absl::Status status =
      store().Scan(Family::kOrders, "", "", [&](std::string_view key, std::string_view) {
        seen.emplace_back(key);
        Put(store(), Family::kOrders, {{std::string(key) + "x", "2"}});
        return true;
      });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(seen, ElementsAre("a", "b"));
}

// A reader beside the writer sees each batch whole or not at all.
TEST_P(StoreConformanceTest, ReadersNeverSeeHalfABatch) {
  constexpr int kBatches = 200;
  Put(store(), Family::kOrders, {{"a", "0"}, {"z", "0"}});
  std::thread writer([&] {
    for (int i = 1; i <= kBatches; ++i) {
      Put(store(), Family::kOrders, {{"a", std::to_string(i)}, {"z", std::to_string(i)}});
    }
  });
  std::string last;
  while (last != std::to_string(kBatches)) {
    const std::unique_ptr<View> snapshot = store().Snapshot();
    const auto a = Get(*snapshot, Family::kOrders, "a"), z = Get(*snapshot, Family::kOrders, "z");
    EXPECT_EQ(a, z);
    if (a != z || !a.has_value()) break;
    last = *a;
  }
  writer.join();
}

}  // namespace
}  // namespace bourse::ledger::testing
