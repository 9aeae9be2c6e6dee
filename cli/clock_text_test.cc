#include "cli/clock_text.h"

#include <gtest/gtest.h>

namespace bourse::cli {
namespace {

constexpr std::uint64_t kNow = 1'763'817'845 * kMicrosPerSecond;  // 2025-11-22T13:24:05Z

TEST(ClockTextTest, ReadsDurationsInEachUnit) {
  EXPECT_EQ(ParseDuration("d", "90s").value(), 90 * kMicrosPerSecond);
  EXPECT_EQ(ParseDuration("d", "10m").value(), 600 * kMicrosPerSecond);
  EXPECT_EQ(ParseDuration("d", "2h").value(), 7'200 * kMicrosPerSecond);
  EXPECT_EQ(ParseDuration("d", "7d").value(), 604'800 * kMicrosPerSecond);
}

TEST(ClockTextTest, RefusesWhatIsNoDuration) {
  for (const char* text : {"", "m", "10", "1.5h", "-1s", "10 m", "10x", "99999999999999999999d"}) {
    EXPECT_FALSE(ParseDuration("d", text).ok()) << text;
  }
}

TEST(ClockTextTest, ReadsTimesAndDurationsFromNow) {
  EXPECT_EQ(ParseTime("t", "10m", kNow).value(), kNow + 600 * kMicrosPerSecond);
  EXPECT_EQ(ParseTime("t", "2025-11-22T13:24:05Z", 0).value(), kNow);
  EXPECT_EQ(ParseTime("t", "2025-11-22T14:24:05+01:00", 0).value(), kNow);
  EXPECT_FALSE(ParseTime("t", "2025-11-22", kNow).ok());
  EXPECT_FALSE(ParseTime("t", "soon", kNow).ok());
}

TEST(ClockTextTest, WritesTimesThatItReads) {
  EXPECT_EQ(FormatTime(kNow + 7), "2025-11-22T13:24:05.000007Z");
  EXPECT_EQ(ParseTime("t", FormatTime(kNow + 7), 0).value(), kNow + 7);
  EXPECT_EQ(FormatTime(~std::uint64_t{0}), "18446744073709551615");
}

TEST(ClockTextTest, WritesUptimes) {
  EXPECT_EQ(FormatSeconds(7), "7 s");
  EXPECT_EQ(FormatSeconds(67), "1 min 07 s");
  EXPECT_EQ(FormatSeconds(7'380), "2 h 03 min");
}

}  // namespace
}  // namespace bourse::cli
