#include "node/runtime/log.h"

#include <gtest/gtest.h>

namespace bourse::runtime {
namespace {

TEST(LogTest, ValuesThatAreNotPlainAreQuotedOnOneLine) {
  EXPECT_EQ(LogfmtValue("127.0.0.1:7400"), "127.0.0.1:7400");
  EXPECT_EQ(LogfmtValue(""), "\"\"");
  EXPECT_EQ(LogfmtValue("two words"), "\"two words\"");
  EXPECT_EQ(LogfmtValue("a=b"), "\"a=b\"");
  EXPECT_EQ(LogfmtValue("say \"no\"\\"), "\"say \\\"no\\\"\\\\\"");
  EXPECT_EQ(LogfmtValue("one\ntwo\x1b"), "\"one\\ntwo\\x1b\"");
}

}  // namespace
}  // namespace bourse::runtime
