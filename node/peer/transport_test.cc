#include "node/peer/transport.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <thread>

#include "node/gate/testing/sockets.h"
#include "node/peer/testing/nodes.h"

namespace bourse::peer {
namespace {

using testing::KeyOf;
using testing::Node;
using testing::OptionsOf;
using testing::Recorder;
using testing::Up;

// Ports that were free a moment ago, so that two nodes can know each other's before they start.
std::uint16_t FreePort() {
  std::uint16_t port = 0;
  const auto socket = gate::testing::Socket::Listening(&port);
  return port;
}

PeerAddress At(std::uint8_t number, std::uint16_t port, std::string host = "127.0.0.1") {
  return {.key = KeyOf(number).public_key(), .host = std::move(host), .port = port};
}

// Two nodes, 2 dialling 1.
struct Pair {
  explicit Pair(Options first_options = OptionsOf(1), Options second_options = OptionsOf(2)) {
    first_options.peers = {At(2, 0)};
    first.emplace(std::move(first_options));
    second_options.peers = {At(1, first->port())};
    second.emplace(std::move(second_options));
  }
  void AwaitUp() {
    ASSERT_TRUE(first->heard.Wait(Up(1)));
    ASSERT_TRUE(second->heard.Wait(Up(1)));
  }
  std::optional<Node> first;
  std::optional<Node> second;
};

// Waits until the node's only peer that ever was has brought so many messages.
bool AwaitMessages(Node& node, std::size_t count) {
  return node.heard.Wait([count](const Recorder::Peers& peers) {
    return !peers.empty() && peers.back().messages.size() >= count;
  });
}

TEST(TransportTest, CarriesMessagesBothWays) {
  Pair pair;
  pair.AwaitUp();
  EXPECT_EQ(pair.first->heard.peers()[0].key, KeyOf(2).public_key());
  EXPECT_EQ(pair.second->heard.peers()[0].key, KeyOf(1).public_key());
  EXPECT_TRUE(pair.first->Send(Priority::kConsensus, "ping"));
  ASSERT_TRUE(AwaitMessages(*pair.second, 1));
  EXPECT_TRUE(pair.second->Send(Priority::kTransactions, "pong"));
  EXPECT_TRUE(pair.second->Send(Priority::kTransactions, ""));
  ASSERT_TRUE(AwaitMessages(*pair.first, 2));
  EXPECT_EQ(pair.second->heard.peers()[0].messages, std::vector<std::string>{"ping"});
  EXPECT_EQ(pair.first->heard.peers()[0].messages, (std::vector<std::string>{"pong", ""}));
}

TEST(TransportTest, CarriesTheLargestMessagesAndNoLargerOnes) {
  Pair pair;
  pair.AwaitUp();
  EXPECT_FALSE(pair.first->Send(Priority::kBulk, std::string(replica::kMaxMessageBytes + 1, 'x')));
  for (Node* node : {&*pair.first, &*pair.second}) {
    EXPECT_TRUE(node->Send(Priority::kBulk, std::string(replica::kMaxMessageBytes, 'x')));
    EXPECT_TRUE(node->Send(Priority::kConsensus, std::string(4 << 20, 'x')));
  }
  for (Node* node : {&*pair.first, &*pair.second}) {
    ASSERT_TRUE(AwaitMessages(*node, 2));
    EXPECT_EQ(node->heard.peers()[0].bytes, replica::kMaxMessageBytes + (4u << 20));
  }
}

TEST(TransportTest, LetsVotesPassBulk) {
  Pair pair;
  pair.AwaitUp();
  for (int i = 0; i < 3; ++i) {
    pair.first->Send(Priority::kBulk, std::string(5 << 20, 'x'));
  }
  pair.first->Send(Priority::kConsensus, "vote");
  ASSERT_TRUE(AwaitMessages(*pair.second, 4));
  EXPECT_EQ(pair.second->heard.peers()[0].messages[0], "vote");
}

TEST(TransportTest, KeepsOneStreamWhereBothDial) {
  const std::uint16_t port_1 = FreePort();
  const std::uint16_t port_2 = FreePort();
  Options first = OptionsOf(1);
  Options second = OptionsOf(2);
  first.listen->port = port_1;
  second.listen->port = port_2;
  first.times.yield_us = second.times.yield_us = 0;  // so that they meet
  first.peers = {At(2, port_2)};
  second.peers = {At(1, port_1, "localhost")};
  Node one(std::move(first));
  Node two(std::move(second));
  ASSERT_TRUE(one.heard.Wait(Up(1)));
  ASSERT_TRUE(two.heard.Wait(Up(1)));
  std::this_thread::sleep_for(std::chrono::seconds(1));
  ASSERT_TRUE(one.heard.Wait(Up(1)));
  ASSERT_TRUE(two.heard.Wait(Up(1)));
  EXPECT_NE(one.transport->List()[0].dialled, two.transport->List()[0].dialled);
  EXPECT_LE(one.heard.peers().size(), 2u);  // one that lost, and no flapping
  EXPECT_TRUE(one.Send(Priority::kConsensus, "ping"));
  EXPECT_TRUE(AwaitMessages(two, 1));
  EXPECT_TRUE(two.Send(Priority::kConsensus, "pong"));
  EXPECT_TRUE(AwaitMessages(one, 1));
}

TEST(TransportTest, MakesAMeshInWhichAllReachAll) {
  constexpr std::uint8_t kNodes = 7;
  std::vector<std::uint16_t> ports;
  for (int i = 0; i < kNodes; ++i) ports.push_back(FreePort());
  std::vector<std::unique_ptr<Node>> nodes;
  for (std::uint8_t i = 0; i < kNodes; ++i) {
    Options options = OptionsOf(i);
    options.listen->port = ports[i];
    for (std::uint8_t j = 0; j < kNodes; ++j) options.peers.push_back(At(j, ports[j]));  // ours too
    nodes.push_back(std::make_unique<Node>(std::move(options)));
  }
  for (auto& node : nodes) ASSERT_TRUE(node->heard.Wait(Up(kNodes - 1)));
  std::this_thread::sleep_for(std::chrono::seconds(1));  // where streams met, one of them goes
  for (auto& node : nodes) ASSERT_TRUE(node->heard.Wait(Up(kNodes - 1)));
  const auto hello = testing::Message("hello");
  for (auto& node : nodes) {
    for (const PeerStatus& peer : node->transport->List()) {
      EXPECT_TRUE(node->transport->Send(peer.id, Priority::kConsensus, hello));
    }
  }
  for (auto& node : nodes) {
    EXPECT_TRUE(node->heard.Wait([](const Recorder::Peers& peers) {
      std::size_t messages = 0;
      for (const auto& peer : peers) messages += peer.messages.size();
      return messages == kNodes - 1;
    }));
    EXPECT_LE(node->heard.peers().size(), 2u * (kNodes - 1));
  }
}

TEST(TransportTest, ConnectsByIpv6) {
  Options listening = OptionsOf(1);
  listening.listen->address = "::1";
  listening.peers = {At(2, 0)};
  Node one(std::move(listening));
  Options dialling = OptionsOf(2);
  dialling.peers = {At(1, one.port(), "::1")};
  Node two(std::move(dialling));
  EXPECT_TRUE(one.heard.Wait(Up(1)));
  EXPECT_EQ(one.transport->List()[0].address.substr(0, 6), "[::1]:");
}

TEST(TransportTest, ConnectsAgainWhenAPeerIsBack) {
  Pair pair;
  pair.AwaitUp();
  const std::uint16_t port = pair.first->port();
  const PeerId old = pair.second->peer();
  pair.first.reset();
  ASSERT_TRUE(pair.second->heard.Wait(Up(0)));
  EXPECT_FALSE(pair.second->transport->Send(old, Priority::kBulk, testing::Message("lost")));
  Options again = OptionsOf(1);
  again.listen->port = port;
  again.peers = {At(2, 0)};
  pair.first.emplace(std::move(again));
  pair.AwaitUp();
  EXPECT_NE(pair.second->peer(), old);
  EXPECT_TRUE(pair.second->Send(Priority::kConsensus, "again"));
  EXPECT_TRUE(AwaitMessages(*pair.first, 1));
}

TEST(TransportTest, TellsWhatItIsConnectedTo) {
  Pair pair;
  pair.AwaitUp();
  pair.first->Send(Priority::kBulk, "12345");
  ASSERT_TRUE(AwaitMessages(*pair.second, 1));
  const PeerStatus status = pair.second->transport->List().at(0);
  EXPECT_EQ(status.key, KeyOf(1).public_key());
  EXPECT_EQ(status.state, PeerStatus::State::kUp);
  EXPECT_EQ(status.id, pair.second->peer());
  EXPECT_TRUE(status.dialled);
  EXPECT_FALSE(pair.first->transport->List().at(0).dialled);
  EXPECT_EQ(status.address, "127.0.0.1:" + std::to_string(pair.first->port()));
  EXPECT_EQ(status.software, "test");
  EXPECT_EQ(status.bytes_in, 5u);
  EXPECT_EQ(status.messages_in, 1u);
  EXPECT_GT(status.since_us, 1'700'000'000'000'000);
}

// --- Who does not get in.

bool AwaitError(Node& node, const std::string& text) {
  for (int i = 0; i < 500; ++i) {
    if (node.transport->List()[0].last_error.find(text) != std::string::npos) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ADD_FAILURE() << "the last error is: " << node.transport->List()[0].last_error;
  return false;
}

TEST(TransportTest, RefusesAKeyThatIsNotInTheBook) {
  Options listening = OptionsOf(1);
  listening.peers = {At(2, 0)};
  Node one(std::move(listening));
  Options stranger = OptionsOf(3);
  stranger.peers = {At(1, one.port())};
  Node three(std::move(stranger));
  for (int i = 0; i < 300; ++i) {
    const auto& closed = one.transport->counters().closed;
    if (closed[static_cast<std::size_t>(gate::CloseReason::kHandshakeFailed)] >= 2) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_GE(one.transport->counters()
                .closed[static_cast<std::size_t>(gate::CloseReason::kHandshakeFailed)],
            2u);
  EXPECT_EQ(one.transport->counters().handed_over, 0u);
  EXPECT_TRUE(one.heard.peers().empty());
  EXPECT_TRUE(three.heard.peers().empty());
}

TEST(TransportTest, RefusesAServerWithAnotherKeyThanTheOneDialled) {
  Options listening = OptionsOf(1);
  listening.peers = {At(2, 0)};
  Node one(std::move(listening));
  Options dialling = OptionsOf(2);
  dialling.peers = {At(3, one.port())};
  Node two(std::move(dialling));
  EXPECT_TRUE(AwaitError(two, "TLS handshake"));
  EXPECT_TRUE(one.heard.peers().empty());
  EXPECT_TRUE(two.heard.peers().empty());
}

TEST(TransportTest, RefusesAnotherNetwork) {
  Options other = OptionsOf(2);
  other.genesis_hash.bytes[0] = 8;
  Pair pair(OptionsOf(1), std::move(other));
  EXPECT_TRUE(AwaitError(*pair.first, "is of another network: its genesis hash is 08"));
  EXPECT_TRUE(pair.first->heard.peers().empty());
  EXPECT_TRUE(pair.second->heard.peers().empty());
}

TEST(TransportTest, RefusesForATimeWhoSentWhatNoHonestNodeSends) {
  Options strict = OptionsOf(1);
  strict.times.refuse_us_min = 1'500'000;
  Pair pair(std::move(strict));
  pair.AwaitUp();
  pair.first->transport->Disconnect(pair.first->peer(), "sent a bad signature", true);
  ASSERT_TRUE(pair.first->heard.Wait(Up(0)));
  EXPECT_EQ(pair.first->heard.peers()[0].reason, "sent a bad signature");
  EXPECT_EQ(pair.first->transport->List()[0].state, PeerStatus::State::kRefused);
  std::this_thread::sleep_for(std::chrono::milliseconds(1'000));
  EXPECT_EQ(pair.first->heard.peers().size(), 1u);
  EXPECT_TRUE(pair.first->heard.Wait(Up(1)));  // in the end
}

TEST(TransportTest, TakesBackWhomItOnlyDisconnected) {
  Pair pair;
  pair.AwaitUp();
  pair.first->transport->Disconnect(pair.first->peer(), "is behind", false);
  ASSERT_TRUE(pair.second->heard.Wait(
      [](const Recorder::Peers& peers) { return peers.size() == 2 && peers[1].up; }));
  EXPECT_EQ(pair.second->heard.peers()[0].reason, "ended by the other side: is behind");
}

// --- Who is slow, or gone.

TEST(TransportTest, DropsAReaderThatIsTooSlowWhileOthersGoOn) {
  Options options = OptionsOf(1);
  options.peers = {At(2, 0), At(3, 0)};
  Node one(std::move(options));
  Options slow_options = OptionsOf(2);
  slow_options.peers = {At(1, one.port())};
  Node slow(std::move(slow_options));
  ASSERT_TRUE(one.heard.Wait(Up(1)));
  const PeerId slow_id = one.peer();
  slow.heard.ConsumeNothing();
  Options quick_options = OptionsOf(3);
  quick_options.peers = {At(1, one.port())};
  Node quick(std::move(quick_options));
  ASSERT_TRUE(one.heard.Wait(Up(2)));
  const PeerId quick_id = one.heard.peers()[1].id;

  const auto bytes = testing::Message(std::string(1 << 20, 'x'));
  std::size_t sent = 0;
  bool slow_takes = true;
  for (int i = 0; i < 200 && slow_takes; ++i) {
    slow_takes = one.transport->Send(slow_id, Priority::kConsensus, bytes);
    ASSERT_TRUE(one.transport->Send(quick_id, Priority::kConsensus, bytes));
    ++sent;
    ASSERT_TRUE(AwaitMessages(quick, sent));
  }
  EXPECT_FALSE(slow_takes);
  EXPECT_LT(sent, 40u);  // its queue, its bound of what is not consumed, and what sockets hold
  ASSERT_TRUE(one.heard.Wait(Up(1)));
  EXPECT_EQ(one.heard.peers()[0].reason, "is too slow: its queue is full");
  EXPECT_LE(slow.heard.peers()[0].bytes, 10u << 20);
}

TEST(TransportTest, GoesOnReadingOnceMessagesAreConsumed) {
  Pair pair;
  pair.AwaitUp();
  pair.second->heard.ConsumeNothing();
  for (int i = 0; i < 16; ++i) pair.first->Send(Priority::kBulk, std::string(900'000, 'x'));
  ASSERT_TRUE(AwaitMessages(*pair.second, 8));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const std::size_t paused_at = pair.second->heard.peers()[0].messages.size();
  EXPECT_LT(paused_at, 12u);
  const PeerId id = pair.second->peer();
  for (std::size_t i = 0; i < 16; ++i) {
    ASSERT_TRUE(AwaitMessages(*pair.second, i + 1)) << i;
    pair.second->transport->Consumed(id, 900'000);
  }
}

TEST(TransportTest, DropsAPeerThatDoesNotRead) {
  Options impatient = OptionsOf(1);
  impatient.times.write_us_max = 500'000;
  Pair pair(std::move(impatient));
  pair.AwaitUp();
  pair.second->heard.ConsumeNothing();
  for (int i = 0; i < 15; ++i) pair.first->Send(Priority::kBulk, std::string(1 << 20, 'x'));
  ASSERT_TRUE(pair.first->heard.Wait(Up(0)));
  EXPECT_EQ(pair.first->heard.peers()[0].reason, "is too slow: it does not read");
}

TEST(TransportTest, KeepsAnIdleStreamAliveAndDropsASilentOne) {
  Options listening = OptionsOf(1);
  listening.times.silence_us_max = 700'000;
  Options dialling = OptionsOf(2);
  dialling.times.keep_alive_us = 200'000;
  Pair pair(listening, dialling);
  pair.AwaitUp();
  std::this_thread::sleep_for(std::chrono::milliseconds(1'500));
  EXPECT_EQ(pair.first->heard.peers().size(), 1u);
  EXPECT_TRUE(pair.first->heard.peers()[0].up);

  pair.second.reset();
  ASSERT_TRUE(pair.first->heard.Wait(Up(0)));
  Options silent = OptionsOf(2);
  silent.times.keep_alive_us = 60'000'000;
  silent.peers = {At(1, pair.first->port())};
  pair.second.emplace(std::move(silent));
  ASSERT_TRUE(pair.first->heard.Wait(
      [](const Recorder::Peers& peers) { return peers.size() >= 2 && !peers[1].up; }));
  EXPECT_EQ(pair.first->heard.peers()[1].reason, "was silent for too long");
}

TEST(TransportTest, StopsWithStreamsInEveryState) {
  for (int i = 0; i < 5; ++i) {
    Pair pair;
    std::this_thread::sleep_for(std::chrono::milliseconds(i * 20));
    if (i % 2 == 0) pair.second.reset();
    pair.first.reset();
  }
}

TEST(TransportTest, SaysWhyItCannotListen) {
  Pair pair;
  Options options = OptionsOf(3);
  options.listen->port = pair.first->port();
  Recorder recorder;
  EXPECT_EQ(Transport::Start(std::move(options), &recorder).status().code(),
            absl::StatusCode::kAlreadyExists);
}

}  // namespace
}  // namespace bourse::peer
