#include "node/config/home.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "node/config/genesis_json.h"
#include "node/storage/consensus_log.h"
#include "node/storage/posix_disk.h"

namespace bourse::config {
namespace {

namespace fs = std::filesystem;

class HomeTest : public testing::Test {
 protected:
  HomeTest() : folder_(fs::path(testing::TempDir()) / "home") { fs::remove_all(folder_); }
  ~HomeTest() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string At(const std::string& name) const { return (folder_ / name).string(); }

  // A genesis of these validators, in a file.
  std::string WriteGenesis(const std::vector<PublicKey>& keys) {
    ledger::Genesis genesis = NewGenesis("net", TimeMicros(1), keys.front(), keys.front());
    genesis.validators.clear();
    for (const PublicKey& key : keys) {
      genesis.validators.push_back({"v" + std::to_string(genesis.validators.size()), key});
    }
    fs::create_directories(folder_);
    std::ofstream(At("genesis.json")) << GenesisToJson(genesis);
    return At("genesis.json");
  }

  const fs::path folder_;
};

TEST_F(HomeTest, KeysAreMadeFirstAndThenTakenIntoTheGenesis) {
  const auto one = InitKey(At("n1"));
  const auto two = InitKey(At("n2"));
  ASSERT_TRUE(one.ok() && two.ok()) << one.status() << two.status();
  EXPECT_EQ(*InitKey(At("n1")), *one);

  InitOptions options;
  options.home = At("n2");
  options.genesis_file = WriteGenesis({*one, *two});
  const absl::Status made = InitHome(options);
  ASSERT_TRUE(made.ok()) << made;
  const Home home(At("n2"));
  EXPECT_EQ(ReadNodeKey(home)->public_key(), *two);
  EXPECT_EQ(ReadGenesis(home)->validators.size(), 2U);
}

TEST_F(HomeTest, TheConsensusLogIsMadeEmpty) {
  InitOptions options;
  options.home = At("n1");
  ASSERT_TRUE(InitHome(options).ok());
  storage::PosixDisk disk;
  const auto opened = storage::ConsensusLog::Open(&disk, Home(At("n1")).consensus());
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_TRUE(opened->records.empty());
}

TEST_F(HomeTest, AKeyThatMayHaveVotedIsNotTakenAgain) {
  InitOptions options;
  options.home = At("n1");
  ASSERT_TRUE(InitHome(options).ok());
  const Home home(At("n1"));
  for (const std::string& lost : {home.ledger(), home.consensus(), home.genesis()}) {
    fs::remove_all(lost);
  }
  const absl::Status again = InitHome(options);
  EXPECT_EQ(again.code(), absl::StatusCode::kAlreadyExists) << again;
  EXPECT_NE(std::string(again.message()).find("may have voted"), std::string::npos) << again;
  EXPECT_EQ(InitKey(At("n1")).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(HomeTest, WhatTheOperatorMadeBeforeStaysAlsoOnAnError) {
  const auto key = InitKey(At("n1"));
  ASSERT_TRUE(key.ok());
  std::ofstream(At("n1/boursed.toml")) << "workers = 3\n";
  InitOptions options;
  options.home = At("n1");
  options.genesis_file = At("nothing.json");
  EXPECT_FALSE(InitHome(options).ok());
  EXPECT_EQ(*InitKey(At("n1")), *key);
  options.genesis_file = WriteGenesis({*key});
  ASSERT_TRUE(InitHome(options).ok());
  EXPECT_EQ(ReadConfig(Home(At("n1")))->workers, 3U);
}

TEST_F(HomeTest, AFolderWithSomethingElseIsLeftAlone) {
  fs::create_directories(At("n1"));
  std::ofstream(At("n1/letter")) << "dear";
  InitOptions options;
  options.home = At("n1");
  EXPECT_EQ(InitHome(options).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_FALSE(InitKey(At("n1")).ok());
  EXPECT_TRUE(fs::exists(At("n1/letter")));
}

TEST_F(HomeTest, WithCometBftTheHomeOfTheEngineIsMadeInsteadOfALog) {
  InitOptions options;
  options.home = At("n1");
  options.engine = kCometBft;
  ASSERT_TRUE(InitHome(options).ok());
  const Home home(At("n1"));
  EXPECT_EQ(ReadConfig(home)->engine, kCometBft);
  EXPECT_FALSE(fs::exists(home.consensus()));
  for (const char* const file :
       {"config/config.toml", "config/genesis.json", "config/priv_validator_key.json",
        "data/priv_validator_state.json"}) {
    const fs::path path = fs::path(home.engine()) / file;
    ASSERT_TRUE(fs::exists(path)) << path;
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  }
  const std::string toml = *ReadFile(home.engine() + "/config/config.toml");
  EXPECT_NE(toml.find("unix://" + fs::absolute(home.engine_socket()).string()), std::string::npos);
}

}  // namespace
}  // namespace bourse::config
