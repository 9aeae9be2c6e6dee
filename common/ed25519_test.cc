#include "common/ed25519.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bourse {
namespace {

std::string FromHexText(std::string_view hex) {
  std::string out(hex.size() / 2, '\0');
  EXPECT_EQ(sodium_hex2bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), hex.data(),
                           hex.size(), nullptr, nullptr, nullptr),
            0);
  return out;
}

std::array<std::uint8_t, 32> Bytes32(std::string_view hex) {
  Hash256 hash;
  EXPECT_TRUE(FromHex(hex, &hash));
  return hash.bytes;
}

// RFC 8032, section 7.1, tests 1 to 3.
constexpr struct {
  const char *seed, *public_key, *message, *signature;
} kVectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
     "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
};

TEST(Ed25519Test, SignsAsTheRfcDoes) {
  for (const auto& vector : kVectors) {
    SCOPED_TRACE(vector.seed);
    const KeyPair key = KeyPair::FromSeed(Bytes32(vector.seed));
    EXPECT_EQ(ToHex(Bytes(key.public_key().bytes)), vector.public_key);
    EXPECT_EQ(ToHex(Bytes(key.seed())), vector.seed);
    const std::string message = FromHexText(vector.message);
    const Signature signature = key.Sign(AsBytes(message));
    EXPECT_EQ(ToHex(Bytes(signature.bytes)), vector.signature);
    EXPECT_TRUE(Verify(key.public_key(), AsBytes(message), signature));
  }
}

TEST(Ed25519Test, RefusesAnyChangedBit) {
  const KeyPair key = KeyPair::FromSeed(Bytes32(kVectors[0].seed));
  const std::string message = "32 lots of BTC/USD at 64000 ticks";
  const Signature signature = key.Sign(AsBytes(message));
  ASSERT_TRUE(Verify(key.public_key(), AsBytes(message), signature));
  for (std::size_t bit = 0; bit < 64 * 8; ++bit) {
    Signature changed = signature;
    changed.bytes[bit / 8] = static_cast<std::uint8_t>(changed.bytes[bit / 8] ^ 1 << bit % 8);
    EXPECT_FALSE(Verify(key.public_key(), AsBytes(message), changed)) << "bit " << bit;
  }
  for (std::size_t i = 0; i < message.size(); ++i) {
    std::string changed = message;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(Verify(key.public_key(), AsBytes(changed), signature)) << "byte " << i;
  }
  EXPECT_FALSE(Verify(KeyPair::FromSeed({}).public_key(), AsBytes(message), signature));
}

TEST(Ed25519Test, GeneratesANewKeyEachTime) {
  const KeyPair a = KeyPair::Generate(), b = KeyPair::Generate();
  EXPECT_NE(a.public_key(), b.public_key());
  EXPECT_EQ(KeyPair::FromSeed(a.seed()).public_key(), a.public_key());
  EXPECT_TRUE(IsValidPublicKey(a.public_key()));
}

TEST(Ed25519Test, RefusesKeysThatNoSignerHas) {
  for (const char* key : {
           // Of small order: 0 and 1 as y, and a point of order 8.
           "0000000000000000000000000000000000000000000000000000000000000000",
           "0100000000000000000000000000000000000000000000000000000000000000",
           "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
           // Of mixed order, from the edge cases of CheckVerifier.
           "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
           // Not on the curve, and y = p + 1.
           "0200000000000000000000000000000000000000000000000000000000000000",
           "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
       }) {
    EXPECT_FALSE(IsValidPublicKey(PublicKey{Bytes32(key)})) << key;
  }
  for (const auto& vector : kVectors) {
    EXPECT_TRUE(IsValidPublicKey(PublicKey{Bytes32(vector.public_key)}));
  }
}

TEST(CheckVerifierTest, FindsThatThisLibraryDecidesAsAllNodesMust) {
  const absl::Status status = CheckVerifier();
  EXPECT_TRUE(status.ok()) << status;
}

}  // namespace
}  // namespace bourse
