#include "node/gate/address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>

namespace bourse::gate {
namespace {

sockaddr_storage Address(const char* text, std::uint16_t port = 0) {
  sockaddr_storage storage{};
  sockaddr_in ipv4{};
  sockaddr_in6 ipv6{};
  if (::inet_pton(AF_INET, text, &ipv4.sin_addr) == 1) {
    ipv4.sin_family = AF_INET;
    ipv4.sin_port = htons(port);
    std::memcpy(&storage, &ipv4, sizeof(ipv4));
  } else if (::inet_pton(AF_INET6, text, &ipv6.sin6_addr) == 1) {
    ipv6.sin6_family = AF_INET6;
    ipv6.sin6_port = htons(port);
    std::memcpy(&storage, &ipv6, sizeof(ipv6));
  }
  return storage;
}

TEST(AddressTest, PrintsBothFamilies) {
  EXPECT_EQ(TextOf(Address("192.0.2.1")), "192.0.2.1");
  EXPECT_EQ(TextOf(Address("2001:db8::1")), "2001:db8::1");
  EXPECT_EQ(TextOf(Address("::ffff:192.0.2.1")), "192.0.2.1");
  EXPECT_EQ(PortOf(Address("192.0.2.1", 4711)), 4711);
  EXPECT_EQ(PortOf(Address("2001:db8::1", 4711)), 4711);
}

TEST(AddressTest, CountsIpv4AddressesOneByOneInEitherForm) {
  EXPECT_EQ(KeyOf(Address("192.0.2.1")), KeyOf(Address("::ffff:192.0.2.1")));
  EXPECT_NE(KeyOf(Address("192.0.2.1")), KeyOf(Address("192.0.2.2")));
}

TEST(AddressTest, CountsAnIpv6NetworkOf64BitsAsOne) {
  EXPECT_EQ(KeyOf(Address("2001:db8:0:1::1")), KeyOf(Address("2001:db8:0:1:ffff::2")));
  EXPECT_NE(KeyOf(Address("2001:db8:0:1::1")), KeyOf(Address("2001:db8:0:2::1")));
}

}  // namespace
}  // namespace bourse::gate
