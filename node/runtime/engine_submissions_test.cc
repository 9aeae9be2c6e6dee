// The way of a client's transaction to an engine and back: also run under ThreadSanitizer.
#include "node/runtime/engine_submissions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "node/cometbft/testing/fake_engine.h"
#include "node/runtime/clock.h"
#include "node/runtime/testing/engine_requests.h"
#include "node/runtime/testing/test_node.h"

namespace bourse::runtime {
namespace {

using cometbft::testing::ErrorBody;
using cometbft::testing::FakeEngine;
using cometbft::testing::ResultBody;
using testing::EncodedTransfer;
using Pending = std::future<api::SubmitResult>;

constexpr std::chrono::seconds kPatience(30);

std::string Taken() { return ResultBody({{"code", 0}}); }

// The engine checks nothing: it notes what it is given, and says what it is told to say.
class EngineSubmissionsTest : public ::testing::Test {
 protected:
  EngineSubmissionsTest() {
    auto exchange = exchange::Exchange::Open(&store_);
    EXPECT_TRUE(exchange.ok() && (*exchange)->InitChain(genesis_).ok());
    application_ = *EngineApplication::Open(&store_, &genesis_, &seen_, &workers_, &queue_);
    application_->Start(
        {[this](auto block) {
           const Height height = block->executed.height;
           publisher_.Add(std::move(block));
           publisher_.Allow(height);
         },
         [] {},
         [this](const TxId& txid, const absl::Status& status) { publisher_.Drop(txid, status); },
         [](const absl::Status&) {}});
    submissions_ = std::make_unique<EngineSubmissions>(ledger::GenesisHash(genesis_), &seen_,
                                                       &workers_, application_.get(), &callers_,
                                                       &rpc_, &queue_, &publisher_);
    EXPECT_TRUE(publisher_.Load(store_).ok());
    publisher_.Start();
  }
  ~EngineSubmissionsTest() override { Stop(); }

  // As a node does it.
  void Stop() {
    submissions_->Close();
    rpc_.Stop();
    callers_.Stop();
    application_->Stop();
    publisher_.Stop();
    workers_.Stop();
  }

  std::string Transfer(std::uint8_t from, std::uint64_t nonce) {
    return EncodedTransfer(ledger::GenesisHash(genesis_), from, nonce);
  }

  // A second answer would throw.
  Pending Submit(std::string encoded, bool wait = true) {
    const auto promise = std::make_shared<std::promise<api::SubmitResult>>();
    submissions_->Submit(
        std::move(encoded), {wait, absl::InfiniteFuture(), 0},
        [promise](api::SubmitResult result) { promise->set_value(std::move(result)); });
    return promise->get_future();
  }
  static api::SubmitResult Get(Pending pending) {
    if (pending.wait_for(kPatience) == std::future_status::ready) return pending.get();
    ADD_FAILURE() << "no answer";
    return {};
  }
  absl::StatusCode CodeOf(const std::string& encoded, bool wait = true) {
    return Get(Submit(encoded, wait)).status.code();
  }

  void EngineSays(std::string body) {
    const std::lock_guard lock(mutex_);
    body_ = std::move(body);
  }
  // What the engine was given so far.
  std::vector<std::string> given() const {
    const std::lock_guard lock(mutex_);
    return given_;
  }
  void AwaitGiven(std::size_t count) const {
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    while (given().size() < count && std::chrono::steady_clock::now() < give_up) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_EQ(given().size(), count);
  }
  std::string Answer(const std::string& method, const nlohmann::json& params) {
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(method, "broadcast_tx_sync");
    std::string encoded;
    EXPECT_TRUE(absl::Base64Unescape(params["tx"].get<std::string>(), &encoded));
    given_.push_back(std::move(encoded));
    return body_;
  }

  // The engine asks the node whether it may have it.
  void CheckForEngine(const std::string& encoded) {
    EXPECT_EQ(testing::Ask(*application_, testing::CheckTxOf(encoded)).check_tx().code(), 0u);
  }
  void RunBlock(const std::vector<std::string>& transactions) {
    testing::RunBlock(*application_, Height(++height_), ReadClock().wall, transactions);
  }

 private:
  mutable std::mutex mutex_;  // guards the two below
  std::string body_ = Taken();
  std::vector<std::string> given_;

