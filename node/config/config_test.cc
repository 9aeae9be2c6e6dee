#include "node/config/config.h"

#include <gtest/gtest.h>

namespace bourse::config {
namespace {

std::string ReadError(std::string_view text) {
  Config config;
  return std::string(ReadToml(text, &config).message());
}

std::string ValidateError(const Config& config) { return std::string(Validate(config).message()); }

TEST(ConfigTest, TheDefaultFileSaysTheDefaults) {
  Config config;
  config.listen = config.log_level = "x";
  config.idle_interval_ms = config.min_block_interval_ms = config.workers = 9;
  config.slot_timeout_ms = 9;
  config.peer_listen = config.engine = config.engine_rpc = "x";
  ASSERT_TRUE(ReadToml(DefaultToml(), &config).ok());
  const Config defaults;
  EXPECT_EQ(config.listen, defaults.listen);
  EXPECT_EQ(config.log_level, defaults.log_level);
  EXPECT_EQ(config.idle_interval_ms, defaults.idle_interval_ms);
  EXPECT_EQ(config.min_block_interval_ms, defaults.min_block_interval_ms);
  EXPECT_EQ(config.workers, defaults.workers);
  EXPECT_EQ(config.slot_timeout_ms, defaults.slot_timeout_ms);
  EXPECT_EQ(config.peer_listen, defaults.peer_listen);
  EXPECT_EQ(config.engine, kSimplex);
  EXPECT_EQ(config.engine_rpc, defaults.engine_rpc);
  EXPECT_TRUE(config.peers.empty());
  EXPECT_TRUE(Validate(config).ok());
  ASSERT_TRUE(ReadToml(DefaultToml(kCometBft), &config).ok());
  EXPECT_EQ(config.engine, kCometBft);
}

TEST(ConfigTest, AnUnknownKeyIsAnErrorWithTheNearestKnownOne) {
  EXPECT_EQ(ReadError("\nlog_levle = 'info'"),
            "line 2: log_levle: unknown key (did you mean \"log_level\"?)");
  EXPECT_EQ(ReadError("something_else_altogether = 1"),
            "line 1: something_else_altogether: unknown key");
  EXPECT_EQ(ReadError("[listen]\na = 1"), "line 1: listen: expected text in quotes");
}

TEST(ConfigTest, ValuesHaveTheirTypes) {
  EXPECT_EQ(ReadError("workers = 'two'"), "line 1: workers: expected a whole number");
  EXPECT_EQ(ReadError("workers = -1"), "line 1: workers: expected a whole number");
  EXPECT_EQ(ReadError("insecure = 1"), "line 1: insecure: expected true or false");
  EXPECT_EQ(ReadError("listen = 7400"), "line 1: listen: expected text in quotes");
  EXPECT_EQ(ReadError("listen = ").substr(0, 7), "line 1:");
}

TEST(ConfigTest, OtherComputersNeedTlsOrAnExplicitInsecure) {
  Config config;
  config.listen = "0.0.0.0:7400";
  EXPECT_NE(ValidateError(config).find("--tls-cert"), std::string::npos);
  config.insecure = true;
  EXPECT_TRUE(Validate(config).ok());
  config.insecure = false;
  config.tls_cert = config.tls_key = "file.pem";
  EXPECT_TRUE(Validate(config).ok());
  config.tls_key.clear();
  EXPECT_EQ(ValidateError(config), "tls_cert and tls_key belong together: give both, or none");
}

TEST(ConfigTest, EndpointsAreNumeric) {
  const absl::StatusOr<Endpoint> six = ParseEndpoint("[::1]:0");
  ASSERT_TRUE(six.ok());
  EXPECT_EQ(six->address, "::1");
  EXPECT_TRUE(six->loopback);
  EXPECT_TRUE(ParseEndpoint("localhost:1")->loopback);
  EXPECT_FALSE(ParseEndpoint("192.168.1.2:1")->loopback);
  for (const char* bad : {"", "7400", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                          "example.org:80", ":80", "1.2.3.4.5:6"}) {
    EXPECT_FALSE(ParseEndpoint(bad).ok()) << bad;
  }
}

TEST(ConfigTest, PeersAreAListOfTexts) {
  Config config;
  config.peers = {"of before"};
  ASSERT_TRUE(ReadToml("peers = ['two@192.0.2.2:7500', 'three']", &config).ok());
  EXPECT_EQ(config.peers, (std::vector<std::string>{"two@192.0.2.2:7500", "three"}));
  EXPECT_TRUE(Validate(config).ok());
  EXPECT_EQ(ReadError("peers = 'two'"),
            "line 1: peers: expected a list of texts, as [\"a\", \"b\"]");
  EXPECT_EQ(ReadError("peers = [\n1]"), "line 2: peers: expected text in quotes");
  config.peers = {"two@192.0.2.2"};
  EXPECT_NE(ValidateError(config).find("KEY@host:port"), std::string::npos);
}

TEST(ConfigTest, OtherNodesConnectToAnyAddressOrNone) {
  Config config;
  for (const char* good : {"0.0.0.0:7500", "[::]:7500", "127.0.0.1:0", ""}) {
    config.peer_listen = good;
    EXPECT_TRUE(Validate(config).ok()) << good;
  }
  config.peer_listen = "everywhere";
  EXPECT_EQ(ValidateError(config),
            "peer_listen: \"everywhere\" is not address:port, as 127.0.0.1:7500");
}

TEST(ConfigTest, ASlotsTimeoutHasBounds) {
  Config config;
  for (const std::uint32_t bad : {19U, 60'001U}) {
    config.slot_timeout_ms = bad;
    EXPECT_EQ(ValidateError(config), "slot_timeout_ms: 20 to 60000 are possible");
  }
  config.slot_timeout_ms = 20;
  EXPECT_TRUE(Validate(config).ok());
}

TEST(ConfigTest, TheEngineIsOneOfTwoAndMeetsTheNodeOnThisComputer) {
  Config config;
  config.engine = "tendermint";
  EXPECT_NE(ValidateError(config).find("neither"), std::string::npos);
  config.engine = kCometBft;
  EXPECT_TRUE(Validate(config).ok());
  config.engine_listen = "127.0.0.1:26658";
  EXPECT_TRUE(Validate(config).ok());
  config.engine_listen = "0.0.0.0:26658";
  EXPECT_NE(ValidateError(config).find("blocks into the ledger"), std::string::npos);
  config.engine_listen.clear();
  config.engine_rpc = "26657";
  EXPECT_NE(ValidateError(config).find("engine_rpc"), std::string::npos);
}

}  // namespace
}  // namespace bourse::config
