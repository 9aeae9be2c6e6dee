#include "node/storage/consensus_log.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "node/storage/log_format.h"
#include "node/storage/posix_disk.h"
#include "node/storage/testing/faulty_disk.h"
#include "node/storage/testing/power_loss_disk.h"

namespace bourse::storage {
namespace {

using Records = std::vector<std::string>;

constexpr char kFolder[] = "/log";
constexpr char kFirstSegment[] = "/log/00000000000000000001.segment";

class ConsensusLogTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(ConsensusLog::Create(&disk_, kFolder).ok()); }

  ConsensusLog::Opened Open() {
    auto opened = ConsensusLog::Open(&disk_, kFolder);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return *std::move(opened);
  }

  // The live segment's file, and its bytes.
  std::string Path() {
    std::string path;
    const auto names = disk_.List(kFolder);
    for (const std::string& name : names.value()) {
      if (name.ends_with(".segment")) path = absl::StrCat(kFolder, "/", name);
    }
    return path;
  }
  std::string Bytes() {
    const auto file = disk_.Open(Path());
    return *(*file)->Read(0, *(*file)->Size());
  }
  void Damage(const std::string& bytes) { ASSERT_TRUE(disk_.Overwrite(Path(), bytes).ok()); }

  absl::StatusCode CodeOfOpen() { return ConsensusLog::Open(&disk_, kFolder).status().code(); }

  testing::PowerLossDisk disk_{1};
};

