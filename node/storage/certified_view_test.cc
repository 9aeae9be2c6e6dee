#include "node/storage/certified_view.h"

#include <gtest/gtest.h>

#include "ledger/memory_store.h"
#include "node/consensus/validators.h"
#include "node/storage/block_archive.h"

namespace bourse::storage {
namespace {

const consensus::Validators kOne(Hash256{}, {PublicKey{}});

consensus::ExecutionCertificate Certificate(std::uint64_t height) {
  consensus::ExecutionCertificate certificate;
  certificate.executed.height = Height(height);
  certificate.signatures.resize(1);
  return certificate;
}

TEST(CertifiedViewTest, HasWhatCameLaterAndWhatTheViewHas) {
  ledger::MemoryStore store;
  ArchivingStore archive(&store);
  archive.Keep(Certificate(1));
  ASSERT_TRUE(archive.Flush().ok());
  ArchivedCertificates later;
  AddCertificate(Certificate(2), &later);
  const CertifiedView view(store.Snapshot(), std::move(later));
  for (const std::uint64_t height : {1, 2, 3}) {
    const auto found = ReadExecutionCertificate(view, kOne, Height(height));
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_EQ(found->has_value(), height <= 2) << height;
    if (found->has_value()) {
      EXPECT_EQ(**found, Certificate(height));
    }
  }
}

}  // namespace
}  // namespace bourse::storage
