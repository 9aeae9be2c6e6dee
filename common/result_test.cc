#include "common/result.h"

#include <gtest/gtest.h>

#include <string>

#include "bourse/v1/result.pb.h"

namespace bourse {
namespace {

// Our codes and names are those of the API, both ways.
template <typename Code>
void ExpectSame(const google::protobuf::EnumDescriptor& api, const std::string& prefix) {
  for (int i = 0; i < api.value_count(); ++i) {
    const auto& value = *api.value(i);
    EXPECT_EQ(prefix + std::string(Name(static_cast<Code>(value.number()))), value.name());
  }
  for (int number = 0; number < 256; ++number) {
    if (api.FindValueByNumber(number) == nullptr) {
      EXPECT_EQ(Name(static_cast<Code>(number)), "UNKNOWN") << prefix << number;
    }
  }
}

TEST(ResultTest, RejectReasonsAreThoseOfTheApi) {
  ExpectSame<RejectReason>(*v1::RejectReason_descriptor(), "REJECT_REASON_");
  EXPECT_EQ(kRejectReasons, v1::RejectReason_descriptor()->value_count());
}

TEST(ResultTest, SkipReasonsAreThoseOfTheApi) {
  ExpectSame<SkipReason>(*v1::SkipReason_descriptor(), "SKIP_REASON_");
}

TEST(ResultTest, OrderStatusesAreThoseOfTheApi) {
  ExpectSame<OrderStatus>(*v1::OrderStatus_descriptor(), "ORDER_STATUS_");
}

}  // namespace
}  // namespace bourse