TEST_F(ConsensusLogTest, GivesBackItsRecordsInOrder) {
  auto opened = Open();
  EXPECT_EQ(opened.records, Records());
  ASSERT_TRUE(opened.log->Append(Records{"a", "", "bc"}).ok());
  ASSERT_TRUE(opened.log->Append(Records{std::string(10'000, 'd')}).ok());
  opened = Open();
  EXPECT_EQ(opened.records, (Records{"a", "", "bc", std::string(10'000, 'd')}));
  EXPECT_FALSE(opened.dropped_tail);
}

TEST_F(ConsensusLogTest, GoesOnAfterItWasOpened) {
  ASSERT_TRUE(Open().log->Append(Records{"a"}).ok());
  ASSERT_TRUE(Open().log->Append(Records{"b"}).ok());
  EXPECT_EQ(Open().records, (Records{"a", "b"}));
}

TEST_F(ConsensusLogTest, AppendingNothingDoesNothing) {
  const auto opened = Open();
  const std::uint64_t changes = disk_.changes();
  EXPECT_TRUE(opened.log->Append({}).ok());
  EXPECT_EQ(disk_.changes(), changes);
}

TEST_F(ConsensusLogTest, AppendIsOneWriteAndOneSync) {
  const auto opened = Open();
  const std::uint64_t changes = disk_.changes();
  ASSERT_TRUE(opened.log->Append(Records{"a", "b", "c"}).ok());
  EXPECT_EQ(disk_.changes(), changes + 2);
}

TEST_F(ConsensusLogTest, RewriteReplacesAllRecords) {
  const auto opened = Open();
  ASSERT_TRUE(opened.log->Append(Records{"a", "b"}).ok());
  ASSERT_TRUE(opened.log->Rewrite(Records{"c"}).ok());
  ASSERT_TRUE(opened.log->Append(Records{"d"}).ok());
  EXPECT_EQ(Open().records, (Records{"c", "d"}));
}

TEST_F(ConsensusLogTest, CountsWhatItGrewByInPages) {
  const auto opened = Open();
  EXPECT_EQ(opened.log->bytes(), 0u);
  ASSERT_TRUE(opened.log->Append(Records{"a"}).ok());
  ASSERT_TRUE(opened.log->Append(Records{std::string(kPageBytes, 'b')}).ok());
  EXPECT_EQ(opened.log->bytes(), 3 * kPageBytes);
  ASSERT_TRUE(opened.log->Rewrite(Records{"a"}).ok());
  EXPECT_EQ(opened.log->bytes(), 0u);
}

TEST_F(ConsensusLogTest, RefusesRecordsThatAreTooLongAndGoesOn) {
  const auto opened = Open();
  const Records long_one{std::string(kMaxRecordBytes + 1, 'a')};
  EXPECT_EQ(opened.log->Append(long_one).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(opened.log->Rewrite(long_one).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(opened.log->Append(Records{"a"}).ok());
  EXPECT_EQ(Open().records, Records{"a"});
}

TEST_F(ConsensusLogTest, CutsWhatFitsNoBatchIntoSeveral) {
  const auto opened = Open();
  const Records many(9, std::string(kMaxRecordBytes, 'a'));
  ASSERT_TRUE(opened.log->Append(many).ok());
  EXPECT_EQ(Open().records, many);
}

TEST_F(ConsensusLogTest, OnceCreatedIsNotCreatedAgain) {
  EXPECT_EQ(ConsensusLog::Create(&disk_, kFolder).code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(ConsensusLogTest, AMissingLogIsNotFound) {
  EXPECT_EQ(ConsensusLog::Open(&disk_, "/none").status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(disk_.Remove(Path()).ok());
  EXPECT_EQ(CodeOfOpen(), absl::StatusCode::kNotFound);
}

// --- What was never synced

TEST_F(ConsensusLogTest, DropsAnIncompleteLastBatchWhateverOfItIsThere) {
  for (std::size_t kept = 0; kept < 3 * kPageBytes; kept += 511) {
    for (const char filler : {'\0', 'x'}) {
      testing::PowerLossDisk fresh(1);
      ASSERT_TRUE(ConsensusLog::Create(&fresh, kFolder).ok());
      auto opened = ConsensusLog::Open(&fresh, kFolder);
      ASSERT_TRUE(opened->log->Append(Records{"a"}).ok());
      ASSERT_TRUE(opened->log->Append(Records{std::string(2 * kPageBytes, 'b')}).ok());
      const std::string path = "/log/00000000000000000002.segment";
      std::string bytes = *(*fresh.Open(path))->Read(0, 1 << 20);
      std::fill(bytes.begin() + 2 * kPageBytes + static_cast<std::ptrdiff_t>(kept), bytes.end(),
                filler);
      ASSERT_TRUE(fresh.Overwrite(path, bytes).ok());
      opened = ConsensusLog::Open(&fresh, kFolder);
      ASSERT_TRUE(opened.ok()) << opened.status() << " with " << kept << " bytes";
      // Zeros after the records are its padding.
      const bool whole = filler == '\0' && kept > 2 * kPageBytes + 100;
      EXPECT_EQ(opened->dropped_tail, !whole) << kept;
      EXPECT_EQ(opened->records.size(), whole ? 2u : 1u) << kept;
    }
  }
}

TEST_F(ConsensusLogTest, DropsABatchWhoseFirstPageIsMissing) {
  const auto opened = Open();
  ASSERT_TRUE(opened.log->Append(Records{"a"}).ok());
  ASSERT_TRUE(opened.log->Append(Records{std::string(2 * kPageBytes, 'b')}).ok());
  std::string bytes = Bytes();
  bytes.replace(2 * kPageBytes, kPageBytes, kPageBytes, '\0');
  Damage(bytes);
  const auto again = Open();
  EXPECT_EQ(again.records, Records{"a"});
  EXPECT_TRUE(again.dropped_tail);
}

TEST_F(ConsensusLogTest, WhatItDroppedStaysDropped) {
  ASSERT_TRUE(Open().log->Append(Records{"a"}).ok());
  Damage(Bytes() + std::string(100, 'x'));
  EXPECT_TRUE(Open().dropped_tail);
  EXPECT_FALSE(Open().dropped_tail);
  EXPECT_EQ(Open().records, Records{"a"});
}

// --- What is damaged

TEST_F(ConsensusLogTest, ADamagedBatchBeforeAnotherIsDataLoss) {
  const auto opened = Open();
  ASSERT_TRUE(opened.log->Append(Records{"a"}).ok());
  ASSERT_TRUE(opened.log->Append(Records{"b"}).ok());
  const std::string good = Bytes();
  for (std::size_t at = kPageBytes; at < 2 * kPageBytes; at += 41) {
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    Damage(bytes);
    EXPECT_EQ(CodeOfOpen(), absl::StatusCode::kDataLoss) << at;
  }
  Damage(good);
  EXPECT_EQ(Open().records, (Records{"a", "b"}));
}

TEST_F(ConsensusLogTest, ADamagedBatchBeforeAnIncompleteOneIsDataLoss) {
  const auto opened = Open();
  ASSERT_TRUE(opened.log->Append(Records{"a"}).ok());
  ASSERT_TRUE(opened.log->Append(Records{"b"}).ok());
  std::string bytes = Bytes();
  bytes[kPageBytes + 100] = 'x';
  bytes.resize(2 * kPageBytes + 1'000);
  bytes.replace(2 * kPageBytes, 200, 200, '\0');  // the head of the incomplete one is gone too
  Damage(bytes);
  EXPECT_EQ(CodeOfOpen(), absl::StatusCode::kDataLoss);
}

TEST_F(ConsensusLogTest, DamageOfWhatWasThereWhenItWasOpenedIsDataLoss) {
  ASSERT_TRUE(Open().log->Append(Records{"a"}).ok());
  (void)Open();  // seals it
  const std::string good = Bytes();
  ASSERT_EQ(good.size(), 2 * kPageBytes);
  for (std::size_t at = 0; at < good.size(); at += 7) {
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x80);
    Damage(bytes);
    EXPECT_EQ(CodeOfOpen(), absl::StatusCode::kDataLoss) << at;
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, kPageBytes, good.size() - 1}) {
    Damage(good.substr(0, size));
    EXPECT_EQ(CodeOfOpen(), absl::StatusCode::kDataLoss) << size;
  }
}

TEST_F(ConsensusLogTest, ATailLongerThanAnyBatchIsDataLoss) {
  (void)Open();
  Damage(Bytes() + std::string(kMaxBatchBytes + 1, '\0'));
  EXPECT_EQ(CodeOfOpen(), absl::StatusCode::kDataLoss);
}

TEST_F(ConsensusLogTest, ASegmentUnderAnothersNameIsDataLoss) {
  (void)Open();
  ASSERT_TRUE(disk_.Rename(Path(), "/log/00000000000000000077.segment").ok());
  EXPECT_EQ(CodeOfOpen(), absl::StatusCode::kDataLoss);
}

// A record can hold a batch of another log, byte for byte, at a page's beginning.
TEST_F(ConsensusLogTest, NoRecordIsTakenForABatch) {
  const auto opened = Open();
  ASSERT_TRUE(opened.log->Append(Records{"a"}).ok());
  const std::string foreign =
      EncodeBatch({.number = 2, .salt = {}}, 3 * kPageBytes, 2, Records{"b"});
  const std::string filler(kPageBytes - 80 - 4, 'f');
  ASSERT_TRUE(opened.log->Append(Records{filler + foreign + filler}).ok());
  std::string bytes = Bytes();
  ASSERT_EQ(bytes.substr(3 * kPageBytes, kPageBytes), foreign);
  bytes[2 * kPageBytes] = 'x';  // never synced, say: its head is not good
  Damage(bytes);
  const auto again = Open();
  EXPECT_EQ(again.records, Records{"a"});
  EXPECT_TRUE(again.dropped_tail);
}

// --- Disks that fail

TEST_F(ConsensusLogTest, IsOfNoMoreUseAfterAFailedSync) {
  testing::FaultyDisk faulty(&disk_);
  auto opened = ConsensusLog::Open(&faulty, kFolder);
  ASSERT_TRUE(opened.ok());
  faulty.FailSync(kSyncBatch);
  EXPECT_FALSE(opened->log->Append(Records{"a"}).ok());
  faulty.Repair();
  const std::uint64_t changes = disk_.changes();
  EXPECT_FALSE(opened->log->Append(Records{"b"}).ok());
  EXPECT_FALSE(opened->log->Rewrite(Records{"c"}).ok());
  EXPECT_EQ(disk_.changes(), changes);  // it did not even try
}

TEST_F(ConsensusLogTest, WhatOpenReturnsIsDurableThoughItsSyncHadFailed) {
  testing::FaultyDisk faulty(&disk_);
  {
    auto opened = ConsensusLog::Open(&faulty, kFolder);
    faulty.FailSync(kSyncBatch);
    EXPECT_FALSE(opened->log->Append(Records{"a"}).ok());
  }
  ASSERT_EQ(Open().records, Records{"a"});  // the process is gone, the system's cache is not
  disk_.Cut();
  disk_.Restore();
  EXPECT_EQ(Open().records, Records{"a"});
}

TEST_F(ConsensusLogTest, ReportsADiskThatFailsAtAnyPoint) {
  testing::FaultyDisk faulty(&disk_);
  for (std::uint64_t change = 1;; ++change) {
    faulty.FailAfter(change);
    auto opened = ConsensusLog::Open(&faulty, kFolder);
    if (faulty.has_failed()) {
      EXPECT_FALSE(opened.ok()) << change;
    } else {
      const absl::Status appended = opened->log->Append(Records{"a"});
      const absl::Status rewritten = opened->log->Rewrite(Records{"b"});
      if (!faulty.has_failed()) break;
      EXPECT_FALSE(rewritten.ok()) << change;
      EXPECT_TRUE(appended.ok() || rewritten == appended) << change;
    }
    faulty.Repair();
  }
  faulty.Repair();
  EXPECT_EQ(Open().records, Records{"b"});
}

// --- Real files

TEST(PosixDiskTest, CarriesALogThroughItsLife) {
  const std::string home = absl::StrCat(std::getenv("TEST_TMPDIR"), "/posix");
  PosixDisk disk;
  ASSERT_TRUE(disk.MakeFolder(home).ok());
  const std::string folder = home + "/log";
  EXPECT_EQ(ConsensusLog::Open(&disk, folder).status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(ConsensusLog::Create(&disk, folder).ok());
  EXPECT_EQ(ConsensusLog::Create(&disk, folder).code(), absl::StatusCode::kAlreadyExists);
  const Records records{"a", std::string(100'000, 'b')};
  {
    auto opened = ConsensusLog::Open(&disk, folder);
    ASSERT_TRUE(opened.ok()) << opened.status();
    ASSERT_TRUE(opened->log->Append(Records{"lost"}).ok());
    ASSERT_TRUE(opened->log->Rewrite(records).ok());
    ASSERT_TRUE(opened->log->Append(Records{"c"}).ok());
  }
  auto opened = ConsensusLog::Open(&disk, folder);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->records, (Records{records[0], records[1], "c"}));
  EXPECT_EQ(disk.List(folder)->size(), 1u);
}

TEST(PosixDiskTest, SaysWhichFileAndWhy) {
  PosixDisk disk;
  const std::string path = absl::StrCat(std::getenv("TEST_TMPDIR"), "/none/file");
  EXPECT_EQ(disk.Open(path).status().code(), absl::StatusCode::kNotFound);
  EXPECT_NE(std::string(disk.Create(path).status().message()).find(path), std::string::npos);
  EXPECT_EQ(disk.List(path).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(disk.Remove(path).code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(disk.SyncFolder(path, "site").ok());
}

}  // namespace
}  // namespace bourse::storage
