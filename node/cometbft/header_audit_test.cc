#include "node/cometbft/header_audit.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "common/codec.h"
#include "ledger/memory_store.h"
#include "ledger/records.h"
#include "ledger/schema.h"
#include "node/cometbft/app_hash.h"
#include "node/cometbft/driver.h"

namespace bourse::cometbft {
namespace {

Hash256 Named(const std::string& name) { return HashOf(AsBytes(name)); }

// By `printf transaction | sha256sum`, and so on up the tree.
TEST(HeaderAuditTest, TheDataHashIsCometBfts) {
  EXPECT_EQ(ToHex(DataHash({})),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(ToHex(DataHash({"a"})),
            "a23bd5b06da9048238a65b3f1d9d0b9e15fae3dde262688e6489aa4c763d1820");
  EXPECT_EQ(ToHex(DataHash({"a", "b", "c"})),
            "cac3d448d4e20a2ad5eae1f500e63c2a7f9217cd14572ba7fd22e26dc1ec2648");
}

// A ledger of three blocks, the second one empty, and the headers of the engine that ordered them.
class CompareTest : public ::testing::Test {
 protected:
  CompareTest() {
    Hash256 app_hash = GenesisAppHash(chain_.genesis_state_root);
    AppHashStore app_hashes(&store_);
    for (std::uint64_t i = 1; i <= 3; ++i) {
      ledger::BlockHeader header;
      header.height = Height(i);
      header.time = TimeMicros(1'000 * i);
      header.hash = Named("block" + std::to_string(i));
      header.state_root = Named("state" + std::to_string(i));
      header.transactions = i == 2 ? 0 : 1;
      std::vector<std::string> transactions;
      if (i != 2) transactions.push_back("transaction" + std::to_string(i));
      headers_.push_back({header.height, header.hash, ChainId(chain_.genesis_hash), header.time,
                          DataHash(transactions), app_hash});
      app_hash = AppHashOf(header, app_hash);
      Writer body;
      for (const std::string& one : transactions) body.Sized(one);
      ledger::Batch batch;
      batch.Put(ledger::Family::kBlocks, ledger::HeaderKey(header.height), Encode(header));
      batch.Put(ledger::Family::kBlocks, ledger::BodyKey(header.height), std::move(body).Take());
      app_hashes.SetNext(app_hash);
      EXPECT_TRUE(app_hashes.Apply(batch).ok());
    }
    headers_.push_back({Height(4), Named("block4"), ChainId(chain_.genesis_hash), TimeMicros(9'000),
                        DataHash({}), app_hash});
  }

  // Two at a time.
  absl::StatusOr<std::uint64_t> Compare() {
    return CompareHeaders(
        store_, chain_,
        [this](Height first, Height last) -> absl::StatusOr<std::vector<EngineHeader>> {
          std::vector<EngineHeader> out;
          for (const EngineHeader& one : headers_) {
            if (one.height >= first && one.height <= last && out.size() < 2) out.push_back(one);
          }
          if (out.empty()) return absl::NotFoundError("no such block");
          return out;
        });
  }

  ledger::MemoryStore store_;
  AuditedChain chain_{Named("genesis"), Named("state0"), Height(3)};
  std::vector<EngineHeader> headers_;
};

TEST_F(CompareTest, WhatTheEngineFinalizedIsCounted) {
  EXPECT_TRUE(CheckAppHash(store_, chain_).ok());
  EXPECT_EQ(*Compare(), 3u);
}

TEST_F(CompareTest, AnEngineThatEndsWhereTheLedgerDoesKnowsNotTheLastAppHash) {
  headers_.pop_back();
  EXPECT_EQ(*Compare(), 2u);
  headers_.pop_back();
  EXPECT_FALSE(Compare().ok());
}

TEST_F(CompareTest, WhateverDiffersIsFound) {
  const std::vector<EngineHeader> good = headers_;
  for (auto change : std::vector<void (*)(EngineHeader*)>{
           [](EngineHeader* one) { one->hash = Named("other"); },
           [](EngineHeader* one) { one->time = TimeMicros(one->time.value() + 1); },
           [](EngineHeader* one) { one->data_hash = DataHash({"other"}); },
           [](EngineHeader* one) { one->app_hash = Named("other"); },
           [](EngineHeader* one) { one->chain_id = "other"; }}) {
    headers_ = good;
    change(&headers_[2]);
    const auto compared = Compare();
    EXPECT_EQ(compared.status().code(), absl::StatusCode::kDataLoss);
  }
  ledger::Batch batch;
  batch.Put(ledger::Family::kFinality, "cometbft", std::string(32, 'x'));
  ASSERT_TRUE(store_.Apply(batch).ok());
  EXPECT_FALSE(CheckAppHash(store_, chain_).ok());
}

}  // namespace
}  // namespace bourse::cometbft
