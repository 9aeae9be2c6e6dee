#include "node/storage/block_archive.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "ledger/memory_store.h"
#include "node/storage/testing/fake_chain.h"

namespace bourse::storage {
namespace {

using consensus::Header;
using ledger::Family;

class BlockArchiveTest : public ::testing::Test {
 protected:
  // Heights 1 to `blocks`; those in `without` have no Final certificate of their own.
  void Write(std::uint64_t blocks, const std::set<std::uint64_t>& without = {}) {
    for (std::uint64_t height = 1; height <= blocks; ++height) {
      ASSERT_TRUE(chain_.Write(&store_, Height(height), !without.contains(height)).ok());
    }
  }

  replica::Blocks Read(std::uint64_t from, std::size_t bytes_max = replica::kAnswerBytes) {
    const auto blocks = ReadBlocks(store_, chain_.validators(), Height(from), bytes_max);
    EXPECT_TRUE(blocks.ok()) << blocks.status();
    if (!blocks.ok()) return {};
    // What is served is a message that may be sent.
    const std::string bytes = replica::Encode(*blocks);
    replica::Message message;
    EXPECT_TRUE(replica::Decode(chain_.validators(), bytes, &message));
    return *blocks;
  }

  // That it gives the blocks from `from` to `last`, the certificate of `certified`, and the headers
  // in between.
  void ExpectRun(const replica::Blocks& blocks, std::uint64_t from, std::uint64_t last,
                 std::uint64_t certified) {
    EXPECT_EQ(blocks.from, Height(from));
    ASSERT_EQ(blocks.blocks.size(), last - from + 1);
    ASSERT_EQ(blocks.headers.size(), certified - last);
    for (std::uint64_t height = from; height <= last; ++height) {
      const replica::FullCandidate& block = blocks.blocks[height - from];
      EXPECT_EQ(HashOf(block.header.header), HashOf(chain_.HeaderOf(Height(height)).header));
      EXPECT_EQ(block.transactions, chain_.TransactionsOf(Height(height)));
    }
    for (std::uint64_t height = last + 1; height <= certified; ++height) {
      EXPECT_EQ(HashOf(blocks.headers[height - last - 1]),
                HashOf(chain_.HeaderOf(Height(height)).header));
    }
    ASSERT_EQ(blocks.certificate.size(), 1u);
    EXPECT_EQ(blocks.certificate.front(), chain_.FinalOf(Height(certified)));
  }

