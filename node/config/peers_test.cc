#include "node/config/peers.h"

#include <gtest/gtest.h>

#include "common/hash.h"

namespace bourse::config {
namespace {

PublicKey Key(std::uint8_t number) {
  std::array<std::uint8_t, 32> seed{};
  seed[0] = number;
  return KeyPair::FromSeed(seed).public_key();
}

std::string Digits(std::uint8_t number) { return ToHex(Bytes(Key(number).bytes)); }

ledger::Genesis TwoValidators() {
  ledger::Genesis genesis;
  genesis.validators = {{"one", Key(1)}, {"two", Key(2)}};
  return genesis;
}

absl::StatusOr<std::vector<Peer>> Resolve(const std::vector<std::string>& peers) {
  return ResolvePeers(peers, TwoValidators(), Key(1));
}

std::string Error(const std::vector<std::string>& peers) {
  return std::string(Resolve(peers).status().message());
}

TEST(PeersTest, APeerIsNamedByItsKeyOrAsAValidator) {
  const auto peers = Resolve({"two@192.0.2.2:7500", Digits(3) + "@node3.example.org:1"});
  ASSERT_TRUE(peers.ok()) << peers.status();
  ASSERT_EQ(peers->size(), 2U);
  EXPECT_EQ((*peers)[0].key, Key(2));
  EXPECT_EQ((*peers)[0].name, "two");
  EXPECT_EQ((*peers)[0].host, "192.0.2.2");
  EXPECT_EQ((*peers)[0].port, 7500);
  EXPECT_EQ((*peers)[1].key, Key(3));
  EXPECT_EQ((*peers)[1].name, "");
  EXPECT_EQ((*peers)[1].host, "node3.example.org");
}

TEST(PeersTest, AnIpv6AddressStandsInBrackets) {
  const auto peer = SplitPeer("two@[2001:db8::2]:7500");
  ASSERT_TRUE(peer.ok()) << peer.status();
  EXPECT_EQ(peer->host, "2001:db8::2");
  EXPECT_EQ(peer->port, 7500);
  EXPECT_FALSE(SplitPeer("two@2001:db8::2:7500").ok());
  EXPECT_FALSE(SplitPeer("two@[192.0.2.2]:7500").ok());
}

TEST(PeersTest, AKeyAloneIsOnlyAccepted) {
  const auto peers = Resolve({Digits(3)});
  ASSERT_TRUE(peers.ok()) << peers.status();
  EXPECT_EQ((*peers)[0].key, Key(3));
  EXPECT_EQ((*peers)[0].host, "");
}

TEST(PeersTest, TheNodeItselfIsLeftOut) {
  const auto peers = Resolve({"one@192.0.2.1:7500", "two@192.0.2.2:7500"});
  ASSERT_TRUE(peers.ok()) << peers.status();
  ASSERT_EQ(peers->size(), 1U);
  EXPECT_EQ((*peers)[0].name, "two");
}

TEST(PeersTest, WhatIsNoPeerIsToldWithTheText) {
  for (const char* bad : {"", "@192.0.2.2:7500", "two@", "two@192.0.2.2", "two@192.0.2.2:",
                          "two@192.0.2.2:0", "two@192.0.2.2:65536", "two@:7500", "two@a b:1"}) {
    EXPECT_NE(Error({bad}).find(std::string("\"") + bad + "\""), std::string::npos) << bad;
  }
  EXPECT_NE(Error({"tow@192.0.2.2:7500"}).find("did you mean \"two\"?"), std::string::npos);
  EXPECT_NE(Error({"two@192.0.2.2:1", Digits(2)}).find("named before"), std::string::npos);
}

}  // namespace
}  // namespace bourse::config
