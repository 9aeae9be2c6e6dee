#include "node/replica/peers.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "ledger/merkle.h"
#include "node/replica/catch_up.h"
#include "node/replica/gossip.h"

namespace bourse::replica {
namespace {

using consensus::ValidatorIndex;

constexpr std::uint64_t kSecond = 1'000'000;
constexpr Height kFrom(28);

class PeersTest : public ::testing::Test {
 protected:
  PeersTest() {
    for (std::uint64_t i = 0; i < 3; ++i) {
      peers_.Connect(PeerId(i), ValidatorIndex(static_cast<std::uint16_t>(i)));
    }
    for (std::uint64_t i = 3; i < 5; ++i) peers_.Connect(PeerId(i), std::nullopt);
  }
  Peers peers_;
  Random random_{1};
};

TEST_F(PeersTest, PicksEverybodyButWhoWasAskedLast) {
  std::set<PeerId> picked;
  for (int i = 0; i < 100; ++i) picked.insert(*peers_.Pick(&random_, PeerId(1)));
  EXPECT_EQ(picked, (std::set<PeerId>{PeerId(0), PeerId(2), PeerId(3), PeerId(4)}));
  for (const std::uint64_t i : {0, 2, 3, 4}) peers_.Disconnect(PeerId(i));
  EXPECT_EQ(peers_.Pick(&random_, PeerId(1)), PeerId(1));
  peers_.Disconnect(PeerId(1));
  EXPECT_EQ(peers_.Pick(&random_, std::nullopt), std::nullopt);
}

TEST_F(PeersTest, PrefersWhoAnswers) {
  for (const std::uint64_t i : {0, 1, 2, 3}) peers_.Asked(PeerId(i));
  int answering = 0;
  std::set<PeerId> picked;
  for (int i = 0; i < 400; ++i) {
    picked.insert(*peers_.Pick(&random_, std::nullopt));
    if (peers_.Pick(&random_, std::nullopt) == PeerId(4)) ++answering;
  }
  EXPECT_GT(answering, 300);
  EXPECT_EQ(picked.size(), 5u);
  peers_.Answered(PeerId(0));
  int first = 0;
  for (int i = 0; i < 400; ++i) first += peers_.Pick(&random_, std::nullopt) == PeerId(0) ? 1 : 0;
  EXPECT_GT(first, 100);
}

TEST_F(PeersTest, WhoFailsIsLeftAloneForLongerEachTime) {
  for (const std::uint64_t i : {1, 2, 3, 4}) peers_.Disconnect(PeerId(i));
  std::uint64_t now_us = 0;
  std::uint64_t before = 0;
  for (int round = 0; round < 5; ++round) {
    peers_.Failed(PeerId(0), now_us);
    EXPECT_EQ(peers_.PickUseful(&random_, now_us, std::nullopt), std::nullopt);
    const std::uint64_t pause = *peers_.UsefulAt() - now_us;
    EXPECT_GT(pause, before);
    before = pause;
    now_us += pause;
    EXPECT_EQ(peers_.PickUseful(&random_, now_us, std::nullopt), PeerId(0));
  }
  peers_.Succeeded(PeerId(0));
  EXPECT_EQ(*peers_.UsefulAt(), 0u);
}

TEST_F(PeersTest, AnswersAreWithinAPeersShare) {
  EXPECT_TRUE(peers_.Spend(PeerId(0), Peers::kShareBytes, 5 * kSecond));
  EXPECT_FALSE(peers_.Spend(PeerId(0), 1, 5 * kSecond));
  EXPECT_FALSE(peers_.CanSpend(PeerId(0), 1, 5 * kSecond));
  EXPECT_TRUE(peers_.Spend(PeerId(1), 1, 5 * kSecond));
  EXPECT_TRUE(peers_.CanSpend(PeerId(0), Peers::kShareBytes, 6 * kSecond));
  EXPECT_TRUE(peers_.Spend(PeerId(0), Peers::kShareBytes / 2, 6 * kSecond));
  EXPECT_FALSE(peers_.Spend(PeerId(9), 1, 6 * kSecond));
}

TEST_F(PeersTest, TransactionsGoToWhoDoesNotHaveThem) {
  Gossip gossip(&peers_);
  const auto receivers = [&](std::optional<PeerId> from) {
    gossip.Add("tx", from, 0);
    const std::vector<Gossip::Batch> batches = gossip.Take(Gossip::kDelayUs);
    EXPECT_EQ(batches.size(), 1u);
    return batches.at(0).to;
  };
  EXPECT_EQ(receivers(std::nullopt), peers_.All());
  EXPECT_EQ(receivers(PeerId(1)), (std::vector<PeerId>{PeerId(3), PeerId(4)}));
  EXPECT_EQ(receivers(PeerId(3)),
            (std::vector<PeerId>{PeerId(0), PeerId(1), PeerId(2), PeerId(4)}));
}

TEST_F(PeersTest, TransactionsGoInBatchesThatWaitForLittle) {
  Gossip gossip(&peers_);
  for (int i = 0; i < 10; ++i) gossip.Add("tx", std::nullopt, 100);
  EXPECT_TRUE(gossip.Take(101).empty());
  ASSERT_EQ(gossip.timer_us(), 100 + Gossip::kDelayUs);
  EXPECT_EQ(gossip.Take(*gossip.timer_us()).at(0).transactions.encoded.size(), 10u);
  EXPECT_EQ(gossip.timer_us(), std::nullopt);
  gossip.Add(std::string(Gossip::kBatchBytes, 'x'), std::nullopt, 200);
  EXPECT_EQ(gossip.Take(200).size(), 1u);
}

TEST_F(PeersTest, CatchingUpAsksAnotherWhenTheFirstIsLate) {
  CatchUp catch_up(&peers_, &random_);
  EXPECT_EQ(catch_up.Next(kFrom, 0), std::nullopt);
  catch_up.Want(true, 10);
  EXPECT_EQ(catch_up.Next(kFrom, 9), std::nullopt);
  EXPECT_EQ(catch_up.timer_us(), 10u);
  const std::optional<PeerId> first = catch_up.Next(kFrom, 10);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(catch_up.Next(kFrom, 11), std::nullopt);
  const std::optional<PeerId> second = catch_up.Next(kFrom, *catch_up.timer_us());
  ASSERT_TRUE(second.has_value());
  EXPECT_NE(first, second);
  EXPECT_EQ(catch_up.Next(kFrom, 10 + CatchUp::kPatienceUs), std::nullopt);
  catch_up.Answered(*second, kFrom, true, 10 + CatchUp::kPatienceUs);
  const std::optional<PeerId> third = catch_up.Next(kFrom, 10 + 2 * CatchUp::kPatienceUs);
  ASSERT_TRUE(third.has_value());
  EXPECT_NE(third, first);
}

TEST_F(PeersTest, BlocksThatCatchingUpDidNotAskForSayNothingAgainstAPeer) {
  CatchUp catch_up(&peers_, &random_);
  catch_up.Want(true, 0);
  const std::optional<PeerId> peer = catch_up.Next(kFrom, 0);
  ASSERT_TRUE(peer.has_value());
  catch_up.Answered(*peer, Height(82), false, 1);
  EXPECT_EQ(peers_.FailuresOf(*peer), 0u);
  EXPECT_TRUE(catch_up.IsAsking()) << "the answer is still to come";
  catch_up.Answered(*peer, kFrom, false, 2);
  EXPECT_EQ(peers_.FailuresOf(*peer), 1u);
  EXPECT_FALSE(catch_up.IsAsking());
}

TEST_F(PeersTest, CatchingUpWaitsWhenNobodyHasAnything) {
  CatchUp catch_up(&peers_, &random_);
  catch_up.Want(true, 0);
  int asked = 0;
  while (const std::optional<PeerId> peer = catch_up.Next(kFrom, 0)) {
    ++asked;
    catch_up.Answered(*peer, kFrom, false, 0);
  }
  EXPECT_EQ(asked, 5);
  EXPECT_GT(*catch_up.timer_us(), 0u);
  EXPECT_EQ(catch_up.FruitlessUs(7), 7u);
  EXPECT_TRUE(catch_up.Next(kFrom, *catch_up.timer_us()).has_value());
}

// Blocks of heights 5 to 7.
Blocks GoodRun() {
  Blocks run{Height(5), {}, {}, {}, {}};
  consensus::BlockId parent{consensus::Slot(9), HashOf(AsBytes("parent"))};
  for (std::uint64_t i = 0; i < 3; ++i) {
    FullCandidate block;
    block.transactions = {"tx" + std::to_string(i)};
    block.header.header.slot = consensus::Slot(10 + 2 * i);
    block.header.header.height = Height(5 + i);
    block.header.header.parent_slot = parent.slot;
    block.header.header.parent_hash = parent.hash;
    block.header.header.transactions_root = ledger::MerkleRootOf(block.transactions);
    parent = IdOf(block.header.header);
    run.blocks.push_back(std::move(block));
  }
  run.certificate.push_back({{consensus::VoteKind::kFinal, parent.slot, parent.hash}, {}});
  return run;
}

TEST(WrongInRunTest, OnlyAnUnbrokenCertifiedRunIsRight) {
  EXPECT_EQ(WrongInRun(GoodRun()), "");
  Blocks by_descendant = GoodRun();
  by_descendant.headers.push_back(by_descendant.blocks.back().header.header);
  by_descendant.blocks.pop_back();
  EXPECT_EQ(WrongInRun(by_descendant), "");

  const auto broken = [](const std::function<void(Blocks*)>& change) {
    Blocks run = GoodRun();
    change(&run);
    return !WrongInRun(run).empty();
  };
  EXPECT_TRUE(broken([](Blocks* run) { run->from = Height(4); }));
  EXPECT_TRUE(broken([](Blocks* run) { run->blocks[1].transactions[0] = "another"; }));
  EXPECT_TRUE(broken([](Blocks* run) { run->blocks.erase(run->blocks.begin() + 1); }));
  EXPECT_TRUE(broken([](Blocks* run) { run->blocks.pop_back(); }));
  EXPECT_TRUE(broken([](Blocks* run) { run->blocks[0].header.header.time = TimeMicros(7); }));
  EXPECT_TRUE(broken([](Blocks* run) { run->certificate[0].vote.hash = {}; }));
}

}  // namespace
}  // namespace bourse::replica
