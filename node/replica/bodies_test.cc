#include "node/replica/bodies.h"

#include <gtest/gtest.h>

#include "ledger/merkle.h"
#include "node/mempool/mempool.h"
#include "node/replica/branch.h"
#include "node/replica/transaction_cache.h"

namespace bourse::replica {
namespace {

using mempool::Mempool;
using State = Bodies::State;

class BodiesTest : public ::testing::Test {
 protected:
  BodiesTest() {
    header_.header.slot = consensus::Slot(3);
    header_.header.transactions_root = ledger::MerkleRootOf(transactions_);
    id_ = IdOf(header_.header);
    bodies_.AddHeader(header_);
  }
  [[nodiscard]] std::vector<CompactTransaction> List() const {
    std::vector<CompactTransaction> list;
    for (const std::string& one : transactions_) list.push_back({"", Mempool::KeyOf(one)});
    return list;
  }
  [[nodiscard]] bool Add(std::vector<CompactTransaction> list) {
    return bodies_.AddList(id_, std::move(list), [this](const Hash256& key) -> const std::string* {
      return key == Mempool::KeyOf(known_) ? &known_ : nullptr;
    });
  }
  [[nodiscard]] State StateNow() const { return bodies_.Find(id_)->state; }
  std::vector<BlockId> Fill(const std::string& one) {
    return bodies_.Fill(Mempool::KeyOf(one), one);
  }

  std::vector<std::string> transactions_ = {"a", "b", "c"};
  std::string known_ = "b";
  consensus::SignedHeader header_;
  BlockId id_;
  Bodies bodies_;
};

TEST_F(BodiesTest, IsCompletedByWhatIsKnownAndWhatComes) {
  ASSERT_TRUE(Add(List()));
  EXPECT_EQ(StateNow(), State::kPartial);
  EXPECT_EQ(bodies_.Find(id_)->MissingPlaces(), (std::vector<std::uint32_t>{0, 2}));
  EXPECT_TRUE(Fill("c").empty());
  EXPECT_TRUE(Fill("x").empty());
  EXPECT_EQ(StateNow(), State::kPartial);
  EXPECT_TRUE(Fill("a").empty());
  EXPECT_EQ(StateNow(), State::kWhole);
  EXPECT_EQ(*bodies_.Find(id_)->transactions, transactions_);
  EXPECT_EQ(bodies_.Find(id_)->bytes, 3u);
  EXPECT_EQ(bodies_.unchecked().size(), 1u);
  EXPECT_TRUE(bodies_.incomplete().empty());
}

TEST_F(BodiesTest, WhatTravelsWholeNeedsNobody) {
  std::vector<CompactTransaction> list = List();
  list[0].bytes = "a";
  list[2].bytes = "c";
  ASSERT_TRUE(Add(std::move(list)));
  EXPECT_EQ(StateNow(), State::kWhole);
}

TEST_F(BodiesTest, AListOfOtherTransactionsIsForgotten) {
  std::vector<CompactTransaction> list = List();
  list[0].bytes = "x";
  list[2].bytes = "c";
  EXPECT_FALSE(Add(std::move(list)));
  EXPECT_EQ(StateNow(), State::kHeader);
  EXPECT_EQ(bodies_.bytes(), 0u);

  list = List();
  list[0].key = Mempool::KeyOf("x");
  ASSERT_TRUE(Add(std::move(list)));
  EXPECT_TRUE(Fill("c").empty());
  EXPECT_EQ(Fill("x"), std::vector<BlockId>{id_});
  EXPECT_EQ(StateNow(), State::kHeader);
  ASSERT_TRUE(Add(List()));
}

TEST_F(BodiesTest, AListThatNamesOneTwiceIsRefused) {
  std::vector<CompactTransaction> list = List();
  list[2] = list[0];
  EXPECT_FALSE(Add(std::move(list)));
}

TEST_F(BodiesTest, TransactionsWholeAreTakenIfTheyAreTheRoots) {
  EXPECT_FALSE(bodies_.AddTransactions(id_, {"a", "b"}));
  EXPECT_EQ(StateNow(), State::kHeader);
  EXPECT_TRUE(bodies_.AddTransactions(id_, transactions_));
  EXPECT_EQ(StateNow(), State::kWhole);
  bodies_.SetState(id_, State::kChecking);
  EXPECT_TRUE(bodies_.unchecked().empty());
  bodies_.Erase(id_);
  EXPECT_EQ(bodies_.bytes(), 0u);
  EXPECT_TRUE(bodies_.all().empty());
}

TEST(BranchTest, HoldsWhatItsBlocksHoldUntilTheyAreCut) {
  Mempool pool({});
  const std::string encoded = "tx";
  SignedTransaction transaction;
  transaction.txid = HashOf(AsBytes(encoded));
  ASSERT_TRUE(pool.Add(transaction, encoded).ok());
  const Hash256 key = Mempool::KeyOf(encoded);
  const auto id = [](std::uint64_t slot) { return BlockId{consensus::Slot(slot), {}}; };

  Branch branch(&pool);
  branch.Append({id(0), {key}});
  branch.Append({id(1), {key, Mempool::KeyOf("unknown")}});
  EXPECT_EQ(branch.CommonWith({id(0), id(2)}), 1u);
  EXPECT_TRUE(branch.Has(key));
  EXPECT_FALSE(pool.EarliestAvailable().has_value());
  branch.Cut(1);
  EXPECT_FALSE(pool.EarliestAvailable().has_value());
  branch.PopFront();
  EXPECT_TRUE(pool.EarliestAvailable().has_value());
  EXPECT_FALSE(branch.Has(key));
}

TEST(TransactionCacheTest, KnowsWhatCameLately) {
  TransactionCache cache;
  const Hash256 key = Mempool::KeyOf("a");
  EXPECT_TRUE(cache.Add(key, "a", 0));
  EXPECT_FALSE(cache.Add(key, "a", TransactionCache::kGenerationUs));
  ASSERT_NE(cache.Find(key), nullptr);
  EXPECT_TRUE(cache.Add(Mempool::KeyOf("b"), "b", 2 * TransactionCache::kGenerationUs));
  EXPECT_TRUE(cache.Add(key, "a", 3 * TransactionCache::kGenerationUs));
}

TEST(TransactionCacheTest, BytesAreBounded) {
  TransactionCache cache;
  const std::string large(TransactionCache::kBytesMax / 4, 'x');
  std::vector<Hash256> keys;
  for (int i = 0; i < 6; ++i) {
    const std::string encoded = std::to_string(i) + large;
    keys.push_back(Mempool::KeyOf(encoded));
    EXPECT_TRUE(cache.Add(keys.back(), encoded, 0));
  }
  EXPECT_EQ(cache.Find(keys[0]), nullptr);
  EXPECT_NE(cache.Find(keys[5]), nullptr);
  EXPECT_TRUE(cache.Knows(keys[0]));
}

}  // namespace
}  // namespace bourse::replica
