#include "common/hash.h"

#include <absl/container/flat_hash_set.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <numeric>
#include <string>

namespace bourse {
namespace {

// Expected values: Python's hashlib.blake2b(..., digest_size=32).

TEST(HashTest, IsBlake2bOf256Bits) {
  EXPECT_EQ(ToHex(HashOf({})), "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
  EXPECT_EQ(ToHex(HashOf(AsBytes("abc"))),
            "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  std::array<std::uint8_t, 256> bytes;
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  EXPECT_EQ(ToHex(HashOf(bytes)),
            "39a7eb9fedc19aabc83425c6755dd90e6f9d0c804964a1f4aaeea3b9fb599835");
}

TEST(HasherTest, StartsWithTheDomainAlone) {
  EXPECT_EQ(ToHex(Hasher("bourse/tx/1").Finish()),
            "bb3af64758fcdb502da8f9212b4ba3bc5927c80f81421350bf6972e4006d5feb");
  EXPECT_EQ(Hasher("bourse/tx/1").Finish(), HashOf(AsBytes("bourse/tx/1")));
}

TEST(HasherTest, PiecesHashAsTheirConcatenation) {
  Hasher hasher("ab");
  hasher.Update("").Update("c");
  EXPECT_EQ(hasher.Finish(), HashOf(AsBytes("abc")));
}

TEST(HasherTest, IntegersAreLittleEndian) {
  Hasher hasher("bourse/x/1");
  hasher.UpdateU32(0x01020304).UpdateU64(0x0102030405060708).Update("tail");
  EXPECT_EQ(ToHex(hasher.Finish()),
            "779b417e8b48cb31b359b95ae606f62c9b1cc42cd79b04f2a3fd3864d188738a");
}

TEST(Hash256Test, ComparesAsBigEndianNumbersDo) {
  Hash256 low, high;
  low.bytes[31] = 0xff;
  high.bytes[0] = 1;
  EXPECT_LT(low, high);
  EXPECT_EQ(low, low);
  EXPECT_NE(low, high);
}

TEST(Hash256Test, IsAKeyOfHashedContainers) {
  absl::flat_hash_set<Hash256> set = {HashOf(AsBytes("a")), HashOf(AsBytes("b"))};
  EXPECT_TRUE(set.contains(HashOf(AsBytes("b"))));
  EXPECT_FALSE(set.contains(HashOf(AsBytes("c"))));
}

TEST(HexTest, ReadsWhatItWritesInEitherCase) {
  const Hash256 hash = HashOf(AsBytes("abc"));
  std::string text = ToHex(hash);
  Hash256 read;
  ASSERT_TRUE(FromHex(text, &read));
  EXPECT_EQ(read, hash);
  for (char& c : text) {
    if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
  }
  ASSERT_TRUE(FromHex(text, &read));
  EXPECT_EQ(read, hash);
}

TEST(HexTest, RefusesWrongLengthsAndOtherCharacters) {
  Hash256 hash;
  EXPECT_FALSE(FromHex("", &hash));
  EXPECT_FALSE(FromHex(std::string(63, '0'), &hash));
  EXPECT_FALSE(FromHex(std::string(65, '0'), &hash));
  EXPECT_FALSE(FromHex(std::string(62, '0') + "0g", &hash));
  EXPECT_FALSE(FromHex(std::string(62, '0') + "G0", &hash));
  EXPECT_FALSE(FromHex("0x" + std::string(62, '0'), &hash));
  EXPECT_FALSE(FromHex(std::string(62, '0') + " 0", &hash));
}

TEST(BytesTest, TextAndBytesAreTwoViewsOfTheSame) {
  const std::string text("a\0b", 3);
  EXPECT_EQ(AsBytes(text).size(), 3u);
  EXPECT_EQ(AsText(AsBytes(text)), text);
}

}  // namespace
}  // namespace bourse
