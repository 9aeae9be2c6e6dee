// Several nodes in one process, over a network that only passes bytes on: also run under
// ThreadSanitizer.
#include "node/runtime/network.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "node/runtime/node.h"
#include "node/runtime/testing/test_node.h"
#include "node/storage/block_archive.h"

namespace bourse::runtime {
namespace {

using consensus::PeerId;
using testing::EncodedTransfer;
using testing::SubmitAndWait;
using testing::TestGenesis;
using testing::TestNode;

// Who is connected to whom; a message goes straight to the other's node.
class Wires {
 public:
  // The end of one node.
  class End final : public Network {
   public:
    End(Wires* wires, std::size_t self) : wires_(wires), self_(self) {}
    void Send(PeerId peer, replica::Priority, std::shared_ptr<const std::string> bytes,
              bool) override {
      wires_->Deliver(self_, peer, *bytes);
    }
    void Consumed(PeerId, std::size_t bytes) override { consumed += bytes; }
    void Disconnect(PeerId peer, std::string_view reason, bool) override {
      ADD_FAILURE() << self_ << " disconnects " << peer.value() << ": " << reason;
    }
    std::vector<api::PeerState> List() const override { return {}; }

    std::atomic<std::size_t> received{0};
    std::atomic<std::size_t> consumed{0};

   private:
    Wires* const wires_;
    const std::size_t self_;
  };

  explicit Wires(std::size_t nodes) {
    for (std::size_t i = 0; i < nodes; ++i) ends_.push_back(std::make_unique<End>(this, i));
  }

  [[nodiscard]] End& end(std::size_t node) { return *ends_[node]; }

  // Connects a node that is up to all others that are.
  void Plug(std::size_t index, TestNode* node) {
    const std::lock_guard lock(mutex_);
    for (auto& [other, there] : up_) {
      node->node().peer_events().OnUp(PeerId(other), there->key().public_key());
      there->node().peer_events().OnUp(PeerId(index), node->key().public_key());
    }
    up_[index] = node;
  }

  void Unplug(std::size_t index) {
    const std::lock_guard lock(mutex_);
    up_.erase(index);
    for (auto& [other, there] : up_) there->node().peer_events().OnDown(PeerId(index), "unplugged");
  }

 private:
  void Deliver(std::size_t from, PeerId to, const std::string& bytes) {
    const std::lock_guard lock(mutex_);
    const auto it = up_.find(to.value());
    if (it == up_.end() || !up_.contains(from)) return;
    ends_[to.value()]->received += bytes.size();
    it->second->node().peer_events().OnMessage(PeerId(from), bytes);
  }

  std::mutex mutex_;
  std::vector<std::unique_ptr<End>> ends_;
  std::map<std::size_t, TestNode*> up_;
};

class NetworkTest : public ::testing::Test {
 protected:
  // `followers` have keys that are no validators'.
  void Make(std::size_t validators, std::size_t followers = 0) {
    const ledger::Genesis genesis = TestGenesis(validators);
    wires_ = std::make_unique<Wires>(validators + followers);
    for (std::size_t i = 0; i < validators + followers; ++i) {
      nodes_.push_back(std::make_unique<TestNode>(genesis, testing::ValidatorKey(i)));
    }
  }
  void MakeAndStart(std::size_t validators, std::size_t followers = 0) {
    Make(validators, followers);
    for (std::size_t i = 0; i < nodes_.size(); ++i) Start(i);
  }

  void Start(std::size_t index) {
    TestNode& node = *nodes_[index];
    const absl::Status opened = node.Open(&wires_->end(index));
    ASSERT_TRUE(opened.ok()) << opened;
    node.Start([](const absl::Status& status) { ADD_FAILURE() << status; });
    wires_->Plug(index, &node);
  }
  void Stop(std::size_t index) {
    wires_->Unplug(index);
    nodes_[index]->Stop();
  }

  ~NetworkTest() override {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (nodes_[i]->is_open()) Stop(i);
    }
  }

  Node& node(std::size_t index) { return nodes_[index]->node(); }
  std::string Encoded(std::uint8_t from, std::uint64_t nonce) {
    return EncodedTransfer(node(0).identity().genesis_hash, from, nonce);
  }

