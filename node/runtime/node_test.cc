// The node without its services: also run under ThreadSanitizer.
#include "node/runtime/node.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "common/ed25519.h"
#include "ledger/memory_store.h"
#include "node/runtime/clock.h"

namespace bourse::runtime {
namespace {

KeyPair Key(std::uint8_t number) {
  std::array<std::uint8_t, 32> seed{};
  seed[0] = number;
  return KeyPair::FromSeed(seed);
}

ledger::Genesis TestGenesis() {
  ledger::Genesis genesis;
  genesis.chain_name = "test";
  genesis.time = TimeMicros(1);
  genesis.fees.per_transaction = 1;
  genesis.assets = {{"BRS", 0, {}, 1'000'000'000}};
  genesis.accounts = {{Key(1).public_key(), {{0, 1'000'000}}},
                      {Key(2).public_key(), {{0, 1'000'000}}}};
  genesis.validators = {{"one", Key(9).public_key()}};
  return genesis;
}

// A store whose writes fail once it is told so.
class BreakableStore : public ledger::MemoryStore {
 public:
  absl::Status Apply(const ledger::Batch& batch) override {
    if (broken.load()) return absl::UnavailableError("the disk is gone");
    return MemoryStore::Apply(batch);
  }
  std::atomic<bool> broken{false};
};

class NodeTest : public testing::Test {
 protected:
  NodeTest() {
    auto exchange = exchange::Exchange::Open(&store_);
    EXPECT_TRUE(exchange.ok());
    EXPECT_TRUE((*exchange)->InitChain(TestGenesis()).ok());
  }

  absl::StatusOr<std::unique_ptr<Node>> Open(const ledger::Genesis& genesis = TestGenesis()) {
    NodeOptions options;
    options.identity.genesis = genesis;
    options.workers = 2;
    options.idle_us = idle_us_;
    return Node::Open(&store_, options);
  }

  void Start() {
    auto node = Open();
    ASSERT_TRUE(node.ok()) << node.status();
    node_ = *std::move(node);
    node_->Start([this](const absl::Status& status) {
      failure_ = status;
      failed_.count_down();
    });
  }

  // A transfer of one atom from one test account to the other.
  std::string Encoded(std::uint8_t from, std::uint64_t nonce) {
    const KeyPair key = Key(from);
    Transaction transaction;
    transaction.genesis_hash = node_->identity().genesis_hash;
    transaction.account = transaction.signer = key.public_key();
    transaction.nonce = Nonce(nonce);
    transaction.valid_until = TimeMicros(ReadClock().wall.value() + 60'000'000);
    Transfer transfer;
    transfer.to = Key(from == 1 ? 2 : 1).public_key();
    transfer.asset = ledger::MakeAssetId({}, "BRS");
    transfer.amount = Atoms(1);
    transaction.operations.emplace_back(transfer);
    const std::string body = EncodeTransaction(transaction);
    const std::string message = SigningBytes(transaction.genesis_hash, AsBytes(body));
    return EncodeSignedTransaction(body, key.Sign(AsBytes(message)));
  }

  static api::SubmitOptions Waiting() { return {true, absl::InfiniteFuture(), 0}; }

  api::SubmitResult SubmitAndWait(const std::string& encoded, bool wait = true,
                                  absl::Time deadline = absl::InfiniteFuture()) {
    api::SubmitResult out;
    std::latch done{1};
    node_->Submit(encoded, {wait, deadline, 0}, [&](api::SubmitResult result) {
      out = std::move(result);
      done.count_down();
    });
    done.wait();
    return out;
  }

  std::uint64_t idle_us_ = 20'000;
  BreakableStore store_;
  std::unique_ptr<Node> node_;
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
  idle_us_ = 60'000'000;
  Start();
  ASSERT_NE(SubmitAndWait(Encoded(1, 1)).receipt, nullptr);
  store_.broken = true;
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
  idle_us_ = 60'000'000;
  Start();
  store_.broken = true;
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
  node_->Stop();
  node_.reset();
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
  ledger::Genesis other = TestGenesis();
  other.chain_name = "other";
  EXPECT_EQ(Open(other).status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace bourse::runtime
