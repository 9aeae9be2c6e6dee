// Addresses of the internet, as the gate counts them.
#pragma once

#include <sys/socket.h>

#include <array>
#include <compare>
#include <cstdint>
#include <string>

namespace bourse::gate {

// Who shares one allowance: an IPv4 address, or an IPv6 network of 64 bits, which
// is what one customer gets. An IPv4 address in IPv6 form is the IPv4 address.
struct AddressKey {
  std::array<std::uint8_t, 9> bytes{};

  friend auto operator<=>(const AddressKey&, const AddressKey&) = default;
};

// Zero for families other than these two.
[[nodiscard]] AddressKey KeyOf(const sockaddr_storage& address);

// "192.0.2.1", "2001:db8::1"; an IPv4 address in IPv6 form as IPv4.
[[nodiscard]] std::string TextOf(const sockaddr_storage& address);
[[nodiscard]] std::uint16_t PortOf(const sockaddr_storage& address);

}  // namespace bourse::gate
