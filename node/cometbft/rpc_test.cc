#include "node/cometbft/rpc.h"

#include <gtest/gtest.h>

#include <mutex>
#include <nlohmann/json.hpp>
#include <semaphore>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "common/hash.h"
#include "node/cometbft/testing/fake_engine.h"

namespace bourse::cometbft {
namespace {

using Json = nlohmann::json;
using testing::ErrorBody;
using testing::FakeEngine;
using testing::ResultBody;

constexpr char kGarbage[] = "<html>";

// Also run under ThreadSanitizer.
class RpcTest : public ::testing::Test {
 protected:
  void Say(std::string body) {
    const std::lock_guard lock(mutex_);
    body_ = std::move(body);
  }
  // What the last call was.
  std::string method() const {
    const std::lock_guard lock(mutex_);
    return method_;
  }
  Json params() const {
    const std::lock_guard lock(mutex_);
    return params_;
  }

  std::string Answer(const std::string& method, const Json& params) {
    const std::lock_guard lock(mutex_);
    method_ = method;
    params_ = params;
    return body_;
  }

  absl::StatusCode CodeOfBroadcast(std::string body) {
    Say(std::move(body));
    return rpc_.Broadcast("transaction").code();
  }

 private:
  mutable std::mutex mutex_;  // guards the three below
  std::string body_;
  std::string method_;
  Json params_;

