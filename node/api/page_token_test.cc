#include "node/api/page_token.h"

#include <gtest/gtest.h>

namespace bourse::api {
namespace {

TEST(PageTokenTest, ReadsWhatItMade) {
  const std::string token = MakePageToken<2>('t', {7, ~std::uint64_t{0}});
  const auto at = ReadPageToken<2>('t', token);
  ASSERT_TRUE(at.ok());
  EXPECT_EQ((*at)[0], 7u);
  EXPECT_EQ((*at)[1], ~std::uint64_t{0});
}

TEST(PageTokenTest, RefusesTokensOfOtherListsAndJunk) {
  const std::string token = MakePageToken<1>('t', {7});
  for (const std::string& bad : {MakePageToken<1>('o', {7}), MakePageToken<2>('t', {7, 8}),
                                 token + "x", token.substr(1), std::string("t")}) {
    EXPECT_EQ(ReadPageToken<1>('t', bad).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(PageTokenTest, APageHasABoundAndADefault) {
  EXPECT_EQ(PageSize(0).value(), limits::kDefaultPageSize);
  EXPECT_EQ(PageSize(limits::kMaxPageSize).value(), limits::kMaxPageSize);
  EXPECT_EQ(PageSize(limits::kMaxPageSize + 1).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace bourse::api
