#include "ledger/rocks_store.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ledger/rocks_folder.h"
#include "ledger/testing/store_conformance.h"

namespace bourse::ledger::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// A folder that goes with it.
class TempFolder {
 public:
  TempFolder() {
    std::string name = ::testing::TempDir() + "/rocks_XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~TempFolder() { fs::remove_all(path_); }
  std::string operator/(std::string_view name) const {
    return absl::StrCat(path_, "/", name.data());
  }

 private:
  std::string path_;
};

class RocksHolder : public StoreHolder {
 public:
  RocksHolder() : store_(RocksStore::Open(folder_ / "ledger", {}).value()) {}
  Store& store() override { return *store_; }

 private:
  TempFolder folder_;
  std::unique_ptr<RocksStore> store_;
};

INSTANTIATE_TEST_SUITE_P(Rocks, StoreConformanceTest,
                         ::testing::Values([]() -> std::unique_ptr<StoreHolder> {
                           return std::make_unique<RocksHolder>();
                         }));

class RocksStoreTest : public ::testing::Test {
 protected:
  // One key for each of `blocks` batches.
  void Write(int blocks, Store& store) {
    for (int i = 0; i < blocks; ++i) {
      Batch batch;
      batch.Put(Family::kMeta, absl::StrCat("key ", i), std::string(100, 'v'));
      ASSERT_TRUE(store.Apply(batch).ok());
    }
  }
  // The error of opening, and its text.
  absl::Status OpenError(const RocksOptions& options = {}) {
    return RocksStore::Open(path_, options).status();
  }
  // Makes a database, and copies it as it is while it is open: what a killed process leaves.
  void MakeKilled(int blocks) {
    const std::string live = folder_ / "live";
    auto store = RocksStore::Open(live, {});
    ASSERT_TRUE(store.ok()) << store.status();
    Write(blocks, **store);
    fs::copy(live, path_);
  }
  std::string FileWithEnd(std::string_view end) {
    for (const auto& entry : fs::directory_iterator(path_)) {
      if (entry.path().string().ends_with(end) && entry.file_size() > 0) return entry.path();
    }
    ADD_FAILURE() << "no " << end << " in " << path_;
    return "";
  }
  static void FlipByte(const std::string& file, std::uintmax_t at) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(at));
    const int byte = stream.get();
    stream.seekp(static_cast<std::streamoff>(at));
    stream.put(static_cast<char>(byte ^ 0x55));
  }
  static int Count(const View& view) {
    int count = 0;
    EXPECT_TRUE(view.Scan(Family::kMeta, "", "", [&](auto, auto) { return ++count > 0; }).ok());
    return count;
  }

  TempFolder folder_;
  const std::string path_ = folder_ / "ledger";
};

TEST_F(RocksStoreTest, KeepsWhatItHasOverARestart) {
  for (int round = 1; round <= 3; ++round) {
    auto store = RocksStore::Open(path_, {});
    ASSERT_TRUE(store.ok()) << store.status();
    Write(round * 10, **store);
    EXPECT_EQ(Count(**store), round * 10);
  }
}

TEST_F(RocksStoreTest, OpensALedgerThatIsOlderThanAFamily) {
  Write(10, **RocksStore::Open(path_, {}));
  std::vector<std::string> names;
  ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, path_, &names).ok());
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open({}, path_, families, &handles, &db).ok());
  ASSERT_EQ(names.back(), "finality");
  ASSERT_TRUE(db->DropColumnFamily(handles.back()).ok());
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    ASSERT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
  }
  delete db;

  const auto store = RocksStore::Open(path_, {});
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ(Count(**store), 10);
  Batch batch;
  batch.Put(Family::kFinality, "key", "value");
  EXPECT_TRUE((*store)->Apply(batch).ok());
  EXPECT_EQ(**(*store)->Get(Family::kFinality, "key"), "value");
}

TEST_F(RocksStoreTest, LeavesNoLogToReplayAfterACleanStop) {
  Write(10, **RocksStore::Open(path_, {}));
  for (const auto& entry : fs::directory_iterator(path_)) {
    if (entry.path().extension() == ".log") {
      EXPECT_EQ(entry.file_size(), 0u) << entry.path();
    }
  }
}

TEST_F(RocksStoreTest, KeepsWhatItHadWhenTheProcessIsKilled) {
  MakeKilled(10);
  const auto store = RocksStore::Open(path_, {});
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ(Count(**store), 10);
}

