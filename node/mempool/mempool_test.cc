#include "node/mempool/mempool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace bourse::mempool {
namespace {

AccountId Account(int number) {
  AccountId id;
  id.bytes[0] = static_cast<std::uint8_t>(number);
  return id;
}

// `salt` tells two transactions of one account and nonce apart.
SignedTransaction Make(int account, std::uint64_t nonce, std::uint64_t valid_until = 1'000'000,
                       int salt = 0) {
  SignedTransaction out;
  out.transaction.account = Account(account);
  out.transaction.nonce = Nonce(nonce);
  out.transaction.valid_until = TimeMicros(valid_until);
  out.txid = Hasher("test")
                 .Update(Bytes(out.transaction.account.bytes))
                 .UpdateU64(nonce)
                 .UpdateU64(static_cast<std::uint64_t>(salt))
                 .Finish();
  return out;
}

std::string Encoded(const SignedTransaction& transaction, std::size_t size = 100) {
  std::string out(size, 'x');
  std::copy(transaction.txid.bytes.begin(), transaction.txid.bytes.end(), out.begin());
  return out;
}

absl::StatusOr<std::vector<TxId>> Add(Mempool* pool, int account, std::uint64_t nonce,
                                      std::size_t size = 100) {
  SignedTransaction transaction = Make(account, nonce);
  std::string encoded = Encoded(transaction, size);
  return pool->Add(std::move(transaction), std::move(encoded));
}

std::vector<std::pair<int, std::uint64_t>> Selected(const Mempool& pool, std::size_t count = 1000,
                                                    std::size_t bytes = 1'000'000) {
  std::vector<std::pair<int, std::uint64_t>> out;
  for (const Mempool::Entry* entry : pool.Select(count, bytes)) {
    out.emplace_back(entry->transaction.transaction.account.bytes[0],
                     entry->transaction.transaction.nonce.value());
  }
  return out;
}

using Pairs = std::vector<std::pair<int, std::uint64_t>>;

TEST(MempoolTest, FindsByTxidAndByExactBytes) {
  Mempool pool({});
  ASSERT_TRUE(Add(&pool, 1, 7).ok());
  const SignedTransaction transaction = Make(1, 7);
  ASSERT_NE(pool.Find(transaction.txid), nullptr);
  EXPECT_EQ(pool.Find(transaction.txid)->encoded, Encoded(transaction));
  EXPECT_NE(pool.FindKey(Mempool::KeyOf(Encoded(transaction))), nullptr);
  EXPECT_EQ(pool.FindKey(Mempool::KeyOf("other bytes")), nullptr);
  EXPECT_EQ(pool.Find(Make(1, 8).txid), nullptr);
}

TEST(MempoolTest, TheSameTransactionAgainAlreadyExistsWhateverItsSignature) {
  Mempool pool({});
  ASSERT_TRUE(Add(&pool, 1, 7).ok());
  EXPECT_EQ(Add(&pool, 1, 7).status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Add(&pool, 1, 7, 101).status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(pool.size(), 1u);
}

TEST(MempoolTest, ASecondTransactionWithANonceIsRefused) {
  Mempool pool({});
  ASSERT_TRUE(Add(&pool, 1, 7).ok());
  const SignedTransaction other = Make(1, 7, 1'000'000, /*salt=*/1);
  EXPECT_EQ(pool.Add(other, Encoded(other)).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(MempoolTest, SelectsAccountsInTurnAndEachByNonce) {
  Mempool pool({});
  for (const std::uint64_t nonce : {3, 1, 2}) ASSERT_TRUE(Add(&pool, 1, nonce).ok());
  ASSERT_TRUE(Add(&pool, 2, 9).ok());
  EXPECT_EQ(Selected(pool), (Pairs{{1, 1}, {2, 9}, {1, 2}, {1, 3}}));
  EXPECT_EQ(Selected(pool, 2), (Pairs{{1, 1}, {2, 9}}));
}

TEST(MempoolTest, WhoGotIntoABlockHasTheLastTurnInTheNext) {
  Mempool pool({});
  for (const std::uint64_t nonce : {1, 2}) ASSERT_TRUE(Add(&pool, 1, nonce).ok());
  ASSERT_TRUE(Add(&pool, 2, 1).ok());
  ASSERT_TRUE(pool.Remove(Make(1, 1).txid));
  EXPECT_EQ(Selected(pool, 1), (Pairs{{2, 1}}));
}

TEST(MempoolTest, ATransactionThatDoesNotFitABlockIsNotOvertakenByItsAccountsNext) {
  Mempool pool({});
  ASSERT_TRUE(Add(&pool, 1, 1, 900).ok());
  ASSERT_TRUE(Add(&pool, 1, 2, 100).ok());
  ASSERT_TRUE(Add(&pool, 2, 1, 100).ok());
  EXPECT_EQ(Selected(pool, 10, 500), (Pairs{{2, 1}}));
}

TEST(MempoolTest, WhatIsHeldIsNotChosenUntilItIsReleased) {
  Mempool pool({});
  const auto key = [](std::uint64_t nonce) { return Mempool::KeyOf(Encoded(Make(1, nonce))); };
  for (const std::uint64_t nonce : {1, 2}) {
    const SignedTransaction transaction = Make(1, nonce);
    ASSERT_TRUE(pool.Add(transaction, Encoded(transaction), 100 + nonce).ok());
  }
  EXPECT_EQ(pool.EarliestAvailable(), 101u);
  EXPECT_TRUE(pool.SetHeld(key(1), true));
  EXPECT_EQ(pool.EarliestAvailable(), 102u);
  EXPECT_EQ(Selected(pool), (Pairs{{1, 2}}));
  EXPECT_TRUE(pool.SetHeld(key(2), true));
  EXPECT_EQ(pool.EarliestAvailable(), std::nullopt);
  EXPECT_TRUE(pool.SetHeld(key(1), false));
  EXPECT_EQ(pool.EarliestAvailable(), 101u);
  EXPECT_EQ(Selected(pool), (Pairs{{1, 1}}));
  EXPECT_TRUE(pool.Remove(Make(1, 1).txid));
  EXPECT_EQ(pool.EarliestAvailable(), std::nullopt);
  EXPECT_FALSE(pool.SetHeld(key(1), true));
}

TEST(MempoolTest, SelectsOnlyWhatIsValidAtTheBlocksTime) {
  Mempool pool({});
  constexpr std::uint64_t kTime = 1'000;
  for (const std::uint64_t until : {kTime, kTime + 1, kTime + limits::kMaxLifetimeMicros,
                                    kTime + limits::kMaxLifetimeMicros + 1}) {
    const SignedTransaction transaction = Make(1, until, until);
    ASSERT_TRUE(pool.Add(transaction, Encoded(transaction)).ok());
  }
  const auto chosen = pool.Select(10, 1'000'000, TimeMicros(kTime));
  ASSERT_EQ(chosen.size(), 2u);
  EXPECT_EQ(chosen[0]->transaction.transaction.valid_until, TimeMicros(kTime + 1));
}

TEST(MempoolTest, RemovesWhatExpiresByTheBlocksTime) {
  Mempool pool({});
  for (const std::uint64_t until : {10, 11, 12}) {
    const SignedTransaction transaction = Make(1, until, until);
    ASSERT_TRUE(pool.Add(transaction, Encoded(transaction)).ok());
  }
  const std::vector<TxId> expired = pool.RemoveExpired(TimeMicros(11));
  EXPECT_EQ(expired, (std::vector<TxId>{Make(1, 10).txid, Make(1, 11).txid}));
  EXPECT_EQ(Selected(pool), (Pairs{{1, 12}}));
}

TEST(MempoolTest, AnAccountHasItsBound) {
  Mempool pool({.per_account_max = 2});
  ASSERT_TRUE(Add(&pool, 1, 1).ok());
  ASSERT_TRUE(Add(&pool, 1, 2).ok());
  EXPECT_EQ(Add(&pool, 1, 3).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(Add(&pool, 2, 1).ok());
}

TEST(MempoolTest, AFullPoolTakesFromWhoHoldsMostForWhoHoldsLess) {
  Mempool pool({.transactions_max = 4});
  for (const std::uint64_t nonce : {1, 2, 3, 4}) ASSERT_TRUE(Add(&pool, 1, nonce).ok());
  const absl::StatusOr<std::vector<TxId>> evicted = Add(&pool, 2, 1);
  ASSERT_TRUE(evicted.ok());
  EXPECT_EQ(*evicted, (std::vector<TxId>{Make(1, 4).txid}));
  EXPECT_EQ(Add(&pool, 1, 5).status().code(), absl::StatusCode::kResourceExhausted);
  ASSERT_TRUE(Add(&pool, 2, 2).ok());
  EXPECT_EQ(Add(&pool, 2, 3).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Selected(pool), (Pairs{{2, 1}, {1, 1}, {2, 2}, {1, 2}}));
}

TEST(MempoolTest, ARefusalEvictsNothing) {
  Mempool pool({.bytes_max = 1000});
  for (const std::uint64_t nonce : {1, 2, 3, 4, 5}) ASSERT_TRUE(Add(&pool, 1, nonce, 200).ok());
  EXPECT_EQ(Add(&pool, 2, 1, 900).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(pool.size(), 5u);
  EXPECT_EQ(pool.bytes(), 1000u);
}

TEST(MempoolTest, ManySmallOperationsCountForWhatTheyTakeInMemory) {
  constexpr std::size_t kMemory = 100'000;
  Mempool pool({.memory_max = kMemory});
  const auto add = [&](int account, std::uint64_t nonce) {
    SignedTransaction transaction = Make(account, nonce);
    for (int i = 0; i < 200; ++i) transaction.transaction.operations.emplace_back(CancelAll{});
    std::string encoded = Encoded(transaction, 1'000);
    return pool.Add(std::move(transaction), std::move(encoded));
  };
  std::uint64_t nonce = 0;
  while (add(1, nonce).ok()) ASSERT_LT(++nonce, 100u);
  EXPECT_GE(nonce, 2u);
  EXPECT_LE(pool.memory(), kMemory);
  EXPECT_GE(pool.memory(), nonce * 200 * sizeof(Operation));
  const auto evicted = add(2, 0);
  ASSERT_TRUE(evicted.ok());
  EXPECT_EQ(*evicted, (std::vector<TxId>{Make(1, nonce - 1).txid}));
  EXPECT_LE(pool.memory(), kMemory);
  while (!pool.empty()) pool.Remove(pool.Select(1, 1'000'000).front()->transaction.txid);
  EXPECT_EQ(pool.memory(), 0u);
}

// Random adds, removals and expiries against a plain list.
class MempoolModelTest : public testing::TestWithParam<unsigned> {};

TEST_P(MempoolModelTest, KeepsItsInvariants) {
  const Options options{.transactions_max = 40, .bytes_max = 6'000, .per_account_max = 15};
  Mempool pool(options);
  std::map<TxId, std::pair<SignedTransaction, std::string>> model;
  std::mt19937 random(GetParam());
  const auto draw = [&random](unsigned below) { return static_cast<int>(random() % below); };
  std::uint64_t time = 0;

  for (int step = 0; step < 5'000; ++step) {
    const int kind = draw(10);
    if (kind < 7) {
      const SignedTransaction transaction =
          Make(draw(5) == 0 ? draw(8) : draw(2), static_cast<std::uint64_t>(draw(60)),
               time + 1 + static_cast<std::uint64_t>(draw(50)), draw(3));
      const std::string encoded = Encoded(transaction, 50 + static_cast<std::size_t>(draw(400)));
      const absl::StatusOr<std::vector<TxId>> evicted = pool.Add(transaction, encoded);
      if (evicted.ok()) {
        for (const TxId& txid : *evicted) ASSERT_EQ(model.erase(txid), 1u);
        ASSERT_TRUE(model.try_emplace(transaction.txid, transaction, encoded).second);
      }
    } else if (kind < 9 && !model.empty()) {
      const TxId txid = std::next(model.begin(), draw(unsigned(model.size())))->first;
      ASSERT_TRUE(pool.Remove(txid));
      model.erase(txid);
    } else {
      time += static_cast<std::uint64_t>(draw(10));
      for (const TxId& txid : pool.RemoveExpired(TimeMicros(time))) {
        ASSERT_LE(model.at(txid).first.transaction.valid_until.value(), time);
        model.erase(txid);
      }
    }

    std::size_t bytes = 0;
    std::map<AccountId, std::size_t> counts;
    for (const auto& [txid, value] : model) {
      bytes += value.second.size();
      ++counts[value.first.transaction.account];
      ASSERT_NE(pool.Find(txid), nullptr);
    }
    ASSERT_EQ(pool.size(), model.size());
    ASSERT_EQ(pool.bytes(), bytes);
    ASSERT_LE(pool.size(), options.transactions_max);
    ASSERT_LE(pool.bytes(), options.bytes_max);
    for (const auto& [account, count] : counts) ASSERT_LE(count, options.per_account_max);

    const auto all = pool.Select(1'000, 1'000'000);
    ASSERT_EQ(all.size(), model.size());
    std::map<AccountId, Nonce> last;
    for (const Mempool::Entry* entry : all) {
      const Transaction& transaction = entry->transaction.transaction;
      const auto [it, first] = last.try_emplace(transaction.account, transaction.nonce);
      ASSERT_TRUE(first || it->second < transaction.nonce);
      it->second = transaction.nonce;
    }
    std::size_t some_bytes = 0;
    for (const Mempool::Entry* entry : pool.Select(10, 1'500)) some_bytes += entry->encoded.size();
    ASSERT_LE(some_bytes, 1'500u);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, MempoolModelTest, testing::Range(1u, 9u));

}  // namespace
}  // namespace bourse::mempool
