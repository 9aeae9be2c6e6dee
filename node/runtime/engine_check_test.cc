#include "node/runtime/engine_check.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "ledger/memory_store.h"
#include "node/cometbft/app_hash.h"
#include "node/config/config.h"

namespace bourse::runtime {
namespace {

namespace fs = std::filesystem;

class EngineCheckTest : public ::testing::Test {
 protected:
  EngineCheckTest()
      : home_(
            (fs::temp_directory_path() / ("bourse-engine-" + std::to_string(getpid()))).string()) {}
  ~EngineCheckTest() override { fs::remove_all(home_.path); }

  // As a block of CometBFT's leaves the ledger.
  void GetABlockFromCometBft() {
    cometbft::AppHashStore app_hashes(&ledger_);
    app_hashes.SetNext(HashOf(AsBytes("app hash")));
    ASSERT_TRUE(app_hashes.Apply({}).ok());
  }

  [[nodiscard]] std::string Check(const char* engine) const {
    return std::string(CheckEngine(home_, engine, ledger_).message());
  }

  const config::Home home_;
  ledger::MemoryStore ledger_;
};

TEST_F(EngineCheckTest, AHomeMadeForCometBftIsNotStartedWithTheOther) {
  fs::create_directories(home_.engine());
  EXPECT_EQ(Check(config::kCometBft), "");
  EXPECT_EQ(
      Check(config::kSimplex),
      home_.path +
          ": this node's blocks are ordered by CometBFT, and its network keeps that: start it "
          "with --engine cometbft, or with engine = \"cometbft\" in " +
          home_.toml() +
          ". A node of another network is made by: boursed init --home DIR --engine ENGINE");
}

TEST_F(EngineCheckTest, AHomeMadeForTheBuiltInOneIsNotStartedWithCometBft) {
  fs::create_directories(home_.consensus());
  EXPECT_EQ(Check(config::kSimplex), "");
  EXPECT_NE(Check(config::kCometBft).find("start it with --engine simplex"), std::string::npos);
}

// A ledger that was put into another home.
TEST_F(EngineCheckTest, ALedgerOfCometBftsIsNotStartedWithTheOther) {
  fs::create_directories(home_.consensus());
  GetABlockFromCometBft();
  EXPECT_NE(Check(config::kSimplex).find("start it with --engine cometbft"), std::string::npos);
}

// The log of a validator's votes is gone, or CometBFT's home is elsewhere: not for this to say.
TEST_F(EngineCheckTest, AHomeWithNeitherFolderPasses) {
  EXPECT_EQ(Check(config::kSimplex), "");
  EXPECT_EQ(Check(config::kCometBft), "");
}

}  // namespace
}  // namespace bourse::runtime