TEST_F(RocksStoreTest, DropsATornLastBatch) {
  MakeKilled(10);
  const std::string log = FileWithEnd(".log");
  fs::resize_file(log, fs::file_size(log) - 7);
  const auto store = RocksStore::Open(path_, {});
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ(Count(**store), 9);
}

TEST_F(RocksStoreTest, DropsALastBatchOfGarbage) {
  MakeKilled(10);
  std::ofstream(FileWithEnd(".log"), std::ios::app) << std::string(500, '\x5a');
  const auto store = RocksStore::Open(path_, {});
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ(Count(**store), 10);
}

// Wherever the damage is, what was acknowledged behind it is not dropped in silence.
TEST_F(RocksStoreTest, ReportsDamageInTheMiddleOfTheLog) {
  MakeKilled(1'000);  // several blocks of the log
  const std::string log = FileWithEnd(".log");
  const std::uintmax_t size = fs::file_size(log);
  ASSERT_GT(size, 100'000u);
  for (std::uintmax_t at = 0; at < size - 33'000; at += 9'973) {
    FlipByte(log, at);
    const absl::Status status = OpenError();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << "byte " << at << ": " << status;
    EXPECT_THAT(status.ToString(), HasSubstr("damaged"));
    FlipByte(log, at);
  }
  EXPECT_EQ(OpenError(), absl::OkStatus());
}

TEST_F(RocksStoreTest, ReportsADamagedTable) {
  Write(10, **RocksStore::Open(path_, {}));
  for (const auto& entry : fs::directory_iterator(path_)) {
    if (entry.path().extension() == ".sst") FlipByte(entry.path(), 20);
  }
  const auto store = RocksStore::Open(path_, {});
  absl::Status status = store.status();
  if (store.ok()) status = (*store)->Get(Family::kMeta, "key 1").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
}

TEST_F(RocksStoreTest, ReportsAMissingTable) {
  Write(10, **RocksStore::Open(path_, {}));
  fs::remove(FileWithEnd(".sst"));
  const absl::Status status = OpenError();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
}

TEST_F(RocksStoreTest, ReportsThatTheDatabasesOwnFileIsMissing) {
  Write(10, **RocksStore::Open(path_, {}));
  fs::remove(path_ + "/CURRENT");
  const absl::Status status = OpenError();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_THAT(status.ToString(), HasSubstr("CURRENT"));
}

TEST_F(RocksStoreTest, ReportsADamagedManifest) {
  MakeKilled(10);
  for (const auto& entry : fs::directory_iterator(path_)) {
    if (entry.path().filename().string().starts_with("MANIFEST-")) FlipByte(entry.path(), 30);
  }
  const absl::Status status = OpenError();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
}

TEST_F(RocksStoreTest, RefusesAFolderThatIsOpenAlready) {
  const auto store = RocksStore::Open(path_, {});
  ASSERT_TRUE(store.ok());
  const absl::Status status = OpenError();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_THAT(status.ToString(), HasSubstr("in use by another process"));
}

// The other process only takes the lock, as RocksDB does: RocksDB itself can't be used after a
// fork.
TEST_F(RocksStoreTest, RefusesAFolderThatAnotherProcessHasOpen) {
  Write(1, **RocksStore::Open(path_, {}));
  const std::string lock_path = path_ + "/LOCK";
  int ready[2], done[2];
  ASSERT_EQ(pipe(ready), 0);
  ASSERT_EQ(pipe(done), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    char byte = 0;
    const int file = open(lock_path.c_str(), O_RDWR);
    const bool locked = file >= 0 && fcntl(file, F_SETLK, &lock) == 0;
    _exit(locked && write(ready[1], "x", 1) == 1 && read(done[0], &byte, 1) == 1 ? 0 : 1);
  }
  close(ready[1]);
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  const absl::Status status = OpenError();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_THAT(status.ToString(), HasSubstr("in use by another process"));
  ASSERT_EQ(write(done[1], "x", 1), 1);
  EXPECT_EQ(waitpid(child, nullptr, 0), child);
  for (const int end : {ready[0], done[0], done[1]}) close(end);
  EXPECT_EQ(OpenError(), absl::OkStatus());
}

TEST_F(RocksStoreTest, RefusesAFolderOfSomethingElseAndLeavesItAlone) {
  fs::create_directory(path_);
  std::ofstream(path_ + "/holiday.jpg") << "beach";
  const absl::Status status = OpenError();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_THAT(status.ToString(), HasSubstr("holiday.jpg"));
  EXPECT_EQ(std::distance(fs::directory_iterator(path_), {}), 1);
}

TEST_F(RocksStoreTest, RefusesAnotherProgramsDatabase) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* db = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, path_, &db).ok());
  delete db;
  const absl::Status status = OpenError();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_THAT(status.ToString(), HasSubstr("does not hold a ledger of Bourse"));
}

