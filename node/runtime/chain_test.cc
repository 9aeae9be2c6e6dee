#include "node/runtime/chain.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>

#include "common/codec.h"
#include "ledger/merkle.h"
#include "node/consensus/solo.h"

namespace bourse::runtime {
namespace {

// An Application that runs everything, but refuses nonces that a test bars, and can break.
class FakeApplication : public exchange::Application {
 public:
  exchange::AppInfo Info() const override {
    exchange::AppInfo info;
    info.head.height = height_;
    info.head.time = time_;
    info.head.block_hash = hash_;
    return info;
  }
  absl::Status InitChain(const ledger::Genesis&) override { return absl::OkStatus(); }
  absl::Status CheckTx(const SignedTransaction& transaction, TimeMicros now) const override {
    if (transaction.transaction.valid_until <= now) return absl::DeadlineExceededError("expired");
    if (barred.contains(transaction.transaction.nonce.value())) {
      return absl::FailedPreconditionError("barred");
    }
    return absl::OkStatus();
  }
  std::vector<std::size_t> PrepareProposal(const std::vector<exchange::Candidate>& candidates,
                                           TimeMicros time) const override {
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < candidates.size() && chosen.size() < block_size; ++i) {
      if (CheckTx(*candidates[i].transaction, time).ok()) chosen.push_back(i);
    }
    return chosen;
  }
  absl::Status ProcessProposal(const exchange::Block&, Height, TimeMicros, bool) const override {
    return absl::OkStatus();
  }
  absl::StatusOr<exchange::BlockResult> FinalizeBlock(const exchange::Block& block) override {
    EXPECT_EQ(block.height.value(), height_.value() + 1);
    EXPECT_EQ(block.parent_hash, hash_);
    EXPECT_GT(block.time, time_);
    blocks.push_back(block);
    exchange::BlockResult result;
    result.header.height = block.height;
    result.header.time = block.time;
    for (const std::string& encoded : block.transactions) {
      ledger::Receipt receipt;
      receipt.txid = HashOf(AsBytes(encoded));
      result.receipts.push_back(receipt);
    }
    return result;
  }
  absl::Status Commit() override {
    if (!commit_status.ok()) return commit_status;
    height_ = blocks.back().height;
    time_ = blocks.back().time;
    hash_ = blocks.back().hash;
    return absl::OkStatus();
  }

  std::vector<exchange::Block> blocks;
  std::set<std::uint64_t> barred;
  std::size_t block_size = 1'000;
  absl::Status commit_status;

 private:
  Height height_;
  TimeMicros time_{5};
  Hash256 hash_;
};

class ChainTest : public testing::Test {
 protected:
  static constexpr std::uint64_t kStart = 1'000'000;

  ChainTest() {
    consensus::SoloOptions options;
    options.idle_us = 1'000;
    engine_ = std::make_unique<consensus::Solo>(options);
    chain_ = std::make_unique<Chain>(
        &application_, engine_.get(),
        [this] {
          return consensus::Now{TimeMicros(now_us_), now_us_};
        },
        mempool::Options());
    (void)Advance();
  }

  TxId Admit(std::uint64_t nonce, std::uint64_t valid_until = kStart * 2) {
    SignedTransaction transaction;
    transaction.transaction.nonce = Nonce(nonce);
    transaction.transaction.valid_until = TimeMicros(valid_until);
    Writer encoded;
    encoded.U64(nonce);
    transaction.txid = HashOf(AsBytes(encoded.bytes()));
    admitted_ = chain_->Admit(transaction, encoded.bytes()).status();
    return transaction.txid;
  }

  std::vector<CommittedBlock> Advance() {
    absl::StatusOr<std::vector<CommittedBlock>> blocks = chain_->Advance();
    EXPECT_TRUE(blocks.ok()) << blocks.status();
    return blocks.ok() ? *std::move(blocks) : std::vector<CommittedBlock>();
  }

