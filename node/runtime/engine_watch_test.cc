#include "node/runtime/engine_watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>

#include "node/cometbft/testing/fake_engine.h"

namespace bourse::runtime {
namespace {

using cometbft::testing::FakeEngine;
using cometbft::testing::ResultBody;

constexpr char kSilent[] = "";  // nothing that anybody could read

std::string Well(bool catching_up = false, const char* power = "1") {
  return ResultBody({{"sync_info", {{"latest_block_height", "7"}, {"catching_up", catching_up}}},
                     {"validator_info", {{"voting_power", power}}}});
}

class EngineWatchTest : public ::testing::Test {
 protected:
  EngineWatchTest() {
    watch_.Start([this] { ++answers_; });
  }

  // Until it has been looked at as it is now; returns how often it was reported so far.
  int LookAt(std::string body) {
    {
      const std::lock_guard lock(mutex_);
      body_ = std::move(body);
    }
    // One look may have begun before; the next has ended when the one after begins.
    const int enough = engine_.calls() + 3;
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (engine_.calls() < enough && std::chrono::steady_clock::now() < give_up) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_GE(engine_.calls(), enough);
    return answers_;
  }

  std::string Answer() const {
    const std::lock_guard lock(mutex_);
    return body_;
  }

 private:
  mutable std::mutex mutex_;  // guards the one below
  std::string body_ = kSilent;

 protected:
  std::atomic<int> answers_{0};
  FakeEngine engine_{[this](const auto&, const auto&) { return Answer(); }};
  cometbft::Rpc rpc_{engine_.rpc()};
  EngineWatch watch_{&rpc_};
};

TEST_F(EngineWatchTest, TellsHowTheEngineIs) {
  LookAt(Well());
  api::NetworkStatus status = watch_.status();
  EXPECT_TRUE(status.voting);
  EXPECT_EQ(status.not_voting_because, "");
  EXPECT_EQ(status.decided, Height(7));
  EXPECT_EQ(status.network, Height(7));
  EXPECT_EQ(status.certified, Height(0));

  LookAt(Well(/*catching_up=*/true));
  status = watch_.status();
  EXPECT_FALSE(status.voting);
  EXPECT_TRUE(status.catching_up);
  EXPECT_EQ(status.not_voting_because, "its engine is catching up");

  LookAt(Well(false, "0"));
  status = watch_.status();
  EXPECT_FALSE(status.voting);
  EXPECT_EQ(status.not_voting_because, "its engine votes with another key than the node's");

  LookAt(kSilent);
  status = watch_.status();
  EXPECT_FALSE(status.voting);
  EXPECT_NE(status.not_voting_because.find("the engine's answer makes no sense"),
            std::string::npos);
}

TEST_F(EngineWatchTest, AnEngineIsReportedEachTimeThatItAnswersAfterSilence) {
  EXPECT_EQ(LookAt(kSilent), 0);
  EXPECT_EQ(LookAt(Well()), 1);
  EXPECT_EQ(LookAt(Well()), 1);
  EXPECT_EQ(LookAt(kSilent), 1);
  EXPECT_EQ(LookAt(Well()), 2);
}

TEST_F(EngineWatchTest, OneThatWasAwayForLessThanALookIsKnownByItsHello) {
  EXPECT_EQ(LookAt(Well()), 1);
  watch_.HasStarted();
  EXPECT_EQ(LookAt(Well()), 2);
  EXPECT_EQ(LookAt(Well()), 2);
}

TEST_F(EngineWatchTest, OneThatSaysHelloIsReportedOnlyOnceItAnswers) {
  LookAt(kSilent);
  watch_.HasStarted();
  EXPECT_EQ(LookAt(kSilent), 0);
  EXPECT_EQ(LookAt(Well()), 1);
}

}  // namespace
}  // namespace bourse::runtime