  testing::FakeChain chain_;
  ledger::MemoryStore memory_;
  ArchivingStore store_{&memory_};
};

TEST_F(BlockArchiveTest, GivesBlocksInARowAndTheCertificateOfTheLast) {
  Write(5);
  ExpectRun(Read(1), 1, 5, 5);
  ExpectRun(Read(4), 4, 5, 5);
}

TEST_F(BlockArchiveTest, HasNoBlocksBeyondItsEnd) {
  EXPECT_TRUE(Read(1).blocks.empty());
  Write(3);
  EXPECT_TRUE(Read(4).blocks.empty());
  EXPECT_EQ(Read(4).from, Height(4));
}

TEST_F(BlockArchiveTest, EndsARunWithABlockThatIsCertified) {
  Write(6, {3, 5, 6});
  ExpectRun(Read(1), 1, 4, 4);
  ExpectRun(Read(3), 3, 4, 4);
  EXPECT_TRUE(Read(5).blocks.empty());  // not yet
}

TEST_F(BlockArchiveTest, KeepsToTheBytesButGivesOneBlock) {
  chain_.SetSize(10, 1'000);
  Write(9);
  ExpectRun(Read(1, 31'000), 1, 3, 3);
  ExpectRun(Read(1, 10), 1, 1, 1);
}

TEST_F(BlockArchiveTest, CutsBackToACertifiedBlockWithinTheBytes) {
  chain_.SetSize(10, 1'000);
  Write(9, {2, 3, 4});
  ExpectRun(Read(1, 31'000), 1, 1, 1);
}

TEST_F(BlockArchiveTest, GivesHeadersDownToTheCertifiedBlockIfBlocksDoNotFit) {
  chain_.SetSize(10, 1'000);
  Write(9, {1, 2, 3, 4, 5, 6});
  ExpectRun(Read(1, 31'000), 1, 3, 7);
  ExpectRun(Read(5, 10), 5, 5, 7);
}

TEST_F(BlockArchiveTest, ServesTheLargestBlocksWhereverTheirCertificatesAre) {
  chain_.SetSize(64, 65'536);
  Write(4, {1, 2, 3});
  for (std::uint64_t from = 1; from <= 4; ++from) ExpectRun(Read(from), from, from, 4);
}

TEST_F(BlockArchiveTest, GivesNoMoreBlocksThanAMessageMayHave) {
  chain_.SetSize(0, 0);
  Write(replica::kMaxRun + 10);
  ExpectRun(Read(1), 1, replica::kMaxRun, replica::kMaxRun);
}

TEST_F(BlockArchiveTest, GivesExecutionCertificatesOfTheBlocksThatItGives) {
  Write(2);
  store_.Keep(chain_.ExecutionOf(Height(1)));
  store_.Keep(chain_.ExecutionOf(Height(2)));
  ASSERT_TRUE(chain_.Write(&store_, Height(3), true).ok());
  ASSERT_TRUE(chain_.Write(&store_, Height(4), false).ok());
  store_.Keep(chain_.ExecutionOf(Height(4)));
  ASSERT_TRUE(store_.Flush().ok());
  const replica::Blocks blocks = Read(2);
  ASSERT_EQ(blocks.blocks.size(), 2u);  // not 4, which is not certified
  ASSERT_EQ(blocks.executions.size(), 1u);
  EXPECT_EQ(blocks.executions.front(), chain_.ExecutionOf(Height(2)));
  const auto of = [&](std::uint64_t height) {
    return ReadExecutionCertificate(store_, chain_.validators(), Height(height));
  };
  EXPECT_EQ(of(1)->value(), chain_.ExecutionOf(Height(1)));
  EXPECT_EQ(of(4)->value(), chain_.ExecutionOf(Height(4)));
  EXPECT_FALSE(of(3)->has_value());
}

TEST_F(BlockArchiveTest, ReadsTheHeadAsTheReplicaWantsIt) {
  Write(2);
  const auto head = ReadHead(store_, chain_.validators(), Height(2));
  ASSERT_TRUE(head.ok()) << head.status();
  ASSERT_TRUE(head->header.has_value());
  EXPECT_EQ(HashOf(head->header->header), HashOf(chain_.HeaderOf(Height(2)).header));
  EXPECT_EQ(head->executed, chain_.ExecutionOf(Height(2)).executed);
  EXPECT_EQ(ReadHead(store_, chain_.validators(), Height(3)).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(BlockArchiveTest, ReadsTheHeadOfALedgerThatIsOlderThanTheArchive) {
  ASSERT_TRUE(store_.Apply(chain_.BatchOf(Height(1))).ok());
  const auto head = ReadHead(store_, chain_.validators(), Height(1));
  ASSERT_TRUE(head.ok()) << head.status();
  EXPECT_FALSE(head->header.has_value());
  EXPECT_TRUE(Read(1).blocks.empty());
}

TEST_F(BlockArchiveTest, ReportsDamage) {
  Write(2);
  std::vector<std::string> keys;
  ASSERT_TRUE(memory_
                  .Scan(Family::kFinality, "", "",
                        [&](std::string_view key, std::string_view) {
                          keys.emplace_back(key);
                          return true;
                        })
                  .ok());
  ASSERT_EQ(keys.size(), 4u);
  for (const std::string& key : keys) {
    const std::string good = **memory_.Get(Family::kFinality, key);
    ledger::Batch bad, repair;
    bad.Put(Family::kFinality, key, good.substr(1));
    repair.Put(Family::kFinality, key, good);
    ASSERT_TRUE(memory_.Apply(bad).ok());
    EXPECT_EQ(ReadBlocks(store_, chain_.validators(), Height(1), 1'000).status().code(),
              absl::StatusCode::kDataLoss)
        << key;
    ASSERT_TRUE(memory_.Apply(repair).ok());
  }
}

// A store that counts what it is to apply, and may refuse.
class CountingStore final : public ledger::Store {
 public:
  absl::StatusOr<std::optional<std::string>> Get(Family, std::string_view) const override {
    return std::optional<std::string>();
  }
  absl::Status Scan(Family, std::string_view, std::string_view,
                    const std::function<bool(std::string_view, std::string_view)>&) const override {
    return absl::OkStatus();
  }
  absl::Status ScanBack(
      Family, std::string_view, std::string_view,
      const std::function<bool(std::string_view, std::string_view)>&) const override {
    return absl::OkStatus();
  }
  std::unique_ptr<ledger::View> Snapshot() const override { return nullptr; }
  absl::Status Apply(const ledger::Batch& batch) override {
    changes.push_back(batch.changes().size());
    return result;
  }

  std::vector<std::size_t> changes;
  absl::Status result;
};

TEST_F(BlockArchiveTest, WritesWithTheBlockInOneBatchAndOnlyOnce) {
  CountingStore counting;
  ArchivingStore store(&counting);
  ASSERT_TRUE(store.Apply(ledger::Batch()).ok());  // the genesis, say
  store.Keep(chain_.ExecutionOf(Height(1)));
  ASSERT_TRUE(chain_.Write(&store, Height(2), true).ok());
  ASSERT_TRUE(chain_.Write(&store, Height(3), false).ok());
  ASSERT_TRUE(store.Flush().ok());
  EXPECT_EQ(counting.changes, (std::vector<std::size_t>{0, 2 + 3, 2 + 1}));
}

TEST_F(BlockArchiveTest, ForgetsNothingThatCouldNotBeWritten) {
  CountingStore counting;
  ArchivingStore store(&counting);
  counting.result = absl::UnavailableError("full");
  EXPECT_FALSE(chain_.Write(&store, Height(1), true).ok());
  counting.result = absl::OkStatus();
  EXPECT_TRUE(store.Apply(chain_.BatchOf(Height(1))).ok());
  EXPECT_EQ(counting.changes, (std::vector<std::size_t>{2 + 2, 2 + 2}));
}

TEST_F(BlockArchiveTest, StopsWhereABatchIsOfAnotherBlock) {
  store_.SetNext(chain_.HeaderOf(Height(1)), std::nullopt);
  EXPECT_DEATH(store_.Apply(chain_.BatchOf(Height(2))).IgnoreError(), "CHECK");
}

}  // namespace
}  // namespace bourse::storage
