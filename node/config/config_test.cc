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
  ASSERT_TRUE(ReadToml(DefaultToml(), &config).ok());
  const Config defaults;
  EXPECT_EQ(config.listen, defaults.listen);
  EXPECT_EQ(config.log_level, defaults.log_level);
  EXPECT_EQ(config.idle_interval_ms, defaults.idle_interval_ms);
  EXPECT_EQ(config.min_block_interval_ms, defaults.min_block_interval_ms);
  EXPECT_EQ(config.workers, defaults.workers);
  EXPECT_TRUE(Validate(config).ok());
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

}  // namespace
}  // namespace bourse::config
