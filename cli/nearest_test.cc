#include "cli/nearest.h"

#include <gtest/gtest.h>

namespace bourse::cli {
namespace {

const std::vector<std::string> kNames = {"keys", "order", "trades", "transfer", "tx"};

TEST(NearestTest, FindsWhatASlipOfTheFingersMeant) {
  EXPECT_EQ(Nearest("ordr", kNames), "order");
  EXPECT_EQ(Nearest("rode", kNames), "order");
  EXPECT_EQ(Nearest("oredr", kNames), "order");
  EXPECT_EQ(Nearest("key", kNames), "keys");
  EXPECT_EQ(Nearest("trans", kNames), "transfer");
}

TEST(NearestTest, OffersNothingThatIsFarOff) {
  EXPECT_EQ(Nearest("withdraw", kNames), std::nullopt);
  EXPECT_EQ(Nearest("zz", kNames), std::nullopt);
  EXPECT_EQ(Nearest("", kNames), std::nullopt);
}

}  // namespace
}  // namespace bourse::cli