 protected:
  FakeEngine engine_{
      [this](const std::string& method, const Json& params) { return Answer(method, params); }};
  Rpc rpc_{engine_.rpc()};
};

TEST_F(RpcTest, ATransactionIsHandedOverInBase64) {
  Say(ResultBody({{"code", 0}, {"log", ""}}));
  EXPECT_TRUE(rpc_.Broadcast(std::string("\0\xff transaction", 14)).ok());
  EXPECT_EQ(method(), "broadcast_tx_sync");
  EXPECT_EQ(params(), Json({{"tx", "AP8gdHJhbnNhY3Rpb24="}}));
}

TEST_F(RpcTest, WhatCheckTxSaysIsPassedOn) {
  Say(ResultBody({{"code", 9}, {"log", "nonce 3 is used"}}));
  const absl::Status status = rpc_.Broadcast("transaction");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(), "nonce 3 is used");
}

TEST_F(RpcTest, WhatTheEngineItselfRefusesIsToldApart) {
  EXPECT_EQ(CodeOfBroadcast(ErrorBody("Internal error", "tx already exists in cache")),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(CodeOfBroadcast(ErrorBody("Internal error", "mempool is full: 100000 of 100000")),
            absl::StatusCode::kResourceExhausted);
  Say(ErrorBody("Internal error", "it is a bad day"));
  const absl::Status other = rpc_.Broadcast("transaction");
  EXPECT_EQ(other.code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(other.message().find("it is a bad day"), std::string::npos);
}

TEST_F(RpcTest, AnAnswerThatMakesNoSenseIsAnErrorOfItsOwn) {
  for (const std::string& body :
       {std::string(kGarbage), std::string("[]"), ResultBody({{"log", ""}}),
        ResultBody({{"code", "0"}}), ResultBody({{"code", -1}}), ResultBody("x")}) {
    EXPECT_EQ(CodeOfBroadcast(body), absl::StatusCode::kInternal) << body;
    EXPECT_EQ(rpc_.Status().status().code(), absl::StatusCode::kInternal) << body;
  }
}

Json StatusJson(const char* height, bool catching_up, const char* power) {
  return {{"sync_info", {{"latest_block_height", height}, {"catching_up", catching_up}}},
          {"validator_info", {{"voting_power", power}}}};
}

TEST_F(RpcTest, TheStatusIsRead) {
  Say(ResultBody(StatusJson("7", false, "1")));
  const auto status = rpc_.Status();
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_EQ(status->height, Height(7));
  EXPECT_TRUE(status->is_validator);
  EXPECT_FALSE(status->catching_up);
  Say(ResultBody(StatusJson("0", true, "0")));
  const auto other = rpc_.Status();
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_FALSE(other->is_validator);
  EXPECT_TRUE(other->catching_up);
}

std::string Hex(const char* name) { return absl::AsciiStrToUpper(ToHex(HashOf(AsBytes(name)))); }

// As CometBFT's `blockchain` shows a block.
Json Meta(const std::string& height) {
  return {{"block_id", {{"hash", Hex("block")}}},
          {"header",
           {{"chain_id", "bourse-1"},
            {"height", height},
            {"time", "2023-11-14T22:13:21.123456789Z"},
            {"data_hash", Hex("data")},
            {"app_hash", Hex("app")}}}};
}

TEST_F(RpcTest, HeadersComeInTheOrderOfTheirHeights) {
  Say(ResultBody({{"block_metas", Json::array({Meta("6"), Meta("5")})}}));
  const auto headers = rpc_.Headers(Height(5), Height(100));
  ASSERT_TRUE(headers.ok()) << headers.status();
  EXPECT_EQ(method(), "blockchain");
  EXPECT_EQ(params(), Json({{"minHeight", "5"}, {"maxHeight", "24"}})) << "20 at once";
  ASSERT_EQ(headers->size(), 2u);
  const EngineHeader& first = headers->front();
  EXPECT_EQ(first.height, Height(5));
  EXPECT_EQ(first.hash, HashOf(AsBytes("block")));
  EXPECT_EQ(first.chain_id, "bourse-1");
  EXPECT_EQ(first.time, TimeMicros(1'700'000'001'123'456));
  EXPECT_EQ(first.data_hash, HashOf(AsBytes("data")));
  EXPECT_EQ(first.app_hash, HashOf(AsBytes("app")));
  EXPECT_EQ(headers->back().height, Height(6));
}

TEST_F(RpcTest, HeadersThatAreNotWhatWasAskedForAreRefused) {
  Say(ErrorBody("Internal error", "height 9 is above the last, 7"));
  EXPECT_EQ(rpc_.Headers(Height(9), Height(9)).status().code(), absl::StatusCode::kNotFound);
  Say(ResultBody({{"block_metas", Json::array()}}));
  EXPECT_EQ(rpc_.Headers(Height(9), Height(9)).status().code(), absl::StatusCode::kNotFound);
  Json without_hash = Meta("5");
  without_hash["header"]["app_hash"] = "abc";
  for (const Json& metas : {Json::array({Meta("6")}), Json::array({Meta("7"), Meta("5")}),
                            Json::array({Meta("x")}), Json::array({without_hash})}) {
    Say(ResultBody({{"block_metas", metas}}));
    EXPECT_EQ(rpc_.Headers(Height(5), Height(9)).status().code(), absl::StatusCode::kInternal)
        << metas;
  }
}

TEST_F(RpcTest, CallsThatFollowOneAnotherShareAConnection) {
  Say(ResultBody({{"code", 0}}));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(rpc_.Broadcast("transaction").ok());
  EXPECT_EQ(engine_.calls(), 20);
  EXPECT_EQ(engine_.connections(), 1u);
}

TEST(RpcWithoutAnEngineTest, ItSaysWhoDoesNotAnswer) {
  RpcOptions nobody;
  {
    const FakeEngine gone([](const auto&, const auto&) { return ""; });
    nobody = gone.rpc();
  }
  Rpc rpc(nobody);
  const absl::Status status = rpc.Broadcast("transaction");
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(status.message().find(rpc.address()), std::string::npos) << status;
}

TEST(RpcStopTest, CallsUnderWayFailAtOnceAndLaterOnesToo) {
  std::counting_semaphore<> asked(0), may_answer(0);
  const FakeEngine engine([&](const auto&, const auto&) {
    asked.release();
    may_answer.acquire();
    return ResultBody({{"code", 0}});
  });
  {
    Rpc rpc(engine.rpc());
    absl::Status status;
    std::thread caller([&] { status = rpc.Broadcast("transaction"); });
    asked.acquire();
    rpc.Stop();
    caller.join();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(rpc.Status().status().code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(engine.calls(), 1);
  }
  may_answer.release();
}

}  // namespace
}  // namespace bourse::cometbft
