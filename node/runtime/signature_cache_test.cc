#include "node/runtime/signature_cache.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>

namespace bourse::runtime {
namespace {

Hash256 Numbered(std::uint64_t number) {
  Hash256 hash;
  std::memcpy(hash.bytes.data(), &number, sizeof(number));
  return hash;
}

TEST(SignatureCacheTest, KnowsWhatWasAdded) {
  SignatureCache cache;
  EXPECT_FALSE(cache.Has(Numbered(1)));
  cache.Add(Numbered(1));
  EXPECT_TRUE(cache.Has(Numbered(1)));
  EXPECT_FALSE(cache.Has(Numbered(2)));
}

TEST(SignatureCacheTest, RemembersTheLastAndForgetsTheOldest) {
  SignatureCache cache;
  for (std::uint64_t i = 0; i < 3 * SignatureCache::kRemembered; ++i) cache.Add(Numbered(i));
  EXPECT_FALSE(cache.Has(Numbered(0)));
  EXPECT_TRUE(cache.Has(Numbered(2 * SignatureCache::kRemembered)));
  EXPECT_TRUE(cache.Has(Numbered(3 * SignatureCache::kRemembered - 1)));
}

}  // namespace
}  // namespace bourse::runtime