  std::uint64_t now_us_ = kStart;
  FakeApplication application_;
  std::unique_ptr<consensus::Solo> engine_;
  std::unique_ptr<Chain> chain_;
  absl::Status admitted_;
};

TEST_F(ChainTest, PutsWhatWasAdmittedIntoABlockOnce) {
  const TxId first = Admit(1);
  const TxId second = Admit(2);
  const std::vector<CommittedBlock> blocks = Advance();
  ASSERT_EQ(blocks.size(), 1u);
  ASSERT_EQ(blocks[0].result.receipts.size(), 2u);
  EXPECT_EQ(blocks[0].result.receipts[0].txid, first);
  EXPECT_EQ(blocks[0].result.receipts[1].txid, second);
  EXPECT_TRUE(chain_->mempool().empty());
  EXPECT_TRUE(Advance().empty());
}

TEST_F(ChainTest, RefusesWhatTheApplicationRefuses) {
  application_.barred = {7};
  Admit(7);
  EXPECT_EQ(admitted_.code(), absl::StatusCode::kFailedPrecondition);
  Admit(8, kStart);
  EXPECT_EQ(admitted_.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(chain_->mempool().empty());
}

TEST_F(ChainTest, MakesAnEmptyBlockWhenTheTimerSaysSo) {
  ASSERT_EQ(chain_->timer_us(), kStart + 1'000);
  now_us_ += 1'000;
  const std::vector<CommittedBlock> blocks = Advance();
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_TRUE(blocks[0].result.receipts.empty());
  EXPECT_EQ(chain_->timer_us(), now_us_ + 1'000);
}

TEST_F(ChainTest, WhatDoesNotFitABlockGoesOnAtOnce) {
  application_.block_size = 2;
  for (const std::uint64_t nonce : {1, 2, 3}) Admit(nonce);
  EXPECT_EQ(Advance().size(), 1u);
  EXPECT_EQ(chain_->mempool().size(), 1u);
  EXPECT_LE(chain_->timer_us(), now_us_);
  EXPECT_EQ(Advance().size(), 1u);
  EXPECT_TRUE(chain_->mempool().empty());
}

TEST_F(ChainTest, DropsWhatCanNoLongerRunAndSaysWhy) {
  Admit(1);
  const TxId barred = Admit(2);
  application_.barred = {2};
  const std::vector<CommittedBlock> blocks = Advance();
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_EQ(blocks[0].result.receipts.size(), 1u);
  ASSERT_EQ(blocks[0].dropped.size(), 1u);
  EXPECT_EQ(blocks[0].dropped[0].first, barred);
  EXPECT_EQ(blocks[0].dropped[0].second.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(chain_->mempool().empty());
}

TEST_F(ChainTest, DropsWhatExpiresWhileItWaits) {
  application_.block_size = 1;
  Admit(1);
  const TxId late = Admit(2, kStart + 10);
  now_us_ += 5;
  EXPECT_TRUE(Advance().at(0).dropped.empty());
  now_us_ += 5;
  const std::vector<CommittedBlock> blocks = Advance();
  std::vector<std::pair<TxId, absl::Status>> dropped;
  for (const CommittedBlock& block : blocks) {
    dropped.insert(dropped.end(), block.dropped.begin(), block.dropped.end());
  }
  EXPECT_TRUE(chain_->mempool().empty());
  if (dropped.empty()) {  // nothing was left to put into a block: it is said with the next one
    now_us_ += 1'000;
    dropped = Advance().at(0).dropped;
  }
  ASSERT_EQ(dropped.size(), 1u);
  EXPECT_EQ(dropped[0].first, late);
  EXPECT_EQ(dropped[0].second.code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(ChainTest, AFailedCommitIsAnErrorAndTellsNobodyOfTheBlock) {
  Admit(1);
  application_.commit_status = absl::UnavailableError("the disk is gone");
  EXPECT_EQ(chain_->Advance().status(), application_.commit_status);
  EXPECT_EQ(chain_->mempool().size(), 1u);
}

TEST_F(ChainTest, CheckTimeIsLaterThanTheLastBlockThoughTheClockIsSetBack) {
  Admit(1);
  ASSERT_EQ(Advance().size(), 1u);
  const TimeMicros last = application_.Info().head.time;
  now_us_ -= 500'000;
  EXPECT_EQ(chain_->CheckTime().value(), last.value() + 1);
}

TEST_F(ChainTest, ABlocksHashCommitsToItsTransactions) {
  Admit(1);
  (void)Advance();
  const exchange::Block& block = application_.blocks.at(0);
  const std::vector<Hash256> leaves = {ledger::MerkleLeaf(AsBytes(block.transactions.at(0)))};
  consensus::Header header;
  header.protocol_version = 1;
  header.slot = consensus::Slot(0);
  header.height = Height(1);
  header.time = block.time;
  header.parent_slot = consensus::kGenesisSlot;
  header.transactions_root = ledger::MerkleRoot(leaves);
  EXPECT_EQ(block.hash, consensus::HashOf(header));
}

}  // namespace
}  // namespace bourse::runtime
