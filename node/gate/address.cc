#include "node/gate/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace bourse::gate {
namespace {

const sockaddr_in& As4(const sockaddr_storage& address) {
  return reinterpret_cast<const sockaddr_in&>(address);
}
const sockaddr_in6& As6(const sockaddr_storage& address) {
  return reinterpret_cast<const sockaddr_in6&>(address);
}

// The IPv4 address inside, if there is one.
const std::uint8_t* Find4(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    return reinterpret_cast<const std::uint8_t*>(&As4(address).sin_addr);
  }
  if (address.ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&As6(address).sin6_addr)) {
    return As6(address).sin6_addr.s6_addr + 12;
  }
  return nullptr;
}

}  // namespace

AddressKey KeyOf(const sockaddr_storage& address) {
  AddressKey key;
  if (const std::uint8_t* ipv4 = Find4(address); ipv4 != nullptr) {
    key.bytes[0] = 4;
    std::copy_n(ipv4, 4, key.bytes.begin() + 1);
  } else if (address.ss_family == AF_INET6) {
    key.bytes[0] = 6;
    std::copy_n(As6(address).sin6_addr.s6_addr, 8, key.bytes.begin() + 1);
  }
  return key;
}

std::string TextOf(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (const std::uint8_t* ipv4 = Find4(address); ipv4 != nullptr) {
    ::inet_ntop(AF_INET, ipv4, text.data(), text.size());
  } else if (address.ss_family == AF_INET6) {
    ::inet_ntop(AF_INET6, &As6(address).sin6_addr, text.data(), text.size());
  }
  return text.data();
}

std::uint16_t PortOf(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) return ntohs(As4(address).sin_port);
  if (address.ss_family == AF_INET6) return ntohs(As6(address).sin6_port);
  return 0;
}

}  // namespace bourse::gate