 protected:
  const ledger::Genesis genesis_ = testing::TestGenesis(1);
  ledger::MemoryStore store_;
  std::uint64_t height_ = 0;
  FakeEngine engine_{[this](const std::string& method, const nlohmann::json& params) {
    return Answer(method, params);
  }};
  SignatureCache seen_;
  EngineQueue queue_;
  WorkerPool workers_{2};
  WorkerPool callers_{4};
  cometbft::Rpc rpc_{engine_.rpc()};
  Publisher publisher_{&workers_};
  std::unique_ptr<EngineApplication> application_;
  std::unique_ptr<EngineSubmissions> submissions_;
};

TEST_F(EngineSubmissionsTest, WhoWaitsGetsTheReceiptOnceTheBlockRan) {
  const std::string transfer = Transfer(1, 1);
  Pending pending = Submit(transfer);
  AwaitGiven(1);
  EXPECT_EQ(given(), std::vector<std::string>({transfer}));
  RunBlock({transfer});
  const api::SubmitResult result = Get(std::move(pending));
  EXPECT_TRUE(result.status.ok()) << result.status;
  ASSERT_NE(result.receipt, nullptr);
  EXPECT_EQ(result.receipt->receipt.height, Height(1));
  EXPECT_EQ(result.txid, result.receipt->receipt.txid);
}

TEST_F(EngineSubmissionsTest, WhoDoesNotWaitIsToldThatTheEngineHasIt) {
  const api::SubmitResult result = Get(Submit(Transfer(1, 1), /*wait=*/false));
  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_TRUE(result.txid.has_value());
  EXPECT_EQ(result.receipt, nullptr);
  EXPECT_EQ(given().size(), 1u);
}

TEST_F(EngineSubmissionsTest, WhatTheNodeRefusesItselfTheEngineNeverSees) {
  RunBlock({Transfer(1, 1)});
  std::string forged = Transfer(2, 1);
  forged.back() = static_cast<char>(forged.back() ^ 1);
  EXPECT_EQ(CodeOf("garbage"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(forged), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(Transfer(1, 1)), absl::StatusCode::kFailedPrecondition);  // its nonce is used
  EXPECT_TRUE(given().empty());
}

TEST_F(EngineSubmissionsTest, WhatHasRunIsAnsweredFromTheLedger) {
  const std::string transfer = Transfer(1, 1);
  Pending first = Submit(transfer);
  AwaitGiven(1);
  RunBlock({transfer});
  ASSERT_NE(Get(std::move(first)).receipt, nullptr);
  const api::SubmitResult again = Get(Submit(transfer, /*wait=*/false));
  ASSERT_NE(again.receipt, nullptr);
  EXPECT_EQ(again.receipt->receipt.height, Height(1));
  EXPECT_EQ(given().size(), 1u);
}

TEST_F(EngineSubmissionsTest, WhatTheEngineSaysIsPassedOn) {
  EngineSays(ErrorBody("Internal error", "mempool is full"));
  EXPECT_EQ(CodeOf(Transfer(1, 1)), absl::StatusCode::kResourceExhausted);
  EngineSays(ResultBody({{"code", 9}, {"log", "no"}}));
  EXPECT_EQ(CodeOf(Transfer(1, 2)), absl::StatusCode::kFailedPrecondition);
  EngineSays("it is broken");
  EXPECT_EQ(CodeOf(Transfer(1, 3)), absl::StatusCode::kInternal);
}

TEST_F(EngineSubmissionsTest, OneThatTheEngineHasAlreadyIsWaitedFor) {
  EngineSays(ErrorBody("Internal error", "tx already exists in cache"));
  const std::string transfer = Transfer(1, 1);
  Pending pending = Submit(transfer);
  AwaitGiven(1);
  RunBlock({transfer});
  EXPECT_NE(Get(std::move(pending)).receipt, nullptr);
}

// It ended before it could say so, and will be given it again.
TEST_F(EngineSubmissionsTest, OneThatTheEngineTookWithoutAWordIsInTheQueue) {
  const std::string transfer = Transfer(1, 1);
  CheckForEngine(transfer);
  EngineSays("it is broken");
  EXPECT_TRUE(Get(Submit(transfer, /*wait=*/false)).status.ok());
  Pending pending = Submit(transfer);
  AwaitGiven(2);
  RunBlock({transfer});
  EXPECT_NE(Get(std::move(pending)).receipt, nullptr);
}

TEST_F(EngineSubmissionsTest, AnEngineThatStartsAnewIsGivenWhatWasInTheQueue) {
  std::vector<std::string> waiting = {Transfer(1, 1), Transfer(1, 2), Transfer(2, 1)};
  for (const std::string& one : waiting) CheckForEngine(one);
  RunBlock({waiting.back()});
  waiting.pop_back();
  submissions_->HandOverAgain();
  AwaitGiven(2);
  std::vector<std::string> given_again = given();
  std::sort(given_again.begin(), given_again.end());
  std::sort(waiting.begin(), waiting.end());
  EXPECT_EQ(given_again, waiting);
}

TEST_F(EngineSubmissionsTest, OnceClosedItTakesNothing) {
  submissions_->Close();
  EXPECT_EQ(CodeOf(Transfer(1, 1)), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(given().empty());
}

TEST_F(EngineSubmissionsTest, AStopAnswersAllThatIsUnderWay) {
  std::vector<Pending> pending;
  for (std::uint64_t nonce = 1; nonce <= 100; ++nonce)
    pending.push_back(Submit(Transfer(1, nonce)));
  Stop();
  for (Pending& one : pending) {
    const api::SubmitResult result = Get(std::move(one));
    EXPECT_EQ(result.status.code(), absl::StatusCode::kUnavailable) << result.status;
  }
}

}  // namespace
}  // namespace bourse::runtime
