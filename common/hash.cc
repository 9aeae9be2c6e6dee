#include "common/hash.h"

#include "common/check.h"

namespace bourse {
namespace {

template <typename Integer>
std::array<std::uint8_t, sizeof(Integer)> LittleEndian(Integer value) {
  std::array<std::uint8_t, sizeof(Integer)> out{};
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    out[i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  return out;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Hasher::Hasher(std::string_view domain) {
  crypto_generichash_init(&state_, nullptr, 0, 32);
  Update(domain);
}

Hasher& Hasher::Update(Bytes bytes) {
  crypto_generichash_update(&state_, bytes.data(), bytes.size());
  return *this;
}

Hasher& Hasher::UpdateU32(std::uint32_t value) { return Update(Bytes(LittleEndian(value))); }

Hasher& Hasher::UpdateU64(std::uint64_t value) { return Update(Bytes(LittleEndian(value))); }

Hash256 Hasher::Finish() {
  Hash256 out;
  crypto_generichash_final(&state_, out.bytes.data(), out.bytes.size());
  return out;
}

Hash256 HashOf(Bytes bytes) {
  Hash256 out;
  crypto_generichash(out.bytes.data(), out.bytes.size(), bytes.data(), bytes.size(), nullptr, 0);
  return out;
}

std::string ToHex(Bytes bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

bool FromHex(std::string_view text, Hash256* hash) {
  if (text.size() != 64) return false;
  for (std::size_t i = 0; i < 32; ++i) {
    const int high = HexDigit(text[2 * i]), low = HexDigit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    hash->bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

}  // namespace bourse
