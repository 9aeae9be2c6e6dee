#include "node/config/genesis_json.h"

#include <gtest/gtest.h>

#include "absl/strings/str_replace.h"
#include "common/address.h"
#include "common/ed25519.h"

namespace bourse::config {
namespace {

AccountId KeyOf(std::uint8_t seed) {
  std::array<std::uint8_t, 32> bytes{};
  bytes[0] = seed;
  return KeyPair::FromSeed(bytes).public_key();
}

ledger::Genesis Sample() {
  ledger::Genesis genesis;
  genesis.chain_name = "test";
  genesis.time = TimeMicros(1'700'000'000'000'000);
  genesis.fees = {0, 1, 2, 3, 4, 5, 6, 7, 8};
  genesis.assets = {{"BRS", 8, {}, 1'000'000}, {"USD", 2, KeyOf(1), 9'223'372'036'854'775'807u}};
  genesis.markets = {{0, 1, 10, 20, 30, 40, 50}};
  genesis.accounts = {{KeyOf(2), {{0, 500}, {1, 9'007'199'254'740'993u}}}};
  genesis.validators = {{"one", KeyOf(3)}};
  return genesis;
}

std::string Error(const std::string& json) {
  return std::string(GenesisFromJson(json).status().message());
}

TEST(GenesisJsonTest, ReadsWhatItWrites) {
  const ledger::Genesis genesis = Sample();
  ASSERT_TRUE(ledger::Validate(genesis).ok());
  const absl::StatusOr<ledger::Genesis> read = GenesisFromJson(GenesisToJson(genesis));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(ledger::Encode(*read), ledger::Encode(genesis));
}

TEST(GenesisJsonTest, SaysWhereItIsWrong) {
  const std::string good = GenesisToJson(Sample());
  const auto with = [&](const std::string& from, const std::string& to) {
    EXPECT_NE(good.find(from), std::string::npos) << from;
    return Error(absl::StrReplaceAll(good, {{from, to}}));
  };
  EXPECT_EQ(with("\"decimals\": 8,", ""), "assets[0].decimals: missing");
  EXPECT_EQ(with("\"decimals\"", "\"decimal\""), "assets[0].decimals: missing");
  EXPECT_EQ(with("\"decimals\": 8,", "\"decimals\": 8, \"colour\": 1,"),
            "assets[0].colour: unknown key");
  EXPECT_EQ(with("\"decimals\": 8,", "\"decimals\": 8, \"isuer\": 1,"),
            "assets[0].isuer: unknown key (did you mean \"issuer\"?)");
  EXPECT_EQ(with("\"decimals\": 8", "\"decimals\": \"8\""),
            "assets[0].decimals: expected a whole number without quotes");
  EXPECT_EQ(with("\"per_byte\": \"4\"", "\"per_byte\": 4"),
            "fees.per_byte: expected a whole number in quotes, as \"1000\"");
  EXPECT_EQ(with("\"per_byte\": \"4\"", "\"per_byte\": \"-4\""),
            "fees.per_byte: expected a whole number in quotes, as \"1000\"");
  EXPECT_EQ(with("\"per_byte\": \"4\"", "\"per_byte\": \"18446744073709551616\""),
            "fees.per_byte: expected a whole number in quotes, as \"1000\"");
  EXPECT_EQ(with("\"base\": \"BRS\"", "\"base\": \"BRX\""),
            "markets[0].base: there is no asset \"BRX\" (did you mean \"BRS\"?)");
  EXPECT_EQ(with("\"USD\": \"9007199254740993\"", "\"XYZ\": \"1\""),
            "accounts[0].balances.XYZ: there is no asset \"XYZ\"");
  EXPECT_EQ(with("\"name\": \"one\",", "\"name\": \"one\", \"name\": \"two\","),
            "the key \"name\" is there twice");
  EXPECT_EQ(with("\"fees\": {", "\"fees\": ["), "not JSON; see line 6");
  EXPECT_EQ(Error("[]"), "the file: not an object");
  EXPECT_EQ(Error(""), "not JSON; see line 1");
}

TEST(GenesisJsonTest, AnAddressWithATypoIsNoAddress) {
  std::string json = GenesisToJson(Sample());
  const std::size_t at = json.find("\"id\": \"bourse1") + 20;
  json[at] = json[at] == 'q' ? 'p' : 'q';
  EXPECT_EQ(Error(json).substr(0, 15), "accounts[0].id:");
}

}  // namespace
}  // namespace bourse::config
