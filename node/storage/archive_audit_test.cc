#include "node/storage/archive_audit.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/hash.h"
#include "ledger/memory_store.h"
#include "node/storage/block_archive.h"
#include "node/storage/evidence_store.h"
#include "node/storage/testing/fake_chain.h"

namespace bourse::storage {
namespace {

using ledger::Family;

constexpr std::uint64_t kBlocks = 5;

class ArchiveAuditTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (std::uint64_t height = 1; height <= kBlocks; ++height) {
      ASSERT_TRUE(chain_.Write(&store_, Height(height), height % 2 == 0).ok());
      if (height < kBlocks) store_.Keep(chain_.ExecutionOf(Height(height)));
    }
    ASSERT_TRUE(KeepEvidence(&memory_, chain_.EvidenceOf(2, 7)).ok());
  }

  absl::StatusOr<ArchiveCounts> Audit() {
    return CheckArchive(memory_, chain_.validators(), Height(kBlocks));
  }
  void Put(Family family, const std::string& key, std::string value) {
    ledger::Batch batch;
    batch.Put(family, key, std::move(value));
    ASSERT_TRUE(memory_.Apply(batch).ok());
  }
  void Delete(const std::string& key) {
    ledger::Batch batch;
    batch.Delete(Family::kFinality, key);
    ASSERT_TRUE(memory_.Apply(batch).ok());
  }
  std::vector<std::pair<std::string, std::string>> Records() {
    std::vector<std::pair<std::string, std::string>> out;
    EXPECT_TRUE(memory_
                    .Scan(Family::kFinality, "", "",
                          [&](std::string_view key, std::string_view value) {
                            out.emplace_back(key, value);
                            return true;
                          })
                    .ok());
    return out;
  }

  testing::FakeChain chain_;
  ledger::MemoryStore memory_;
  ArchivingStore store_{&memory_};
};

TEST_F(ArchiveAuditTest, CountsWhatItFindsGood) {
  const auto counts = Audit();
  ASSERT_TRUE(counts.ok()) << counts.status();
  EXPECT_EQ(counts->blocks, kBlocks);
  EXPECT_EQ(counts->finalized, Height(4));
  EXPECT_EQ(counts->final_certificates, 2u);
  EXPECT_EQ(counts->execution_certificates, 4u);
  EXPECT_EQ(counts->certified, Height(4));
  EXPECT_EQ(counts->evidence, 1u);
}

// But for the leader's signature of a header: what finalizes a block are the others' over its hash.
TEST_F(ArchiveAuditTest, FindsAnyChangedByte) {
  for (const auto& [key, good] : Records()) {
    const std::size_t size = key.front() == 'h' ? good.size() - sizeof(Signature) : good.size();
    for (std::size_t at = 0; at < size; at += 5) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ 1);
      Put(Family::kFinality, key, bad);
      EXPECT_EQ(Audit().status().code(), absl::StatusCode::kDataLoss)
          << ToHex(AsBytes(key)) << " byte " << at;
    }
    Put(Family::kFinality, key, good);
  }
  EXPECT_TRUE(Audit().ok());
}

TEST_F(ArchiveAuditTest, FindsAHeaderThatIsMissing) {
  for (const auto& [key, good] : Records()) {
    if (key.front() != 'h') continue;
    Delete(key);
    EXPECT_EQ(Audit().status().code(), absl::StatusCode::kDataLoss) << ToHex(AsBytes(key));
    Put(Family::kFinality, key, good);
  }
}

TEST_F(ArchiveAuditTest, FindsRecordsOfNoBlock) {
  for (const auto& [key, good] : Records()) {
    std::string other = key;
    other[1] = '\x01';  // a far height; for evidence, validator 256
    Put(Family::kFinality, other, good);
    EXPECT_FALSE(Audit().ok()) << ToHex(AsBytes(other));
    Delete(other);
  }
  Put(Family::kFinality, "zzz", "what is this");
  EXPECT_EQ(Audit().status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(ArchiveAuditTest, FindsBlocksOfWhichAQuorumSaysOtherwise) {
  ledger::Batch batch = chain_.BatchOf(Height(3));
  for (const ledger::Batch::Change& change : batch.changes()) {
    std::string bad(*change.value);
    bad[bad.size() - 20] = static_cast<char>(bad[bad.size() - 20] ^ 1);  // the state root
    if (change.key.front() == 'h') Put(change.family, std::string(change.key), bad);
  }
  const absl::Status status = Audit().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(std::string(status.message()).find("at height 3: what a quorum certifies"),
            std::string::npos)
      << status;
}

TEST_F(ArchiveAuditTest, LetsALedgerBeThatHasNoArchive) {
  ledger::MemoryStore plain;
  for (std::uint64_t height = 1; height <= kBlocks; ++height) {
    ASSERT_TRUE(plain.Apply(chain_.BatchOf(Height(height))).ok());
  }
  const auto counts = CheckArchive(plain, chain_.validators(), Height(kBlocks));
  ASSERT_TRUE(counts.ok()) << counts.status();
  EXPECT_EQ(counts->blocks, 0u);
}

}  // namespace
}  // namespace bourse::storage
