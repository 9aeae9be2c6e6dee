#include "ledger/testing/simulated_disk.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace bourse::ledger::testing {
namespace {

using Handle = SimulatedDisk::Handle;
using Result = SimulatedDisk::Result;

// What a file holds, or "missing".
std::string Contents(const SimulatedDisk& disk, const std::string& path) {
  Handle handle;
  std::string out;
  if (disk.Open(path, &handle) != Result::kOk) return "missing";
  EXPECT_EQ(disk.Read(handle, 0, 1'000, &out), Result::kOk);
  return out;
}

void Lose(SimulatedDisk& disk) {
  disk.Cut();
  disk.Restore();
}

// Whatever the seed, so for each of a few.
class SimulatedDiskTest : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  SimulatedDisk disk_{GetParam()};
  Handle file_;
};

TEST_P(SimulatedDiskTest, KeepsWhatWasSynced) {
  ASSERT_EQ(disk_.MakeFolder("/a"), Result::kOk);
  ASSERT_EQ(disk_.SyncFolder("/"), Result::kOk);
  ASSERT_EQ(disk_.Create("/a/f", &file_), Result::kOk);
  ASSERT_EQ(disk_.SyncFolder("/a"), Result::kOk);
  ASSERT_EQ(disk_.Append(file_, "synced"), Result::kOk);
  ASSERT_EQ(disk_.Sync(file_), Result::kOk);
  ASSERT_EQ(disk_.Append(file_, "not"), Result::kOk);
  EXPECT_EQ(Contents(disk_, "/a/f"), "syncednot");
  Lose(disk_);
  const std::string left = Contents(disk_, "/a/f");
  EXPECT_EQ(left.substr(0, 6), "synced");
  EXPECT_LE(left.size(), 9u);
}

TEST_P(SimulatedDiskTest, HandlesAreDeadAfterTheLoss) {
  ASSERT_EQ(disk_.Create("/f", &file_), Result::kOk);
  disk_.Cut();
  EXPECT_EQ(disk_.Append(file_, "x"), Result::kOff);
  EXPECT_EQ(Contents(disk_, "/f"), "missing");  // no answer without power
  disk_.Restore();
  EXPECT_EQ(disk_.Append(file_, "x"), Result::kOff);
  EXPECT_EQ(disk_.Sync(file_), Result::kOff);
}

TEST_P(SimulatedDiskTest, PowerGoesAtTheChosenChange) {
  disk_.CutAfter(3);
  ASSERT_EQ(disk_.Create("/f", &file_), Result::kOk);
  ASSERT_EQ(disk_.Append(file_, "x"), Result::kOk);
  EXPECT_EQ(disk_.Append(file_, "y"), Result::kOff);
  EXPECT_TRUE(disk_.is_off());
}

TEST_P(SimulatedDiskTest, RenamesAreWholeOrNotAtAll) {
  ASSERT_EQ(disk_.Create("/old", &file_), Result::kOk);
  ASSERT_EQ(disk_.Append(file_, "x"), Result::kOk);
  ASSERT_EQ(disk_.Sync(file_), Result::kOk);
  ASSERT_EQ(disk_.SyncFolder("/"), Result::kOk);
  ASSERT_EQ(disk_.Rename("/old", "/new"), Result::kOk);
  Lose(disk_);
  const std::string before = Contents(disk_, "/old"), after = Contents(disk_, "/new");
  EXPECT_TRUE((before == "x" && after == "missing") || (before == "missing" && after == "x"))
      << before << " " << after;
}

INSTANTIATE_TEST_SUITE_P(Seeds, SimulatedDiskTest, ::testing::Range<std::uint64_t>(0, 20));

// Over many seeds, each kind of loss happens.
TEST(SimulatedDiskSeedsTest, TakesAllOrSomeOrNothingOfWhatWasNotSynced) {
  int empty = 0, part = 0, whole = 0, garbage = 0, lost_files = 0, lost_folders = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SimulatedDisk disk(seed);
    Handle kept, loose, inner;
    ASSERT_EQ(disk.Create("/kept", &kept), Result::kOk);
    ASSERT_EQ(disk.SyncFolder("/"), Result::kOk);
    ASSERT_EQ(disk.Append(kept, "0123456789"), Result::kOk);
    ASSERT_EQ(disk.MakeFolder("/folder"), Result::kOk);
    ASSERT_EQ(disk.Create("/folder/inner", &inner), Result::kOk);
    ASSERT_EQ(disk.SyncFolder("/folder"), Result::kOk);  // but not "/"
    ASSERT_EQ(disk.Create("/loose", &loose), Result::kOk);
    Lose(disk);
    const std::string left = Contents(disk, "/kept");
    empty += left.empty();
    whole += left == "0123456789";
    const bool is_part = std::string("0123456789").starts_with(left);
    part += is_part && !left.empty() && left.size() < 10;
    garbage += !is_part;
    lost_files += Contents(disk, "/loose") == "missing";
    lost_folders += Contents(disk, "/folder/inner") == "missing";
  }
  for (const int count : {empty, part, whole, garbage, lost_files, lost_folders}) {
    EXPECT_GT(count, 10);
    EXPECT_LT(count, 290);
  }
}

TEST(SimulatedDiskSeedsTest, LosesPagesInAnyOrderIfAsked) {
  constexpr std::size_t kPage = 4096;
  int holes = 0;  // a page that is lost before one that is there
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SimulatedDisk disk(seed);
    disk.TearPages();
    Handle file;
    ASSERT_EQ(disk.Create("/f", &file), Result::kOk);
    ASSERT_EQ(disk.SyncFolder("/"), Result::kOk);
    ASSERT_EQ(disk.Append(file, "synced"), Result::kOk);
    ASSERT_EQ(disk.Sync(file), Result::kOk);
    ASSERT_EQ(disk.Append(file, std::string(3 * kPage - 6, 'x')), Result::kOk);
    Lose(disk);
    std::string left;
    ASSERT_EQ(disk.Open("/f", &file), Result::kOk);
    ASSERT_EQ(disk.Read(file, 0, 4 * kPage, &left), Result::kOk);
    EXPECT_EQ(left.substr(0, 6), "synced");
    if (left.size() == 3 * kPage && left[kPage] != 'x' && left.back() == 'x') ++holes;
  }
  EXPECT_GT(holes, 0);
}

}  // namespace
}  // namespace bourse::ledger::testing
