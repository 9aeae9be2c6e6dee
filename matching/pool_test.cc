#include "matching/pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <vector>

namespace bourse::matching {
namespace {

struct Item {
  std::uint64_t value[4];
};
using ItemPool = Pool<Item, 128, 64>;
constexpr std::size_t kChunkBytes = 128 * sizeof(Item);

std::vector<std::uint32_t> AllocateMany(ItemPool& pool, std::size_t count) {
  std::vector<std::uint32_t> handles;
  for (std::size_t i = 0; i < count; ++i) handles.push_back(pool.Allocate());
  return handles;
}

TEST(PoolTest, GivesEachItemToOneHolderAtATime) {
  ItemPool pool;
  std::vector<std::uint32_t> handles = AllocateMany(pool, 1'000);
  for (std::size_t round = 0; round < 200; ++round) {
    for (std::size_t i = round % 7; i < handles.size(); i += 7) pool.Free(handles[i]);
    for (std::size_t i = round % 7; i < handles.size(); i += 7) handles[i] = pool.Allocate();
  }
  const std::set<std::uint32_t> distinct(handles.begin(), handles.end());
  EXPECT_EQ(distinct.size(), handles.size());
  EXPECT_FALSE(distinct.contains(0));
  EXPECT_LT(*distinct.rbegin(), pool.limit());
}

TEST(PoolTest, KeepsWhatItemsHoldWhileItGrows) {
  ItemPool pool;
  const std::vector<std::uint32_t> handles = AllocateMany(pool, 300'000);  // more than 2 MiB
  for (const std::uint32_t handle : handles) pool[handle].value[3] = handle;
  AllocateMany(pool, 300'000);
  for (const std::uint32_t handle : handles) ASSERT_EQ(pool[handle].value[3], handle);
}

TEST(PoolTest, GivesOutTheItemFreedLast) {
  ItemPool pool;
  const std::vector<std::uint32_t> handles = AllocateMany(pool, 10);
  pool.Free(handles[3]);
  pool.Free(handles[7]);
  EXPECT_EQ(pool.Allocate(), handles[7]);
  EXPECT_EQ(pool.Allocate(), handles[3]);
}

TEST(PoolTest, GivesMemoryBackWhenItemsAreFreed) {
  ItemPool pool;
  const std::vector<std::uint32_t> handles = AllocateMany(pool, 100'000);
  const std::size_t full = pool.memory_bytes();
  EXPECT_GE(full, 100'000 * sizeof(Item));
  for (const std::uint32_t handle : handles) pool.Free(handle);
  // The first chunk, the spare one, and those of the handles freed last.
  EXPECT_LE(pool.memory_bytes(), 4 * kChunkBytes);
  EXPECT_EQ(pool.CountItems(), 0u);
}

TEST(PoolTest, UsesReleasedChunksAgain) {
  ItemPool pool;
  for (int round = 0; round < 5; ++round) {
    for (const std::uint32_t handle : AllocateMany(pool, 10'000)) pool.Free(handle);
  }
  EXPECT_LE(pool.limit(), 10'000u + 2 * 128);
}

TEST(PoolTest, FillsOpenChunksBeforeItTakesEmptyOnes) {
  ItemPool pool;
  const std::vector<std::uint32_t> handles = AllocateMany(pool, 10'000);
  const std::size_t full = pool.memory_bytes();
  for (std::size_t i = 0; i < handles.size(); i += 2) pool.Free(handles[i]);
  AllocateMany(pool, handles.size() / 2);
  EXPECT_EQ(pool.memory_bytes(), full);
}

TEST(PoolTest, GivesTheSameHandlesForTheSameCalls) {
  const auto run = [] {
    ItemPool pool;
    std::vector<std::uint32_t> trace = AllocateMany(pool, 500);
    for (std::size_t i = 0; i < 500; i += 3) pool.Free(trace[i]);
    const std::vector<std::uint32_t> more = AllocateMany(pool, 400);
    trace.insert(trace.end(), more.begin(), more.end());
    return trace;
  };
  EXPECT_EQ(run(), run());
}

}  // namespace
}  // namespace bourse::matching
