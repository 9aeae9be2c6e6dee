// The node without its services: also run under ThreadSanitizer.
#include "node/runtime/node.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "node/runtime/network.h"
#include "node/runtime/testing/test_node.h"

namespace bourse::runtime {
namespace {

using testing::EncodedTransfer;
using testing::TestGenesis;
using testing::TestNode;

class NodeTest : public ::testing::Test {
 protected:
  void Start() {
    const absl::Status opened = disks_.Open(&network_);
    ASSERT_TRUE(opened.ok()) << opened;
    disks_.Start([this](const absl::Status& status) {
      failure_ = status;
      failed_.count_down();
    });
    node_ = &disks_.node();
  }

  std::string Encoded(std::uint8_t from, std::uint64_t nonce) {
    return EncodedTransfer(node_->identity().genesis_hash, from, nonce);
  }

  static api::SubmitOptions Waiting() { return {true, absl::InfiniteFuture(), 0}; }

  api::SubmitResult SubmitAndWait(const std::string& encoded, bool wait = true) {
    return testing::SubmitAndWait(*node_, encoded, wait);
  }

  NoNetwork network_;
  TestNode disks_{TestGenesis(1), testing::ValidatorKey(0)};
  Node* node_ = nullptr;
  std::latch failed_{1};
  absl::Status failure_;
};

TEST_F(NodeTest, AnswersWithTheReceiptOnceItIsInTheLedger) {
  Start();
  const api::SubmitResult result = SubmitAndWait(Encoded(1, 1));
  ASSERT_TRUE(result.status.ok()) << result.status;
  ASSERT_NE(result.receipt, nullptr);
  EXPECT_EQ(result.receipt->receipt.skip, SkipReason::kNone);
  const auto stored = api::ReadFullReceipt(*node_->Latest(), *result.txid);
  ASSERT_TRUE(stored.ok() && stored->has_value());
  EXPECT_EQ(ledger::Encode((*stored)->receipt), ledger::Encode(result.receipt->receipt));
}

TEST_F(NodeTest, TheSameBytesAgainGetTheSameReceipt) {
  Start();
  const std::string encoded = Encoded(1, 1);
  const api::SubmitResult first = SubmitAndWait(encoded);
  const api::SubmitResult again = SubmitAndWait(encoded, /*wait=*/false);
  ASSERT_NE(again.receipt, nullptr);
  EXPECT_EQ(again.receipt->receipt.height, first.receipt->receipt.height);
}

TEST_F(NodeTest, ABadSignatureIsRefused) {
  Start();
  std::string encoded = Encoded(1, 1);
  encoded.back() = static_cast<char>(encoded.back() ^ 1);
  EXPECT_EQ(SubmitAndWait(encoded).status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(SubmitAndWait("junk").status.code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(NodeTest, EveryConcurrentSubmissionIsAnsweredOnce) {
  Start();
  constexpr int kThreads = 2;
  constexpr int kEach = 150;
  std::vector<std::vector<std::string>> encoded(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    for (int i = 1; i <= kEach; ++i) {
      encoded[static_cast<std::size_t>(t)].push_back(
          Encoded(static_cast<std::uint8_t>(t + 1), static_cast<std::uint64_t>(i)));
    }
  }
  std::atomic<int> final{0};
  std::latch answers(kThreads * kEach);
  std::vector<std::thread> threads;
  for (const std::vector<std::string>& mine : encoded) {
    threads.emplace_back([&] {
      for (const std::string& one : mine) {
        node_->Submit(one, Waiting(), [&](const api::SubmitResult& result) {
          if (result.receipt != nullptr) ++final;
          answers.count_down();
        });
        (void)node_->Latest();
        (void)node_->queue();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  answers.wait();
  EXPECT_EQ(final.load(), kThreads * kEach);
}

TEST_F(NodeTest, AStopAnswersAllThatIsUnderWay) {
  Start();
  constexpr int kCount = 200;
  std::vector<std::string> encoded;
  for (int i = 1; i <= kCount; ++i) encoded.push_back(Encoded(1, static_cast<std::uint64_t>(i)));
  std::atomic<int> answered{0};
  std::thread client([&] {
    for (const std::string& one : encoded) {
      node_->Submit(one, Waiting(), [&](const api::SubmitResult&) { ++answered; });
    }
  });
  node_->Stop();
  client.join();
  EXPECT_EQ(answered.load(), kCount);
  EXPECT_EQ(SubmitAndWait(encoded[0]).status.code(), absl::StatusCode::kUnavailable);
  bool found = true;
  node_->FindPending(
      TxId{}, [&](const std::optional<std::string>& pending) { found = pending.has_value(); });
  EXPECT_FALSE(found);
}

TEST_F(NodeTest, AFailedWriteStopsTheNodeAndAcknowledgesNothing) {
  disks_.idle_us = 60'000'000;
  Start();
  ASSERT_NE(SubmitAndWait(Encoded(1, 1)).receipt, nullptr);
  disks_.store().broken = true;
  const std::string encoded = Encoded(1, 2);
  std::atomic<bool> acknowledged{false};
  std::latch answered{1};
  node_->Submit(encoded, Waiting(), [&](const api::SubmitResult& result) {
    acknowledged = result.status.ok();
    answered.count_down();
  });
  failed_.wait();
  EXPECT_EQ(failure_.code(), absl::StatusCode::kUnavailable);
  node_->Stop();
  answered.wait();
  EXPECT_FALSE(acknowledged.load());
}

TEST_F(NodeTest, AFailedNodeMakesNoDryRunsOnWhatNeverGotIntoTheLedger) {
  disks_.idle_us = 60'000'000;
  Start();
  disks_.store().broken = true;
  const std::string encoded = Encoded(1, 1);
  node_->Submit(encoded, Waiting(), [](const api::SubmitResult&) {});
  failed_.wait();
  const auto transaction = DecodeSignedTransaction(AsBytes(encoded));
  ASSERT_TRUE(transaction.ok());
  std::latch done{1};
  node_->Simulate(*transaction, [&](const absl::StatusOr<api::FullReceipt>& receipt) {
    EXPECT_EQ(receipt.status().code(), absl::StatusCode::kUnavailable);
    done.count_down();
  });
  done.wait();
}

TEST_F(NodeTest, ARestartGoesOnFromTheLedger) {
  Start();
  const api::SubmitResult first = SubmitAndWait(Encoded(1, 1));
  disks_.Stop();
  Start();
  const api::SubmitResult second = SubmitAndWait(Encoded(1, 2));
  ASSERT_NE(second.receipt, nullptr);
  EXPECT_GT(second.receipt->receipt.height, first.receipt->receipt.height);
}

TEST_F(NodeTest, ADryRunChangesNothing) {
  Start();
  const absl::StatusOr<SignedTransaction> transaction =
      DecodeSignedTransaction(AsBytes(Encoded(1, 1)));
  ASSERT_TRUE(transaction.ok());
  std::latch done{1};
  node_->Simulate(*transaction, [&](const absl::StatusOr<api::FullReceipt>& receipt) {
    ASSERT_TRUE(receipt.ok());
    EXPECT_EQ(receipt->receipt.results.at(0).reason, RejectReason::kNone);
    done.count_down();
  });
  done.wait();
  EXPECT_FALSE(api::ReadFullReceipt(*node_->Latest(), transaction->txid)->has_value());
}

TEST_F(NodeTest, AnotherGenesisThanTheLedgersIsRefused) {
  ledger::Genesis other = TestGenesis(1);
  other.chain_name = "other";
  EXPECT_EQ(disks_.Open(&network_, other).code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace bourse::runtime
