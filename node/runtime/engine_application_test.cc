// The exchange as an engine drives it: also run under ThreadSanitizer.
#include "node/runtime/engine_application.h"

#include <gtest/gtest.h>

#include <chrono>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "node/api/full_receipt.h"
#include "node/runtime/clock.h"
#include "node/runtime/testing/engine_requests.h"
#include "node/runtime/testing/test_node.h"

namespace bourse::runtime {
namespace {

using testing::Ask;
using testing::BlockOf;
using testing::CheckTxOf;
using testing::CommitOf;
using testing::EncodedTransfer;
using testing::ProposalOf;
using testing::RunBlock;

constexpr auto kInvalid = static_cast<std::uint32_t>(absl::StatusCode::kInvalidArgument);
constexpr auto kExpired = static_cast<std::uint32_t>(absl::StatusCode::kDeadlineExceeded);
constexpr auto kStale = static_cast<std::uint32_t>(absl::StatusCode::kFailedPrecondition);

class EngineApplicationTest : public ::testing::Test {
 protected:
  EngineApplicationTest() {
    auto exchange = exchange::Exchange::Open(&store_);
    EXPECT_TRUE(exchange.ok() && (*exchange)->InitChain(genesis_).ok());
    auto opened = EngineApplication::Open(&store_, &genesis_, &seen_, &workers_, &queue_);
    EXPECT_TRUE(opened.ok()) << opened.status();
    application_ = *std::move(opened);
    application_->Start({[this](auto block) { committed_.push_back(std::move(block)); },
                         [this] { ++greeted_; },
                         [this](const TxId& txid, const absl::Status& status) {
                           dropped_.emplace_back(txid, status.code());
                         },
                         [this](const absl::Status& status) { failures_.push_back(status); }});
  }

  std::string Transfer(std::uint8_t from, std::uint64_t nonce,
                       std::uint64_t valid_us = 60'000'000) {
    return EncodedTransfer(ledger::GenesisHash(genesis_), from, nonce, valid_us);
  }
  static TxId IdOf(const std::string& encoded) {
    return DecodeSignedTransaction(AsBytes(encoded))->txid;
  }

  abci::ResponseCheckTx Check(const std::string& encoded,
                              abci::CheckTxType type = abci::CHECK_TX_TYPE_NEW) {
    return Ask(*application_, CheckTxOf(encoded, type)).check_tx();
  }
  abci::ResponseCheckTx CheckAgain(const std::string& encoded) {
    return Check(encoded, abci::CHECK_TX_TYPE_RECHECK);
  }
  void Run(std::uint64_t height, const std::vector<std::string>& transactions) {
    RunBlock(*application_, Height(height), ReadClock().wall, transactions);
  }

