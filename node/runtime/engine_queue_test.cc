#include "node/runtime/engine_queue.h"

#include <gtest/gtest.h>

namespace bourse::runtime {
namespace {

TxId Id(const char* name) { return HashOf(AsBytes(name)); }

TEST(EngineQueueTest, HoldsWhatIsAddedUntilItLeaves) {
  EngineQueue queue;
  queue.Add(Id("a"), "bytes", TimeMicros(10));
  queue.Add(Id("a"), "again", TimeMicros(20));
  queue.Add(Id("b"), "more", TimeMicros(5));
  EXPECT_EQ(queue.Find(Id("a")), "bytes");
  EXPECT_EQ(queue.All(), std::vector<TxId>({Id("b"), Id("a")}));
  EXPECT_EQ(queue.status().transactions, 2u);
  EXPECT_EQ(queue.status().bytes, 9u);
  queue.Remove(Id("a"));
  queue.Remove(Id("a"));
  EXPECT_EQ(queue.Find(Id("a")), std::nullopt);
  EXPECT_EQ(queue.status().bytes, 4u);
}

TEST(EngineQueueTest, WhatNoLaterBlockMayHoldLeaves) {
  EngineQueue queue;
  queue.Add(Id("a"), "bytes", TimeMicros(10));
  queue.Add(Id("b"), "bytes", TimeMicros(5));
  EXPECT_TRUE(queue.TakeExpired(TimeMicros(4)).empty());
  EXPECT_EQ(queue.TakeExpired(TimeMicros(5)), std::vector<TxId>({Id("b")}));
  EXPECT_EQ(queue.TakeExpired(TimeMicros(11)), std::vector<TxId>({Id("a")}));
  EXPECT_EQ(queue.status().transactions, 0u);
  EXPECT_EQ(queue.status().bytes, 0u);
}

TEST(EngineQueueTest, IsBoundedByBytes) {
  EngineQueue queue;
  queue.Add(Id("a"), std::string(limits::kMempoolBytes, 'x'), TimeMicros(10));
  queue.Add(Id("b"), "x", TimeMicros(10));
  EXPECT_EQ(queue.status().transactions, 1u);
}

}  // namespace
}  // namespace bourse::runtime
