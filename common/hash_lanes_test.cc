#include "common/hash_lanes.h"

#include <sodium.h>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace bourse {
namespace {

HashDomain DomainOf(std::string_view name) {
  HashDomain domain{};
  for (std::size_t i = 0; i < name.size(); ++i) domain[i] = static_cast<std::uint8_t>(name[i]);
  return domain;
}

// As libsodium hashes it, alone.
Hash256 Expected(const HashDomain& domain, std::string_view message) {
  Hash256 out;
  crypto_generichash_blake2b_salt_personal(out.bytes.data(), out.bytes.size(),
                                           AsBytes(message).data(), message.size(), nullptr, 0,
                                           nullptr, domain.data());
  return out;
}

std::string RandomText(std::mt19937_64& random, std::size_t size) {
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

TEST(HashLanesTest, EqualsOtherBlake2bForEveryLength) {
  std::mt19937_64 random(1);
  const HashDomain domain = DomainOf("bourse/test/1");
  std::vector<std::string> messages;
  for (std::size_t size = 0; size <= 400; ++size) messages.push_back(RandomText(random, size));
  std::vector<Hash256> hashes(messages.size());
  HashLanes lanes(domain);
  for (std::size_t i = 0; i < messages.size(); ++i) lanes.Add({}, AsBytes(messages[i]), &hashes[i]);
  lanes.Finish();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    EXPECT_EQ(hashes[i], Expected(domain, messages[i])) << i << " bytes";
  }
}

TEST(HashLanesTest, LongAndShortOnesShareTheLanes) {
  std::mt19937_64 random(2);
  for (std::size_t count = 0; count <= 20; ++count) {
    std::vector<std::string> heads, bodies;
    for (std::size_t i = 0; i < count; ++i) {
      heads.push_back(RandomText(random, random() % 129));
      bodies.push_back(RandomText(random, random() % (random() % 4 == 0 ? 3'000 : 130)));
    }
    std::vector<Hash256> hashes(count);
    HashLanes lanes;
    for (std::size_t i = 0; i < count; ++i) {
      lanes.Add(AsBytes(heads[i]), AsBytes(bodies[i]), &hashes[i]);
    }
    lanes.Finish();
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(hashes[i], HashOf(AsBytes(heads[i] + bodies[i]))) << i << " of " << count;
    }
  }
}

// What is added may be gone before it is finished, if it was short.
TEST(HashLanesTest, CopiesTheFirstBlock) {
  std::vector<Hash256> hashes(3);
  {
    HashLanes lanes;
    for (std::size_t i = 0; i < hashes.size(); ++i) {
      const std::string message(128, static_cast<char>('a' + i));
      lanes.Add({}, AsBytes(message), &hashes[i]);
    }
  }
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    EXPECT_EQ(hashes[i], HashOf(AsBytes(std::string(128, static_cast<char>('a' + i)))));
  }
}

}  // namespace
}  // namespace bourse