  const ledger::Genesis genesis_ = testing::TestGenesis(1);
  testing::BreakableStore store_;
  SignatureCache seen_;
  EngineQueue queue_;
  // What the hooks were told. They come on the exchange's thread, before the answer.
  std::vector<std::shared_ptr<const ExecutedBlock>> committed_;
  int greeted_ = 0;
  std::vector<std::pair<TxId, absl::StatusCode>> dropped_;
  std::vector<absl::Status> failures_;
  WorkerPool workers_{2};
  std::unique_ptr<EngineApplication> application_;
};

using Dropped = std::vector<std::pair<TxId, absl::StatusCode>>;

TEST_F(EngineApplicationTest, ATransactionIsInTheQueueUntilItsBlockIsOnDisk) {
  const std::string transfer = Transfer(1, 1);
  EXPECT_EQ(Check(transfer).code(), 0u);
  EXPECT_EQ(queue_.Find(IdOf(transfer)), transfer);
  Run(1, {transfer});
  EXPECT_FALSE(queue_.Has(IdOf(transfer)));
  ASSERT_EQ(committed_.size(), 1u);
  const ExecutedBlock& block = *committed_[0];
  EXPECT_EQ(block.executed.height, Height(1));
  EXPECT_EQ(*block.transactions, std::vector<std::string>({transfer}));
  EXPECT_FALSE(block.changes.changes().empty());
  const auto receipt = api::ReadFullReceipt(*block.after, IdOf(transfer));
  ASSERT_TRUE(receipt.ok() && receipt->has_value());
  EXPECT_EQ((*receipt)->receipt.skip, SkipReason::kNone);
  EXPECT_TRUE(dropped_.empty());
}

TEST_F(EngineApplicationTest, WhatCannotRunIsRefusedWithACodeAndAText) {
  std::string forged = Transfer(1, 1);
  forged.back() = static_cast<char>(forged.back() ^ 1);
  for (const std::string& bad : {std::string("garbage"), forged}) {
    const abci::ResponseCheckTx answer = Check(bad);
    EXPECT_EQ(answer.code(), kInvalid);
    EXPECT_EQ(answer.codespace(), "status");
    EXPECT_FALSE(answer.log().empty());
  }
  EXPECT_EQ(Check(Transfer(1, 1, /*valid_us=*/0)).code(), kExpired);
  Run(1, {Transfer(1, 1)});
  EXPECT_EQ(Check(Transfer(1, 1)).code(), kStale);
  EXPECT_EQ(queue_.status().transactions, 0u);
}

TEST_F(EngineApplicationTest, WhatABlockMadeStaleLeavesTheQueueWithAReason) {
  const std::string first = Transfer(1, 1);
  const std::string other = Transfer(1, 1);
  ASSERT_NE(first, other);
  EXPECT_EQ(Check(first).code(), 0u);
  Run(1, {other});
  EXPECT_EQ(CheckAgain(first).code(), kStale);
  EXPECT_FALSE(queue_.Has(IdOf(first)));
  EXPECT_EQ(dropped_, Dropped({{IdOf(first), absl::StatusCode::kFailedPrecondition}}));
}

// It is stale because it has run: its receipt will tell.
TEST_F(EngineApplicationTest, NothingIsDroppedWhileItsBlockIsNotYetOnDisk) {
  const std::string transfer = Transfer(1, 1);
  EXPECT_EQ(Check(transfer).code(), 0u);
  ASSERT_TRUE(
      Ask(*application_, BlockOf(Height(1), ReadClock().wall, {transfer})).has_finalize_block());
  EXPECT_EQ(CheckAgain(transfer).code(), kStale);
  EXPECT_TRUE(queue_.Has(IdOf(transfer)));
  ASSERT_TRUE(Ask(*application_, CommitOf()).has_commit());
  EXPECT_FALSE(queue_.Has(IdOf(transfer)));
  EXPECT_TRUE(dropped_.empty());
}

TEST_F(EngineApplicationTest, WhatExpiredByABlocksTimeIsDropped) {
  const std::string transfer = Transfer(1, 1);
  EXPECT_EQ(Check(transfer).code(), 0u);
  RunBlock(*application_, Height(1), TimeMicros(ReadClock().wall.value() + 61'000'000), {});
  EXPECT_FALSE(queue_.Has(IdOf(transfer)));
  EXPECT_EQ(dropped_, Dropped({{IdOf(transfer), absl::StatusCode::kDeadlineExceeded}}));
}

// Blocks' time lags behind the clock.
TEST_F(EngineApplicationTest, WhatExpiredByTheClockAloneStaysAsABlockMayStillHoldIt) {
  constexpr std::uint64_t kValidUs = 1'000'000;
  Run(1, {});  // no earlier time counts: a transaction may not be valid for long
  const std::string transfer = Transfer(1, 1, kValidUs);
  EXPECT_EQ(Check(transfer).code(), 0u);
  std::this_thread::sleep_for(std::chrono::microseconds(kValidUs));
  EXPECT_EQ(CheckAgain(transfer).code(), 0u);
  EXPECT_EQ(Check(transfer).code(), 0u);  // by an engine that has started anew
  EXPECT_TRUE(queue_.Has(IdOf(transfer)));
  EXPECT_TRUE(dropped_.empty());
}

TEST_F(EngineApplicationTest, AProposalWithWhatNoBlockMayHoldIsRejected) {
  const auto judge = [this](const std::vector<std::string>& transactions) {
    return Ask(*application_, ProposalOf(Height(1), ReadClock().wall, transactions))
        .process_proposal()
        .status();
  };
  const std::string good = Transfer(1, 1);
  EXPECT_EQ(judge({good, Transfer(2, 1)}), abci::ResponseProcessProposal::STATUS_ACCEPT);
  EXPECT_EQ(judge({good, "garbage"}), abci::ResponseProcessProposal::STATUS_REJECT);
  EXPECT_EQ(judge({good, good}), abci::ResponseProcessProposal::STATUS_REJECT);
}

TEST_F(EngineApplicationTest, AnEngineThatSaysHelloIsNoticed) {
  abci::Request hello;
  hello.mutable_info();
  EXPECT_EQ(Ask(*application_, hello).info().last_block_height(), 0);
  EXPECT_EQ(greeted_, 1);
}

TEST_F(EngineApplicationTest, WhatIsNoQuestionToTheExchangeIsAnsweredEvenAfterItsEnd) {
  application_->Stop();
  abci::Request request;
  request.mutable_echo()->set_message("hello");
  EXPECT_EQ(Ask(*application_, request).echo().message(), "hello");
  request.mutable_flush();
  EXPECT_TRUE(Ask(*application_, request).has_flush());
  request.mutable_query();
  EXPECT_NE(Ask(*application_, request).query().code(), 0u);
  request.mutable_list_snapshots();
  EXPECT_TRUE(Ask(*application_, request).has_list_snapshots());
  request.mutable_offer_snapshot();
  EXPECT_EQ(Ask(*application_, request).offer_snapshot().result(),
            abci::ResponseOfferSnapshot::RESULT_REJECT);
}

TEST_F(EngineApplicationTest, AfterAFailedWriteTheEngineHearsOfNothingElse) {
  store_.broken = true;
  ASSERT_TRUE(Ask(*application_, BlockOf(Height(1), ReadClock().wall, {Transfer(1, 1)}))
                  .has_finalize_block());
  EXPECT_NE(Ask(*application_, CommitOf()).exception().error().find("the disk is gone"),
            std::string::npos);
  store_.broken = false;
  abci::Request hello;
  hello.mutable_info();
  EXPECT_TRUE(Ask(*application_, hello).has_exception());
  EXPECT_TRUE(Ask(*application_, CheckTxOf(Transfer(2, 1))).has_exception());
  EXPECT_TRUE(committed_.empty());
  EXPECT_EQ(failures_.size(), 1u);

  std::latch answered{2};
  const auto transfer = DecodeSignedTransaction(AsBytes(Transfer(2, 1)));
  ASSERT_TRUE(application_->Check(*transfer, 0, [&](const absl::Status& status) {
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
    answered.count_down();
  }));
  application_->Simulate(*transfer, [&](const absl::StatusOr<api::FullReceipt>& receipt) {
    EXPECT_EQ(receipt.status().code(), absl::StatusCode::kUnavailable);
    answered.count_down();
  });
  answered.wait();
}

TEST_F(EngineApplicationTest, OnceStoppedItTakesNothing) {
  application_->Stop();
  const auto transfer = DecodeSignedTransaction(AsBytes(Transfer(1, 1)));
  EXPECT_FALSE(application_->Check(*transfer, 0, [](const absl::Status&) { FAIL(); }));
}

class EngineApplicationOpenTest : public ::testing::Test {
 protected:
  absl::Status Open() {
    return EngineApplication::Open(&store_, &genesis_, &seen_, &workers_, &queue_).status();
  }

  const ledger::Genesis genesis_ = testing::TestGenesis(1);
  ledger::MemoryStore store_;
  SignatureCache seen_;
  EngineQueue queue_;
  WorkerPool workers_{1};
};

TEST_F(EngineApplicationOpenTest, AnEmptyLedgerIsRefused) {
  EXPECT_EQ(Open().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(EngineApplicationOpenTest, ALedgerWithBlocksOfAnotherEngineIsRefused) {
  auto exchange = exchange::Exchange::Open(&store_);
  ASSERT_TRUE(exchange.ok() && (*exchange)->InitChain(genesis_).ok());
  EXPECT_TRUE(Open().ok());
  exchange::Block block;
  block.height = Height(1);
  block.time = ReadClock().wall;
  ASSERT_TRUE((*exchange)->FinalizeBlock(block).ok() && (*exchange)->Commit().ok());
  const absl::Status status = Open();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(status.message().find("--engine simplex"), std::string::npos);
}

}  // namespace
}  // namespace bourse::runtime
