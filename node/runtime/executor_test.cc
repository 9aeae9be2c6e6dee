#include "node/runtime/executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "common/ed25519.h"
#include "ledger/forwarding_store.h"
#include "ledger/genesis.h"
#include "ledger/memory_store.h"

namespace bourse::runtime {
namespace {

using ::testing::Contains;
using ::testing::Not;
using Steps = std::vector<std::string>;

constexpr std::uint64_t kStart = 1'000'000;

ledger::Genesis MakeGenesis() {
  std::array<std::uint8_t, 32> seed{};
  const KeyPair key = KeyPair::FromSeed(seed);
  ledger::Genesis genesis;
  genesis.chain_name = "executor";
  genesis.time = TimeMicros(kStart);
  genesis.assets = {{"BRS", 6, {}, 1'000}};
  genesis.accounts = {{key.public_key(), {{0, 1'000}}}};
  genesis.validators = {{"v", key.public_key()}};
  return genesis;
}

replica::Execute EmptyBlock(std::uint64_t height) {
  replica::Execute block;
  block.header.header.protocol_version = exchange::kProtocolVersion;
  block.header.header.height = Height(height);
  block.header.header.time = TimeMicros(kStart + height);
  block.transactions = std::make_shared<const std::vector<std::string>>();
  return block;
}

// Notes what happens, in order.
class Diary {
 public:
  void Add(std::string what) {
    const std::lock_guard lock(mutex_);
    steps_.push_back(std::move(what));
  }
  [[nodiscard]] Steps steps() const {
    const std::lock_guard lock(mutex_);
    return steps_;
  }

 private:
  mutable std::mutex mutex_;
  Steps steps_;
};

class WatchedStore final : public ledger::ForwardingStore {
 public:
  WatchedStore(ledger::Store* store, Diary* diary) : ForwardingStore(store), diary_(diary) {}

  absl::Status Apply(const ledger::Batch& batch) override {
    diary_->Add("write");
    std::unique_lock lock(mutex_);
    free_.wait(lock, [this] { return !held_; });
    return fails_ ? absl::DataLossError("the disk is gone") : ForwardingStore::Apply(batch);
  }
  void Fail() { fails_ = true; }
  // From now on writes wait, until LetGo.
  void Hold() { Set(true); }
  void LetGo() { Set(false); }

 private:
  void Set(bool held) {
    {
      const std::lock_guard lock(mutex_);
      held_ = held;
    }
    free_.notify_all();
  }

  Diary* const diary_;
  bool fails_ = false;
  std::mutex mutex_;
  std::condition_variable free_;
  bool held_ = false;
};

class ExecutorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto exchange = exchange::Exchange::Open(&memory_);
    ASSERT_TRUE(exchange.ok());
    ASSERT_TRUE((*exchange)->InitChain(MakeGenesis()).ok());
    auto executor = Executor::Open(&store_);
    ASSERT_TRUE(executor.ok());
    executor_ = *std::move(executor);
    executor_->Start(
        {.commit = {[this](const consensus::Executed&) { diary_.Add("executed"); },
                    [this](const std::shared_ptr<const ExecutedBlock>& block) {
                      diary_.Add("committed");
                      if (block->executed.height == Height(2)) done_.Notify();
                    },
                    [this](const absl::Status&) {
                      diary_.Add("failed");
                      done_.Notify();
                    }},
         .checked = [this](const std::vector<CheckedAdmission>&) { diary_.Add("checked"); }});
  }

  // Waits until the exchange has run this block, and no later one is given.
  void AwaitRun(Height height) {
    for (Height next; next.value() != height.value() + 1;) {
      absl::Notification done;
      executor_->Simulate({}, [&](const absl::StatusOr<api::FullReceipt>& receipt) {
        next = receipt->receipt.height;
        done.Notify();
      });
      done.WaitForNotification();
    }
  }

  ledger::MemoryStore memory_;
  Diary diary_;
  WatchedStore store_{&memory_, &diary_};
  absl::Notification done_;
  std::unique_ptr<Executor> executor_;
};

// A validator's signature needs the result; its disk can be slow.
TEST_F(ExecutorTest, TellsWhatABlockDidBeforeItIsWrittenAndOfItsEndAfter) {
  executor_->Execute(EmptyBlock(1));
  executor_->Execute(EmptyBlock(2));
  done_.WaitForNotification();
  executor_->Stop();
  EXPECT_EQ(diary_.steps(),
            (Steps{"executed", "write", "committed", "executed", "write", "committed"}));
}

TEST_F(ExecutorTest, AfterAWriteThatFailedNothingIsRun) {
  store_.Fail();
  executor_->Execute(EmptyBlock(1));
  executor_->Execute(EmptyBlock(2));
  done_.WaitForNotification();
  executor_->Stop();
  EXPECT_EQ(diary_.steps(), (Steps{"executed", "write", "failed"}));
}

TEST_F(ExecutorTest, RunsTheNextBlockWhileOneIsWritten) {
  store_.Hold();
  executor_->Execute(EmptyBlock(1));
  executor_->Execute(EmptyBlock(2));
  AwaitRun(Height(2));
  EXPECT_THAT(diary_.steps(), Not(Contains("committed")));
  store_.LetGo();
  done_.WaitForNotification();
}

// Or one that is refused, as a block has it, would not be found in the ledger.
TEST_F(ExecutorTest, TellsWhatItCheckedAfterTheBlocksBeforeAreOnDisk) {
  store_.Hold();
  executor_->Execute(EmptyBlock(1));
  AwaitRun(Height(1));
  std::vector<Admission> admissions(1);
  executor_->Check(std::move(admissions));
  AwaitRun(Height(1));  // a dry run comes after the checks
  EXPECT_THAT(diary_.steps(), Not(Contains("checked")));
  store_.LetGo();
  executor_->Stop();
  EXPECT_EQ(diary_.steps(), (Steps{"executed", "write", "committed", "checked"}));
}

}  // namespace
}  // namespace bourse::runtime
