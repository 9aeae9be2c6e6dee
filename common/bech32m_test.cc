#include "common/bech32m.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <cstddef>
#include <string>

namespace bourse {
namespace {

using ::testing::HasSubstr;

// The vectors of BIP 350, "Test vectors for Bech32m".

TEST(Bech32mTest, ReadsAndWritesTheValidVectors) {
  for (const char* text : {
           "A1LQFN3A",
           "a1lqfn3a",
           "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber1"
           "1sg7hg6",
           "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
           "11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllll"
           "ludsr8",
           "split1checkupstagehandshakeupstreamerranterredcaperredlc445v",
           "?1v759aa",
       }) {
    SCOPED_TRACE(text);
    const absl::StatusOr<Bech32m> parts = DecodeBech32m(text);
    ASSERT_TRUE(parts.ok()) << parts.status();
    std::string lower(text);
    for (char& c : lower) c = static_cast<char>(std::tolower(c));
    EXPECT_EQ(EncodeBech32m(*parts), lower);
  }
}

TEST(Bech32mTest, SeparatesPrefixAndValues) {
  const absl::StatusOr<Bech32m> parts =
      DecodeBech32m("abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx");
  ASSERT_TRUE(parts.ok()) << parts.status();
  EXPECT_EQ(parts->prefix, "abcdef");
  ASSERT_EQ(parts->values.size(), 32u);
  for (std::size_t i = 0; i < 32; ++i) EXPECT_EQ(parts->values[i], 31 - i);
}

TEST(Bech32mTest, RefusesTheInvalidVectorsAndSaysWhy) {
  const struct {
    const char* text;
    const char* error;
  } kCases[] = {
      {"\x20"
       "1xj0phk",
       "a character that no address has"},
      {"\x7f"
       "1g6xzxy",
       "a character that no address has"},
      {"\x80"
       "1vctc34",
       "a character that no address has"},
      {"an84characterslonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11d6pts"
       "4",
       "91 characters, at most 90"},
      {"qyrz8wqd2c9m", "a prefix and '1' must come first"},
      {"1qyrz8wqd2c9m", "a prefix and '1' must come first"},
      {"y1b0jsk6g", "character 'b' is not used"},
      {"lt1igcx5c0", "character 'i' is not used"},
      {"in1muywd", "too short"},
      {"mm1crxm3i", "character 'i' is not used"},
      {"au1s5cgom", "character 'o' is not used"},
      {"M1VUXWEZ", "checksum is wrong"},
      {"16plkw9", "a prefix and '1' must come first"},
      {"1p2gdwpf", "a prefix and '1' must come first"},
      {"A1lqfn3a", "mixed"},
      {"", "a prefix and '1' must come first"},
      // Bech32 of BIP 173, the older checksum.
      {"a12uel5l", "checksum is wrong"},
  };
  for (const auto& [text, error] : kCases) {
    SCOPED_TRACE(text);
    const absl::StatusOr<Bech32m> parts = DecodeBech32m(text);
    EXPECT_EQ(parts.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(parts.status().message()), HasSubstr(error));
  }
}

}  // namespace
}  // namespace bourse