TEST_F(RocksStoreTest, RefusesAFile) {
  std::ofstream(path_) << "not a folder";
  const absl::Status status = OpenError();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
}

TEST_F(RocksStoreTest, RefusesAFormatNewerThanItKnows) {
  Write(1, **RocksStore::Open(path_, {}));
  std::ofstream(path_ + "/" + kFormatFile) << kFormatText << kFormatVersion + 1 << "\n";
  const absl::Status status = OpenError();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_THAT(status.ToString(), HasSubstr("newer version of Bourse"));
}

TEST_F(RocksStoreTest, RefusesAnOlderFormat) {
  Write(1, **RocksStore::Open(path_, {}));
  std::ofstream(path_ + "/" + kFormatFile) << kFormatText << kFormatVersion - 1 << "\n";
  const absl::Status status = OpenError();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_THAT(status.ToString(), HasSubstr("older version of Bourse"));
}

TEST_F(RocksStoreTest, SaysThatTheFolderAboveIsMissing) {
  const absl::Status status = RocksStore::Open(folder_ / "no/such/folder", {}).status();
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(status.ToString(), HasSubstr("no/such"));
}

// Fails each sync of a log with `error`, once told to.
class FailingEnv : public rocksdb::EnvWrapper {
 public:
  FailingEnv() : EnvWrapper(rocksdb::Env::Default()) {}
  const char* Name() const override { return "FailingEnv"; }
  rocksdb::Status NewWritableFile(const std::string& name,
                                  std::unique_ptr<rocksdb::WritableFile>* result,
                                  const rocksdb::EnvOptions& options) override {
    if (!error.ok()) return error;
    const rocksdb::Status status = EnvWrapper::NewWritableFile(name, result, options);
    if (status.ok()) *result = std::make_unique<File>(std::move(*result), this);
    return status;
  }
  rocksdb::Status error;

 private:
  class File : public rocksdb::WritableFileWrapper {
   public:
    File(std::unique_ptr<rocksdb::WritableFile> file, FailingEnv* env)
        : WritableFileWrapper(file.get()), file_(std::move(file)), env_(env) {}
    rocksdb::Status Sync() override {
      return env_->error.ok() ? WritableFileWrapper::Sync() : env_->error;
    }

   private:
    std::unique_ptr<rocksdb::WritableFile> file_;
    FailingEnv* env_;
  };
};

TEST_F(RocksStoreTest, SaysWhatTheDiskLacks) {
  const std::pair<rocksdb::Status, absl::StatusCode> kCases[] = {
      {rocksdb::Status::NoSpace("write"), absl::StatusCode::kResourceExhausted},
      {rocksdb::Status::IOError("open", "Permission denied"), absl::StatusCode::kPermissionDenied},
      {rocksdb::Status::IOError("open", "Read-only file system"),
       absl::StatusCode::kPermissionDenied},
      {rocksdb::Status::IOError("write", "Input/output error"), absl::StatusCode::kUnavailable},
  };
  for (const auto& [error, code] : kCases) {
    FailingEnv env;
    env.error = error;
    const absl::Status status = OpenError({.env = &env});
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_THAT(status.ToString(), HasSubstr(path_));
    fs::remove_all(path_);
  }
}

TEST_F(RocksStoreTest, TakesNothingMoreAfterAFailedApply) {
  FailingEnv env;
  auto store = RocksStore::Open(path_, {.env = &env});
  ASSERT_TRUE(store.ok());
  Write(1, **store);
  env.error = rocksdb::Status::NoSpace("sync");
  Batch batch;
  batch.Put(Family::kMeta, "next", "");
  EXPECT_EQ((*store)->Apply(batch).code(), absl::StatusCode::kResourceExhausted);
  env.error = rocksdb::Status::OK();
  EXPECT_EQ((*store)->Apply(batch).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Count(**store), 1);
}

}  // namespace
}  // namespace bourse::ledger::testing
