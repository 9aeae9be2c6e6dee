#include "node/storage/evidence_store.h"

#include <gtest/gtest.h>

#include <string>

#include "ledger/memory_store.h"
#include "node/storage/testing/fake_chain.h"

namespace bourse::storage {
namespace {

using consensus::Evidence;
class EvidenceStoreTest : public ::testing::Test {
 protected:
  bool Keep(const Evidence& evidence) {
    const auto kept = KeepEvidence(&store_, evidence);
    EXPECT_TRUE(kept.ok()) << kept.status();
    return *kept;
  }
  std::vector<Evidence> Read() {
    const auto all = ReadEvidence(store_, chain_.validators());
    EXPECT_TRUE(all.ok()) << all.status();
    return all.value_or(std::vector<Evidence>());
  }

  testing::FakeChain chain_;
  ledger::MemoryStore store_;
};

TEST_F(EvidenceStoreTest, GivesBackWhatItKeepsByValidator) {
  EXPECT_TRUE(Keep(chain_.EvidenceOf(3, 7)));
  EXPECT_TRUE(Keep(chain_.EvidenceOf(1, 9)));
  const auto all = Read();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(Encode(all[0]), Encode(chain_.EvidenceOf(1, 9)));
  EXPECT_EQ(Encode(all[1]), Encode(chain_.EvidenceOf(3, 7)));
}

TEST_F(EvidenceStoreTest, KeepsTheSameOnce) {
  EXPECT_TRUE(Keep(chain_.EvidenceOf(1, 7)));
  EXPECT_FALSE(Keep(chain_.EvidenceOf(1, 7)));
  EXPECT_EQ(Read().size(), 1u);
}

TEST_F(EvidenceStoreTest, KeepsSoMuchOfEachValidatorAndNoMore) {
  for (std::uint64_t slot = 0; slot < kMaxEvidencePerValidator; ++slot) {
    ASSERT_TRUE(Keep(chain_.EvidenceOf(1, slot)));
  }
  EXPECT_FALSE(Keep(chain_.EvidenceOf(1, kMaxEvidencePerValidator)));
  EXPECT_TRUE(Keep(chain_.EvidenceOf(2, 0)));
  EXPECT_EQ(Read().size(), kMaxEvidencePerValidator + 1);
}

TEST_F(EvidenceStoreTest, IsNoBlockAndBlocksAreNoEvidence) {
  ArchivingStore archive(&store_);
  ASSERT_TRUE(chain_.Write(&archive, Height(1), true).ok());
  EXPECT_TRUE(Read().empty());
}

TEST_F(EvidenceStoreTest, ReportsDamage) {
  ledger::Batch batch;
  batch.Put(ledger::Family::kFinality, "v000", "x");
  ASSERT_TRUE(store_.Apply(batch).ok());
  EXPECT_EQ(ReadEvidence(store_, chain_.validators()).status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace bourse::storage