  // Waits until all nodes that are open tell of this transaction.
  void ExpectAllTell(const TxId& txid) {
    for (const auto& one : nodes_) {
      if (!one->is_open()) continue;
      std::string seen;
      for (int i = 0; i < 1'000 && seen.empty(); ++i) {
        const auto receipt = api::ReadFullReceipt(*one->node().Latest(), txid);
        ASSERT_TRUE(receipt.ok());
        if (receipt->has_value()) {
          seen = ledger::Encode((*receipt)->receipt);
        } else {
          std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
      }
      EXPECT_FALSE(seen.empty()) << "node " << ToHex(Bytes(one->key().public_key().bytes));
    }
  }

  std::unique_ptr<Wires> wires_;
  std::vector<std::unique_ptr<TestNode>> nodes_;
};

TEST_F(NetworkTest, AnOrderGivenToOneNodeIsFinalOnAll) {
  MakeAndStart(4);
  for (std::size_t i = 0; i < 4; ++i) {
    const api::SubmitResult result = SubmitAndWait(node(i), Encoded(1, i + 1));
    ASSERT_TRUE(result.status.ok()) << result.status;
    ASSERT_NE(result.receipt, nullptr);
    ExpectAllTell(*result.txid);
  }
}

TEST_F(NetworkTest, WhatIsToldIsCertified) {
  MakeAndStart(4);
  const api::SubmitResult result = SubmitAndWait(node(0), Encoded(1, 1));
  ASSERT_NE(result.receipt, nullptr) << result.status;
  const Height height = result.receipt->receipt.height;
  for (std::size_t i = 0; i < 4; ++i) {
    ExpectAllTell(*result.txid);
    const auto certificate =
        storage::ReadExecutionCertificate(*node(i).Latest(), node(i).validators(), height);
    ASSERT_TRUE(certificate.ok()) << certificate.status();
    ASSERT_TRUE(certificate->has_value());
    EXPECT_EQ((*certificate)->executed.height, height);
    EXPECT_EQ((*certificate)->signatures.size(), 3u);
  }
}

TEST_F(NetworkTest, TwoAndThreeNodesNeedEachOther) {
  MakeAndStart(2);
  EXPECT_NE(SubmitAndWait(node(1), Encoded(1, 1)).receipt, nullptr);
  Stop(1);
  const api::SubmitResult alone =
      SubmitAndWait(node(0), Encoded(1, 2), /*wait=*/true, absl::Now() + absl::Milliseconds(300));
  EXPECT_EQ(alone.status.code(), absl::StatusCode::kDeadlineExceeded);
  Start(1);
  EXPECT_NE(SubmitAndWait(node(1), Encoded(1, 3)).receipt, nullptr);
  ExpectAllTell(*alone.txid);
}

TEST_F(NetworkTest, OneOfFourMayBeGone) {
  MakeAndStart(4);
  Stop(2);
  for (std::uint64_t i = 1; i <= 5; ++i) {
    EXPECT_NE(SubmitAndWait(node(0), Encoded(1, i)).receipt, nullptr);
  }
}

TEST_F(NetworkTest, ANodeThatWasAwayCatchesUp) {
  MakeAndStart(4);
  Stop(3);
  TxId last;
  for (std::uint64_t i = 1; i <= 20; ++i) {
    const api::SubmitResult result = SubmitAndWait(node(0), Encoded(1, i));
    ASSERT_NE(result.receipt, nullptr);
    last = *result.txid;
  }
  Start(3);
  ExpectAllTell(last);
  EXPECT_TRUE(node(3).network().voting);
}

TEST_F(NetworkTest, AFullNodeFollowsAndTakesOrders) {
  MakeAndStart(4, 1);
  const api::SubmitResult result = SubmitAndWait(node(4), Encoded(1, 1));
  ASSERT_NE(result.receipt, nullptr) << result.status;
  ExpectAllTell(*result.txid);
  EXPECT_FALSE(node(4).network().voting);
}

TEST_F(NetworkTest, AValidatorThatLostItsLogFollowsAndVotesNoMore) {
  Make(4);
  nodes_[1]->LoseLog();
  for (std::size_t i = 0; i < 4; ++i) Start(i);
  const api::SubmitResult result = SubmitAndWait(node(1), Encoded(1, 1));
  ASSERT_NE(result.receipt, nullptr) << result.status;
  ExpectAllTell(*result.txid);
  EXPECT_FALSE(node(1).network().voting);
  EXPECT_EQ(node(1).network().not_voting_because, "its log is lost");
  EXPECT_TRUE(node(0).network().voting);
}

TEST_F(NetworkTest, AllThatStopGoOnTogether) {
  MakeAndStart(4);
  const api::SubmitResult first = SubmitAndWait(node(0), Encoded(1, 1));
  ASSERT_NE(first.receipt, nullptr);
  for (std::size_t i = 0; i < 4; ++i) Stop(i);
  for (std::size_t i = 0; i < 4; ++i) Start(i);
  const api::SubmitResult second = SubmitAndWait(node(3), Encoded(1, 2));
  ASSERT_NE(second.receipt, nullptr) << second.status;
  EXPECT_GT(second.receipt->receipt.height, first.receipt->receipt.height);
  ExpectAllTell(*first.txid);
}

TEST_F(NetworkTest, TheSameTransactionGivenToTwoNodesIsAnsweredByBoth) {
  MakeAndStart(4);
  const std::string encoded = Encoded(1, 1);
  api::SubmitResult other;
  std::thread client([&] { other = SubmitAndWait(node(1), encoded); });
  const api::SubmitResult result = SubmitAndWait(node(0), encoded);
  client.join();
  ASSERT_NE(result.receipt, nullptr) << result.status;
  ASSERT_NE(other.receipt, nullptr) << other.status;
  EXPECT_EQ(result.receipt->receipt.height, other.receipt->receipt.height);
}

TEST_F(NetworkTest, EveryMessageIsConsumedInTheEnd) {
  MakeAndStart(4);
  for (std::uint64_t i = 1; i <= 10; ++i) {
    ASSERT_NE(SubmitAndWait(node(0), Encoded(1, i)).receipt, nullptr);
  }
  for (std::size_t i = 0; i < 4; ++i) Stop(i);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_GT(wires_->end(i).received.load(), 0u);
    EXPECT_EQ(wires_->end(i).received.load(), wires_->end(i).consumed.load());
  }
}

}  // namespace
}  // namespace bourse::runtime
