#include "common/key_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/address.h"
#include "common/hash.h"

namespace bourse {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr KeyFileCost kCheap{1, 8};

KeyPair Key(std::uint8_t first) { return KeyPair::FromSeed({first}); }

KeyFile Locked(const std::string& passphrase) {
  absl::StatusOr<KeyFile> file = LockKey(Key(1), passphrase, kCheap);
  EXPECT_TRUE(file.ok()) << file.status();
  return *file;
}

std::string Message(const absl::Status& status) { return std::string(status.message()); }

// A text with the checksum that belongs to it.
std::string WithChecksum(const std::string& lines) {
  return absl::StrCat(lines, "checksum ", ToHex(Hasher("bourse/key-file/1").Update(lines).Finish()),
                      "\n");
}

std::string Lines(const std::string& text) { return text.substr(0, text.find("checksum ")); }

TEST(KeyFileTest, GivesTheKeyBackForItsPassphrase) {
  const KeyFile file = Locked("correct horse");
  EXPECT_EQ(file.public_key, Key(1).public_key());
  const absl::StatusOr<KeyPair> key = UnlockKey(file, "correct horse");
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->seed(), Key(1).seed());
}

TEST(KeyFileTest, DefaultCostIsLibsodiumsModerate) {
  const absl::StatusOr<KeyFile> file = LockKey(Key(1), "correct horse");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->lock->cost.passes, 3u);
  EXPECT_EQ(file->lock->cost.memory_kib, 256u * 1024);
  EXPECT_TRUE(UnlockKey(*file, "correct horse").ok());
}

TEST(KeyFileTest, RefusesAWrongOrMissingPassphrase) {
  const KeyFile file = Locked("correct horse");
  const absl::Status wrong = UnlockKey(file, "Correct horse").status();
  EXPECT_EQ(wrong.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Message(wrong), "the passphrase is wrong");
  const absl::Status missing = UnlockKey(file, "").status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Message(missing), "the key is encrypted: its passphrase is needed");
}

TEST(KeyFileTest, KeepsAnOpenKeyThatNeedsNoPassphrase) {
  const KeyFile file = Locked("");
  EXPECT_FALSE(file.lock);
  for (const char* passphrase : {"", "any"}) {
    const absl::StatusOr<KeyPair> key = UnlockKey(file, passphrase);
    ASSERT_TRUE(key.ok()) << key.status();
    EXPECT_EQ(key->seed(), Key(1).seed());
  }
  EXPECT_THAT(FormatKeyFile(file), HasSubstr("\nencryption none\n"));
}

TEST(KeyFileTest, EncryptsTheSameKeyDifferentlyEachTime) {
  const KeyFile a = Locked("p"), b = Locked("p");
  EXPECT_NE(a.lock->salt, b.lock->salt);
  EXPECT_NE(a.lock->nonce, b.lock->nonce);
  EXPECT_NE(a.secret, b.secret);
}

TEST(KeyFileTest, DoesNotShowTheSecretOfAnEncryptedKey) {
  const auto seed = Key(1).seed();
  EXPECT_THAT(FormatKeyFile(Locked("p")), Not(HasSubstr(ToHex(Bytes(seed)))));
  EXPECT_THAT(FormatKeyFile(Locked("")), HasSubstr(ToHex(Bytes(seed))));
}

TEST(KeyFileTest, FormatDoesNotChange) {
  // What was written must be readable for ever.
  const std::string text =
      WithChecksum(absl::StrCat("bourse-key 1\naddress ", FormatAddress(Key(1).public_key()),
                                "\nencryption argon2id-secretbox\npasses 1\nmemory_kib 8\n"
                                "salt 00112233445566778899aabbccddeeff\n"
                                "nonce 000102030405060708090a0b0c0d0e0f1011121314151617\n"
                                "secret "
                                "2e57d803da0fdc0e83957042babc23b03463aaada0f2da17d8a274c2259ed41fc3"
                                "ef1ebda8af3073767a647b5daec504\n"));
  const absl::StatusOr<KeyFile> file = ParseKeyFile(text);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(FormatKeyFile(*file), text);
  const absl::StatusOr<KeyPair> key = UnlockKey(*file, "passphrase");
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->seed(), Key(1).seed());
}

TEST(KeyFileTest, FindsEveryChangedByte) {
  for (const char* passphrase : {"", "p"}) {
    const std::string text = FormatKeyFile(Locked(passphrase));
    for (std::size_t i = 0; i < text.size(); ++i) {
      std::string changed = text;
      changed[i] = static_cast<char>(changed[i] ^ 1);
      EXPECT_FALSE(ParseKeyFile(changed).ok()) << "byte " << i;
      EXPECT_FALSE(ParseKeyFile(text.substr(0, i)).ok()) << "cut at " << i;
    }
    EXPECT_FALSE(ParseKeyFile(text + "\n").ok());
  }
}

