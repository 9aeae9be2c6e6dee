#include "node/runtime/fair_queue.h"

#include <gtest/gtest.h>

#include <vector>

namespace bourse::runtime {
namespace {

std::vector<int> PopAll(FairQueue<int>* queue) {
  std::vector<int> out;
  while (!queue->empty()) out.push_back(queue->Pop());
  return out;
}

TEST(FairQueueTest, TakesFromSourcesInTurn) {
  FairQueue<int> queue;
  for (const int task : {11, 12, 13}) queue.Push(1, task);
  queue.Push(2, 21);
  EXPECT_EQ(queue.size_of(1), 3u);
  EXPECT_EQ(PopAll(&queue), (std::vector<int>{11, 21, 12, 13}));
  EXPECT_EQ(queue.size_of(1), 0u);
}

TEST(FairQueueTest, ANewcomerWaitsForOneTaskOfEachOther) {
  FairQueue<int> queue;
  for (int i = 0; i < 100; ++i) {
    queue.Push(1, 1);
    queue.Push(2, 2);
  }
  queue.Push(3, 3);
  EXPECT_EQ(queue.Pop() + queue.Pop(), 3);
  EXPECT_EQ(queue.Pop(), 3);
}

}  // namespace
}  // namespace bourse::runtime
