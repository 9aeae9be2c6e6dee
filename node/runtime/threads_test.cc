// EventLoop and WorkerPool: also run under ThreadSanitizer.

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>
#include <vector>

#include "node/runtime/event_loop.h"
#include "node/runtime/worker_pool.h"

namespace bourse::runtime {
namespace {

const auto kNoTimer = [] { return std::optional<std::uint64_t>(); };

TEST(EventLoopTest, RunsWhatManyThreadsPostInTheOrderOfEach) {
  EventLoop loop;
  std::thread runner([&] { loop.Run(kNoTimer); });
  constexpr int kThreads = 4;
  constexpr int kTasks = 2'000;
  std::vector<std::vector<int>> seen(kThreads);
  std::vector<std::thread> posters;
  for (int t = 0; t < kThreads; ++t) {
    posters.emplace_back([&, t] {
      for (int i = 0; i < kTasks; ++i) {
        ASSERT_TRUE(loop.Post([&seen, t, i] { seen[static_cast<std::size_t>(t)].push_back(i); }));
      }
    });
  }
  for (std::thread& poster : posters) poster.join();
  loop.Close();
  runner.join();
  for (const std::vector<int>& tasks : seen) {
    ASSERT_EQ(tasks.size(), static_cast<std::size_t>(kTasks));
    for (int i = 0; i < kTasks; ++i) ASSERT_EQ(tasks[static_cast<std::size_t>(i)], i);
  }
}

TEST(EventLoopTest, TakesNothingOnceClosed) {
  EventLoop loop;
  bool ran = false;
  EXPECT_TRUE(loop.Post([&] { ran = true; }));
  loop.Close();
  EXPECT_FALSE(loop.Post([] {}));
  loop.Run(kNoTimer);
  EXPECT_TRUE(ran);
}

TEST(EventLoopTest, CallsItsTurnAgainWhenTheTurnWantsIt) {
  EventLoop loop;
  int turns = 0;
  loop.Run([&]() -> std::optional<std::uint64_t> {
    if (++turns == 3) loop.Close();
    return 1;  // nobody posts anything
  });
  EXPECT_EQ(turns, 3);
}

TEST(WorkerPoolTest, RunsAllThatWasPostedBeforeItStops) {
  std::atomic<int> ran{0};
  WorkerPool pool(3);
  for (int i = 0; i < 1'000; ++i)
    ASSERT_TRUE(i % 2 == 0 ? pool.PostUrgent([&] { ++ran; }) : pool.Post([&] { ++ran; }, 1, 1'000));
  pool.Stop();
  EXPECT_EQ(ran.load(), 1'000);
  EXPECT_FALSE(pool.Post([] {}, 1, 1));
  EXPECT_FALSE(pool.PostUrgent([] {}));
}

TEST(WorkerPoolTest, UrgentTasksOfManySourcesTakeTurns) {
  WorkerPool pool(1);
  std::latch begin{1};
  std::vector<int> order;
  ASSERT_TRUE(pool.PostUrgent([&] { begin.wait(); }));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(pool.PostUrgent([&] { order.push_back(7); }, 7));
  ASSERT_TRUE(pool.PostUrgent([&] { order.push_back(8); }, 8));
  begin.count_down();
  pool.Stop();
  EXPECT_EQ(order, (std::vector<int>{7, 8, 7, 7}));
}

TEST(WorkerPoolTest, UrgentTasksRunFirstAndSourcesTakeTurns) {
  WorkerPool pool(1);
  std::latch started{1}, posted{1};
  ASSERT_TRUE(pool.PostUrgent([&] {
    started.count_down();
    posted.wait();
  }));
  started.wait();
  std::vector<int> order;
  ASSERT_TRUE(pool.Post([&] { order.push_back(2); }, 7, 2));
  ASSERT_TRUE(pool.Post([&] { order.push_back(4); }, 7, 2));
  ASSERT_FALSE(pool.Post([&] { order.push_back(5); }, 7, 2));  // one source's bound
  ASSERT_TRUE(pool.Post([&] { order.push_back(3); }, 8, 2));
  ASSERT_TRUE(pool.PostUrgent([&] { order.push_back(1); }));
  posted.count_down();
  pool.Stop();
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3, 4}));
}

}  // namespace
}  // namespace bourse::runtime