TEST(KeyFileTest, SaysWhatIsWrongWithAFile) {
  const std::string text = FormatKeyFile(Locked("p")), lines = Lines(text);
  const auto edit = [&lines](const char* from, const char* to) {
    return WithChecksum(absl::StrReplaceAll(lines, {{from, to}}));
  };
  constexpr auto kDataLoss = absl::StatusCode::kDataLoss;
  const struct {
    std::string text;
    absl::StatusCode code;
    std::string error;
  } kCases[] = {
      {"", absl::StatusCode::kInvalidArgument, "this is no key file"},
      {"-----BEGIN PRIVATE KEY-----", absl::StatusCode::kInvalidArgument, "this is no key file"},
      {"bourse-key 2\nanything", absl::StatusCode::kUnimplemented,
       "the key file is of version 2, and this program knows 1"},
      {"bourse-key x\n", kDataLoss, "the key file is damaged: its first line"},
      {lines, kDataLoss, "the key file is damaged: its end is missing"},
      {absl::StrReplaceAll(text, {{"passes 1", "passes 2"}}), kDataLoss,
       "the key file is damaged: its checksum is wrong"},
      {edit("address ", "address x"), kDataLoss, "the key file is damaged: its address"},
      {edit("passes 1\n", "passes 0\n"), kDataLoss, "the key file is damaged: passes"},
      {edit("passes 1\n", "passes 17\n"), kDataLoss, "the key file is damaged: passes"},
      {edit("memory_kib 8\n", "memory_kib 1048577\n"), kDataLoss,
       "the key file is damaged: memory_kib"},
      {edit("salt ", "salt 00"), kDataLoss, "the key file is damaged: salt"},
      {edit("nonce ", "nonce g"), kDataLoss, "the key file is damaged: nonce"},
      {edit("argon2id-secretbox", "rot13"), kDataLoss, "the key file is damaged: secret"},
      {edit("passes 1\n", "passes 01\n"), kDataLoss,
       "the key file is damaged: it has more than it should"},
      {WithChecksum(lines + "more\n"), kDataLoss,
       "the key file is damaged: it has more than it should"},
  };
  for (const auto& [text_of_case, code, error] : kCases) {
    const absl::Status status = ParseKeyFile(text_of_case).status();
    EXPECT_EQ(status.code(), code) << text_of_case;
    EXPECT_EQ(Message(status), error) << text_of_case;
  }
}

TEST(KeyFileTest, FindsASecretThatIsAnotherAddresss) {
  KeyFile file = Locked("");
  file.public_key = Key(2).public_key();
  const absl::Status status = UnlockKey(file, "").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(Message(status), HasSubstr("not that of its address"));
}

class KeyFileOnDiskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string folder = ::testing::TempDir() + "/key_file_test_XXXXXX";
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    path_ = folder + "/alice.key";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::ptrdiff_t Files() const {
    return std::distance(std::filesystem::directory_iterator(folder_), {});
  }

  std::string folder_, path_;
};

TEST_F(KeyFileOnDiskTest, IsReadableByItsOwnerAlone) {
  ASSERT_TRUE(WriteKeyFile(path_, Locked("p")).ok());
  struct stat info {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
  EXPECT_EQ(Files(), 1) << "a temporary file is left";
}

TEST_F(KeyFileOnDiskTest, ReadsWhatItWrote) {
  const KeyFile file = Locked("p");
  ASSERT_TRUE(WriteKeyFile(path_, file).ok());
  const absl::StatusOr<KeyFile> read = ReadKeyFile(path_);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(FormatKeyFile(*read), FormatKeyFile(file));
}

TEST_F(KeyFileOnDiskTest, NeverTakesThePlaceOfAFile) {
  const KeyFile first = Locked("p");
  ASSERT_TRUE(WriteKeyFile(path_, first).ok());
  const absl::Status status = WriteKeyFile(path_, Locked("q"));
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Message(status), path_ + ": there is a file of this name, which was left as it is");
  EXPECT_EQ(FormatKeyFile(*ReadKeyFile(path_)), FormatKeyFile(first));
  EXPECT_EQ(Files(), 1) << "a temporary file is left";
}

TEST_F(KeyFileOnDiskTest, RefusesAFileThatOthersCanRead) {
  ASSERT_TRUE(WriteKeyFile(path_, Locked("p")).ok());
  ASSERT_EQ(chmod(path_.c_str(), 0640), 0);
  const absl::Status status = ReadKeyFile(path_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Message(status), HasSubstr("run: chmod 600 " + path_));
}

TEST_F(KeyFileOnDiskTest, SaysWhichFileIsMissingOrNoKeyFile) {
  const absl::Status missing = ReadKeyFile(path_).status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(Message(missing), HasSubstr(path_ + ": cannot be opened"));

  const absl::Status folder = ReadKeyFile(folder_).status();
  EXPECT_EQ(folder.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Message(folder), folder_ + ": this is no key file");

  std::ofstream(path_) << std::string(1 << 20, 'x');
  ASSERT_EQ(chmod(path_.c_str(), 0600), 0);
  const absl::Status other = ReadKeyFile(path_).status();
  EXPECT_EQ(other.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Message(other), path_ + ": this is no key file");

  const absl::Status nowhere = WriteKeyFile(folder_ + "/no/such/folder", Locked("p"));
  EXPECT_EQ(nowhere.code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace bourse
