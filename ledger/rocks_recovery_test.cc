#include "ledger/rocks_recovery.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ledger/rocks_log.h"

namespace bourse::ledger {
namespace {

// A database in memory, and its files as a killed process leaves them.
class RocksRecoveryTest : public ::testing::Test {
 protected:
  RocksRecoveryTest() : env_(rocksdb::NewMemEnv(rocksdb::Env::Default())) {
    rocksdb::Options options;
    options.env = env_.get();
    options.create_if_missing = true;
    options.avoid_flush_during_recovery = true;  // more logs than one
    for (int i = 0; i < 3; ++i) {
      rocksdb::DB* db = nullptr;
      EXPECT_TRUE(rocksdb::DB::Open(options, "/db", &db).ok());
      for (int j = 0; j < 10; ++j) {
        EXPECT_TRUE(db->Put({}, absl::StrCat(i, j), std::string(9'000, 'v')).ok());
      }
      delete db;
    }
  }
  std::vector<std::string> FilesWith(std::string_view part) {
    std::vector<std::string> names, out;
    EXPECT_TRUE(env_->GetChildren("/db", &names).ok());
    for (const std::string& name : names) {
      if (name.find(part) != std::string::npos && !Read("/db/" + name).empty()) {
        out.push_back("/db/" + name);
      }
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  std::string Read(const std::string& path) {
    std::string out;
    EXPECT_TRUE(rocksdb::ReadFileToString(env_.get(), path, &out).ok()) << path;
    return out;
  }
  void Write(const std::string& path, const std::string& bytes) {
    EXPECT_TRUE(env_->DeleteFile(path).ok());
    EXPECT_TRUE(rocksdb::WriteStringToFile(env_.get(), bytes, path).ok());
  }
  absl::StatusCode Prepare() { return PrepareRecovery(env_.get(), "/db").code(); }

  std::unique_ptr<rocksdb::Env> env_;
};

TEST_F(RocksRecoveryTest, ReadsRocksDbsLogs) {
  const std::vector<std::string> logs = FilesWith(".log");
  ASSERT_EQ(logs.size(), 3u);
  for (const std::string& log : logs) {
    const LogContents contents = ReadLog(Read(log));
    EXPECT_EQ(contents.records.size(), 10u);
    EXPECT_EQ(contents.intact_bytes, Read(log).size());
    EXPECT_FALSE(contents.torn);
  }
  EXPECT_EQ(Prepare(), absl::StatusCode::kOk);
}

TEST_F(RocksRecoveryTest, AcceptsAnyTearOfTheLastBatch) {
  const std::string log = FilesWith(".log").back(), whole = Read(log);
  for (std::size_t size = whole.size() - 9'000; size < whole.size(); size += 61) {
    for (const char filler : {'\0', '\x5a'}) {
      Write(log, whole.substr(0, size) + std::string(whole.size() - size, filler));
      EXPECT_EQ(Prepare(), absl::StatusCode::kOk) << size;
    }
    Write(log, whole.substr(0, size));
    EXPECT_EQ(Prepare(), absl::StatusCode::kOk) << size;
  }
}

TEST_F(RocksRecoveryTest, ReportsDamageBeforeTheLastBatchOfALog) {
  for (const std::string& log : FilesWith(".log")) {
    const std::string whole = Read(log);
    for (std::size_t at = 0; at < 2 * 32'768; at += 997) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ 1);
      Write(log, damaged);
      EXPECT_EQ(Prepare(), absl::StatusCode::kDataLoss) << log << " " << at;
    }
    Write(log, whole);
  }
}

TEST_F(RocksRecoveryTest, ReportsALogThatEndsTornBeforeOneThatGoesOn) {
  const std::string log = FilesWith(".log").front(), whole = Read(log);
  Write(log, whole.substr(0, whole.size() - 100));
  EXPECT_EQ(Prepare(), absl::StatusCode::kDataLoss);
}

TEST_F(RocksRecoveryTest, CutsATornRecordOffTheManifest) {
  const std::string manifest = FilesWith("MANIFEST-").back(), whole = Read(manifest);
  Write(manifest, whole + std::string("\x11\x22\x33\x44\x20\x00\x01torn", 11));
  EXPECT_EQ(Prepare(), absl::StatusCode::kOk);
  EXPECT_EQ(Read(manifest), whole);
}

TEST_F(RocksRecoveryTest, LeavesADamagedManifestToRocksDb) {
  const std::string manifest = FilesWith("MANIFEST-").back();
  std::string damaged = Read(manifest);
  damaged[10] = static_cast<char>(damaged[10] ^ 1);
  Write(manifest, damaged);
  EXPECT_EQ(Prepare(), absl::StatusCode::kOk);
  EXPECT_EQ(Read(manifest), damaged);
}

}  // namespace
}  // namespace bourse::ledger
