#include "node/runtime/audit.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/ed25519.h"
#include "common/hash.h"
#include "common/transaction.h"
#include "ledger/records.h"
#include "ledger/rocks_store.h"
#include "ledger/schema.h"
#include "node/config/home.h"
#include "node/exchange/exchange.h"

namespace bourse::runtime {
namespace {

namespace fs = std::filesystem;

// A home whose ledger holds a few blocks, each with a signed transfer.
class AuditTest : public testing::Test {
 protected:
  static constexpr std::uint64_t kBlocks = 4;

  AuditTest() : home_(testing::TempDir() + "/audit_home") {
    fs::remove_all(home_.path);
    config::InitOptions options;
    options.home = home_.path;
    options.owner = owner_.public_key();
    EXPECT_TRUE(config::InitHome(options).ok());
    ChangeLedger([&](ledger::Store* store) { MakeBlocks(store); });
  }
  ~AuditTest() override { fs::remove_all(home_.path); }

  template <typename Change>
  void ChangeLedger(Change change) {
    auto store = config::OpenLedger(home_);
    ASSERT_TRUE(store.ok()) << store.status();
    change(store->get());
  }

  void MakeBlocks(ledger::Store* store) {
    auto exchange = exchange::Exchange::Open(store);
    ASSERT_TRUE(exchange.ok());
    for (std::uint64_t i = 0; i < kBlocks; ++i) {
      const exchange::AppInfo info = (*exchange)->Info();
      exchange::Block block;
      block.height = Height(info.head.height.value() + 1);
      block.time = TimeMicros(info.head.time.value() + 1'000'000);
      block.parent_hash = info.head.block_hash;
      block.hash = Hasher("test block").UpdateU64(block.height.value()).Finish();
      block.transactions.push_back(Transfer(info.genesis_hash, i, block.time));
      ASSERT_TRUE((*exchange)->FinalizeBlock(block).ok());
      ASSERT_TRUE((*exchange)->Commit().ok());
    }
  }

  std::string Transfer(const Hash256& genesis_hash, std::uint64_t nonce, TimeMicros time) {
    Transaction transaction;
    transaction.genesis_hash = genesis_hash;
    transaction.account = transaction.signer = owner_.public_key();
    transaction.nonce = Nonce(nonce);
    transaction.valid_until = TimeMicros(time.value() + 1'000'000);
    transaction.operations.push_back(bourse::Transfer{
        KeyPair::Generate().public_key(), ledger::MakeAssetId({}, "BRS"), Atoms(5), "memo"});
    const std::string body = EncodeTransaction(transaction);
    const KeyPair& key = is_forged_ ? stranger_ : owner_;
    return EncodeSignedTransaction(body,
                                   key.Sign(AsBytes(SigningBytes(genesis_hash, AsBytes(body)))));
  }

  absl::StatusOr<std::string> Audit() {
    return AuditHome(home_, std::nullopt, [](const std::string&) {});
  }

  const config::Home home_;
  const KeyPair owner_ = KeyPair::Generate();
  const KeyPair stranger_ = KeyPair::Generate();
  bool is_forged_ = false;
};

TEST_F(AuditTest, SaysThatALedgerIsSoundThatANodeMade) {
  const auto verdict = Audit();
  ASSERT_TRUE(verdict.ok()) << verdict.status();
  EXPECT_NE(verdict->find("is sound"), std::string::npos) << *verdict;
  EXPECT_NE(verdict->find("its 4 blocks with 4 transactions"), std::string::npos) << *verdict;
  EXPECT_NE(verdict->find("does not hold who finalized"), std::string::npos) << *verdict;
}

TEST_F(AuditTest, NamesTheHeightOfABlockThatWasChanged) {
  ChangeLedger([&](ledger::Store* store) {
    const std::string key = ledger::BodyKey(Height(3));
    std::string body = store->Get(ledger::Family::kBlocks, key)->value();
    body.back() = static_cast<char>(body.back() ^ 1);
    ledger::Batch batch;
    batch.Put(ledger::Family::kBlocks, key, body);
    ASSERT_TRUE(store->Apply(batch).ok());
  });
  const auto verdict = Audit();
  EXPECT_EQ(verdict.status().code(), absl::StatusCode::kDataLoss);
  const std::string text(verdict.status().message());
  EXPECT_NE(text.find("NOT sound: at height 3: "), std::string::npos) << text;
}

// A replay alone would not see it: the block gives what it gave.
TEST_F(AuditTest, FindsATransactionThatItsAccountDidNotSign) {
  is_forged_ = true;
  ChangeLedger([&](ledger::Store* store) {
    auto exchange = exchange::Exchange::Open(store);
    ASSERT_TRUE(exchange.ok());
    const exchange::AppInfo info = (*exchange)->Info();
    exchange::Block block;
    block.height = Height(info.head.height.value() + 1);
    block.time = TimeMicros(info.head.time.value() + 1);
    block.parent_hash = info.head.block_hash;
    block.transactions.push_back(Transfer(info.genesis_hash, kBlocks, block.time));
    ASSERT_TRUE((*exchange)->FinalizeBlock(block).ok());
    ASSERT_TRUE((*exchange)->Commit().ok());
  });
  const std::string text(Audit().status().message());
  EXPECT_NE(text.find("at height 5: validators accept no such block: a signature is wrong"),
            std::string::npos)
      << text;
}

TEST_F(AuditTest, FindsAFinalityRecordOfNoBlock) {
  ChangeLedger([&](ledger::Store* store) {
    ledger::Batch batch;
    batch.Put(ledger::Family::kFinality, "h of no block", "a header");
    ASSERT_TRUE(store->Apply(batch).ok());
  });
  const std::string text(Audit().status().message());
  EXPECT_NE(text.find("1 finality records of no block"), std::string::npos) << text;
}

TEST_F(AuditTest, SaysSoWhenTheNodeRuns) {
  const auto store = config::OpenLedger(home_);
  ASSERT_TRUE(store.ok());
  EXPECT_EQ(Audit().status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(AuditTest, SaysSoWhenThereIsNoLedger) {
  fs::remove_all(home_.ledger());
  EXPECT_EQ(Audit().status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(fs::exists(home_.ledger()));
}

}  // namespace
}  // namespace bourse::runtime
