#include "node/gate/peer_registry.h"

#include <gtest/gtest.h>

namespace bourse::gate {
namespace {

PeerInfo From(const char* address, std::uint64_t id = 1) {
  return {.id = id, .address = address, .port = 1, .key = std::nullopt};
}

TEST(PeerRegistryTest, FindsByDescriptorAndByTheNameThatGrpcGives) {
  PeerRegistry peers;
  peers.Add(7, From("192.0.2.1"));
  ASSERT_TRUE(peers.Find(7).has_value());
  ASSERT_TRUE(peers.Find("fd:7").has_value());
  EXPECT_EQ(peers.Find("fd:7")->address, "192.0.2.1");
}

TEST(PeerRegistryTest, FindsNothingForOtherNames) {
  PeerRegistry peers;
  peers.Add(7, From("192.0.2.1"));
  for (const char* name :
       {"", "fd:", "fd:8", "fd:7x", "fd:x", "7", "ipv4:7", "fd:99999999999999999999"}) {
    EXPECT_FALSE(peers.Find(name).has_value()) << name;
  }
}

TEST(PeerRegistryTest, KeepsTheNewEntryWhenTheOldOneOfTheSameDescriptorEnds) {
  PeerRegistry peers;
  peers.Add(7, From("192.0.2.1"));
  peers.Add(7, From("192.0.2.2", 2));
  peers.Remove(7, 1);
  ASSERT_TRUE(peers.Find(7).has_value());
  EXPECT_EQ(peers.Find(7)->address, "192.0.2.2");
  peers.Remove(7, 2);
  EXPECT_FALSE(peers.Find(7).has_value());
}

}  // namespace
}  // namespace bourse::gate
