#include "ledger/state_tree_store.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ledger/memory_store.h"

namespace bourse::ledger {
namespace {

using Changes = std::vector<StateTree::Change>;

StateTree::Change Set(int i, int version) {
  const Hash256 place = StateTree::PlaceOf(std::to_string(i));
  return {place, StateTree::LeafOf(place, std::to_string(version))};
}

void Commit(const Changes& changes, StateTree* tree, Store* store) {
  Batch batch;
  tree->Update(changes);
  AppendTreeChanges(changes, &batch);
  ASSERT_TRUE(store->Apply(batch).ok());
}

TEST(StateTreeStoreTest, LoadsTheTreeThatTheBlocksMade) {
  MemoryStore store;
  StateTree tree;
  Changes first, second;
  for (int i = 0; i < 150'000; ++i) first.push_back(Set(i, 0));  // more than one part
  for (int i = 0; i < 1'000; ++i) second.push_back(Set(i * 7, 1));
  for (int i = 0; i < 1'000; ++i) second.push_back({Set(i * 7 + 1, 0).place, std::nullopt});
  Commit(first, &tree, &store);
  Commit(second, &tree, &store);
  const auto loaded = LoadStateTree(store);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->root(), tree.root());
  EXPECT_EQ(loaded->size(), 149'000u);
}

TEST(StateTreeStoreTest, LoadsNothingFromAnEmptyStore) {
  const auto loaded = LoadStateTree(MemoryStore());
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->root(), Hash256{});
}

TEST(StateTreeStoreTest, ReportsWhatIsNoLeaf) {
  for (const auto& [key, value] : {std::pair{std::string(32, 'k'), std::string(31, 'v')},
                                   std::pair{std::string(33, 'k'), std::string(32, 'v')}}) {
    MemoryStore store;
    Batch batch;
    batch.Put(Family::kStateTree, key, value);
    ASSERT_TRUE(store.Apply(batch).ok());
    EXPECT_EQ(LoadStateTree(store).status().code(), absl::StatusCode::kDataLoss);
  }
}

}  // namespace
}  // namespace bourse::ledger
