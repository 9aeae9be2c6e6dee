#include "node/gate/gate.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "node/gate/testing/certificates.h"
#include "node/gate/testing/descriptor_limit.h"
#include "node/gate/testing/frames.h"
#include "node/gate/testing/sockets.h"

namespace bourse::gate {
namespace {

using testing::Data;
using testing::DescriptorLimit;
using testing::Handed;
using testing::Headers;
using testing::kFlagsLastHeaders;
using testing::kPreface;
using testing::Message;
using testing::Ping;
using testing::Settings;
using testing::Socket;
using testing::Times;

constexpr std::int64_t kMillisecond = 1'000;

const std::string& Hello() {
  static const std::string hello = kPreface + Settings();
  return hello;
}

class GateTest : public ::testing::Test {
 protected:
  void Start(GateOptions options = {}) {
    auto gate = Gate::Start(std::move(options), [this](int fd) { handed_.Put(fd); });
    ASSERT_TRUE(gate.ok()) << gate.status();
    gate_ = *std::move(gate);
  }

  // A connection that has greeted, with the end that gRPC would have.
  struct Pair {
    Socket client;
    Socket grpc;
  };
  Pair Open() {
    Pair pair;
    pair.client = Socket::Connected(gate_->port());
    pair.client.Send(Hello());
    pair.grpc = handed_.Take();
    EXPECT_EQ(pair.grpc.Receive(Hello().size()), Hello());
    return pair;
  }
  // Both directions work.
  static void ExpectServed(Pair& pair) {
    EXPECT_TRUE(pair.client.Send(Ping()));
    EXPECT_EQ(pair.grpc.Receive(Ping().size()), Ping());
    EXPECT_TRUE(pair.grpc.Send(testing::PingAck()));
    EXPECT_EQ(pair.client.Receive(Ping().size()), testing::PingAck());
  }

  std::uint64_t Closed(CloseReason reason) {
    return gate_->counters().closed[static_cast<std::size_t>(reason)];
  }

  Handed handed_;
  std::unique_ptr<Gate> gate_;
};

// --- Bytes.

TEST_F(GateTest, PassesManyBytesBothWaysUnchanged) {
  Start();
  Pair pair = Open();
  std::string up = Headers(1);
  std::string down = Headers(1);
  for (int i = 0; i < 500; ++i) {
    up += Data(1, Message(8'000 + static_cast<std::uint32_t>(i)));
    down += Data(1, Message(7'000 + static_cast<std::uint32_t>(i)));
  }
  // Small pieces first, so that most of it has to wait somewhere.
  ASSERT_TRUE(pair.client.Send(up.substr(0, 100)));
  std::string received_up;
  std::string received_down;
  for (std::size_t at = 100; at < up.size(); at += 100'000) {
    ASSERT_TRUE(pair.client.Send(up.substr(at, 100'000)));
    received_up +=
        pair.grpc.Receive(std::min<std::size_t>(up.size(), at + 100'000) - received_up.size());
  }
  for (std::size_t at = 0; at < down.size(); at += 100'000) {
    ASSERT_TRUE(pair.grpc.Send(down.substr(at, 100'000)));
    received_down += pair.client.Receive(std::min<std::size_t>(100'000, down.size() - at));
  }
  EXPECT_TRUE(received_up == up);
  EXPECT_TRUE(received_down == down);
  EXPECT_EQ(gate_->counters().bytes_in, Hello().size() + up.size());
  EXPECT_EQ(gate_->counters().bytes_out, down.size());
}

TEST_F(GateTest, PassesOnNothingOfTheBytesThatCloseAConnection) {
  Start();
  Pair pair = Open();
  ASSERT_TRUE(pair.client.Send(Headers(1) + Headers(2)));
  std::string received;
  EXPECT_TRUE(pair.grpc.ReceiveToEnd(&received));
  EXPECT_EQ(received, "");
  EXPECT_TRUE(pair.client.ReceiveToEnd());
  EXPECT_EQ(Closed(CloseReason::kBadStreamId), 1u);
}

TEST_F(GateTest, HandsOverNothingThatIsNotHttp2) {
  Start();
  Socket client = Socket::Connected(gate_->port());
  client.Send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(client.ReceiveToEnd());
  EXPECT_EQ(Closed(CloseReason::kNotHttp2), 1u);
  EXPECT_EQ(gate_->counters().handed_over, 0u);
}

TEST_F(GateTest, HandsOverAPrefaceThatComesByteByByte) {
  Start();
  Socket client = Socket::Connected(gate_->port());
  for (const char byte : Hello()) ASSERT_TRUE(client.Send(std::string_view(&byte, 1)));
  Socket grpc = handed_.Take();
  EXPECT_EQ(grpc.Receive(Hello().size()), Hello());
}

TEST_F(GateTest, AnswersAfterTheClientHasEndedItsWrites) {
  Start();
  Pair pair = Open();
  pair.client.EndOfWrites();
  EXPECT_EQ(pair.grpc.Receive(1), "");
  ASSERT_TRUE(pair.grpc.Send(Settings()));
  pair.grpc.Close();
  std::string received;
  EXPECT_TRUE(pair.client.ReceiveToEnd(&received));
  EXPECT_EQ(received, Settings());
}

TEST_F(GateTest, DeliversWhatGrpcSaidLastBeforeTheEnd) {
  Start();
  Pair pair = Open();
  const std::string last = Times(20'000, Ping());
  std::thread server([&] {
    EXPECT_TRUE(pair.grpc.Send(last));
    pair.grpc.Close();
  });
  std::string received;
  EXPECT_TRUE(pair.client.ReceiveToEnd(&received));
  server.join();
  EXPECT_TRUE(received == last);
  EXPECT_EQ(Closed(CloseReason::kFailed), 0u);
}

TEST_F(GateTest, PausesAFloodThatMayBeHonest) {
  GateOptions options;
  options.connection.guard.pings = {.per_second = 1'000'000, .burst = 10};
  Start(options);
  Pair pair = Open();
  ASSERT_TRUE(pair.client.Send(Times(100, Ping())));
  EXPECT_EQ(pair.grpc.Receive(100 * Ping().size()), Times(100, Ping()));
  ExpectServed(pair);
  EXPECT_GE(gate_->counters().pauses, 1u);
}

// --- Who is there.

TEST_F(GateTest, TellsWhoIsAtTheOtherEndUntilItLeaves) {
  Start();
  Pair pair = Open();
  const int fd = handed_.last();
  const auto peer = gate_->PeerOf("fd:" + std::to_string(fd));
  ASSERT_TRUE(peer.has_value());
  EXPECT_EQ(peer->address, "127.0.0.1");
  EXPECT_EQ(peer->port, pair.client.local_port());
  EXPECT_FALSE(peer->key.has_value());
  EXPECT_FALSE(gate_->PeerOf("ipv4:127.0.0.1:1").has_value());
  gate_->Stop();
  EXPECT_FALSE(gate_->PeerOf(fd).has_value());
}

TEST_F(GateTest, ServesIpv4AndIpv6OnTheAnyAddress) {
  GateOptions options;
  options.address = "::";
  auto gate = Gate::Start(options, [this](int fd) { handed_.Put(fd); });
  if (!gate.ok()) GTEST_SKIP() << "no IPv6 here: " << gate.status();
  gate_ = *std::move(gate);
  Pair four = Open();
  EXPECT_EQ(gate_->PeerOf(handed_.last())->address, "127.0.0.1");
  Socket six = Socket::Connected(gate_->port(), /*ipv6=*/true);
  ASSERT_TRUE(six.Send(Hello()));
  Socket grpc = handed_.Take();
  EXPECT_EQ(grpc.Receive(Hello().size()), Hello());
  EXPECT_EQ(gate_->PeerOf(handed_.last())->address, "::1");
}

// --- Starting and stopping.

TEST_F(GateTest, SaysThatAPortIsInUse) {
  Start();
  GateOptions options;
  options.port = gate_->port();
  const auto second = Gate::Start(options, [](int) {});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kAlreadyExists);
  const std::string text(second.status().message());
  EXPECT_NE(text.find("127.0.0.1 port " + std::to_string(options.port)), text.npos) << text;
  EXPECT_NE(text.find("in use"), text.npos) << text;
}

TEST_F(GateTest, SaysWhatIsWrongWithItsOptions) {
  const auto error = [](GateOptions options) {
    return Gate::Start(std::move(options), [](int) {}).status();
  };
  const testing::Certificate one = testing::MakeEcdsaCertificate();
  const testing::Certificate other = testing::MakeEcdsaCertificate();
  GateOptions options;
  for (const char* address : {"localhost", "", "1.2.3", "127.0.0.1:80"}) {
    options.address = address;
    EXPECT_EQ(error(options).code(), absl::StatusCode::kInvalidArgument) << address;
  }
  options.address = "192.0.2.1";  // nobody's
  EXPECT_EQ(error(options).code(), absl::StatusCode::kInvalidArgument);
  options = {};
  options.tls = TlsOptions{"no certificate", one.tls.key_pem, nullptr};
  EXPECT_NE(error(options).message().find("bad TLS certificate"), std::string::npos);
  options.tls = TlsOptions{one.tls.certificate_pem, "no key", nullptr};
  EXPECT_NE(error(options).message().find("bad TLS key"), std::string::npos);
  options.tls = TlsOptions{one.tls.certificate_pem, other.tls.key_pem, nullptr};
  EXPECT_NE(error(options).message().find("not that of the certificate"), std::string::npos);
  const auto missing = ReadTlsFiles("/no/such/cert.pem", "/no/such/key.pem");
  EXPECT_EQ(missing.status().message(),
            "cannot read the TLS certificate /no/such/cert.pem: No such file or directory");
}

TEST_F(GateTest, ClosesAllWhenStopped) {
  Start();
  Pair pair = Open();
  Socket silent = Socket::Connected(gate_->port());
  const std::uint16_t port = gate_->port();
  gate_->Stop();
  gate_->Stop();
  EXPECT_TRUE(pair.client.ReceiveToEnd());
  EXPECT_TRUE(pair.grpc.ReceiveToEnd());
  EXPECT_TRUE(silent.ReceiveToEnd());
  EXPECT_LT(Socket::Connected(port).fd(), 0);
}

TEST_F(GateTest, ClosesTheConnectionItIsAskedToAndNoOther) {
  Start();
  Pair pair = Open();
  Pair other = Open();
  gate_->Close(gate_->PeerOf(pair.grpc.fd()).value().id);
  EXPECT_TRUE(pair.client.ReceiveToEnd());
  EXPECT_TRUE(pair.grpc.ReceiveToEnd());
  ExpectServed(other);
}

TEST_F(GateTest, SharesALoop) {
  auto loop = Loop::Start();
  ASSERT_TRUE(loop.ok());
  GateOptions options;
  options.loop = *loop;
  Start(options);
  Handed other_handed;
  auto other = Gate::Start(options, [&](int fd) { other_handed.Put(fd); });
  ASSERT_TRUE(other.ok());
  Pair pair = Open();
  (*other)->Stop();
  ExpectServed(pair);
}

// --- Time.

TEST_F(GateTest, ClosesConnectionsThatSayNothing) {
  GateOptions options;
  options.connection.guard.preface_us_max = 50 * kMillisecond;
  Start(options);
  Socket silent = Socket::Connected(gate_->port());
  Socket half = Socket::Connected(gate_->port());
  half.Send(kPreface.substr(0, 10));
  EXPECT_TRUE(silent.ReceiveToEnd());
  EXPECT_TRUE(half.ReceiveToEnd());
  EXPECT_EQ(Closed(CloseReason::kPrefaceTimeout), 2u);
  EXPECT_EQ(handed_.waiting(), 0u);
}

TEST_F(GateTest, ClosesAReaderThatDoesNotReadAndNobodyElse) {
  GateOptions options;
  options.connection.stall_us_max = 100 * kMillisecond;
  Start(options);
  Pair other = Open();
  Pair slow = Open();
  slow.grpc.SendUntilBlocked(Times(1000, Ping()));
  ExpectServed(other);
  EXPECT_TRUE(slow.grpc.ReceiveToEnd());
  EXPECT_EQ(Closed(CloseReason::kReaderTooSlow), 1u);
  ExpectServed(other);
}

TEST_F(GateTest, ClosesWhenGrpcDoesNotRead) {
  GateOptions options;
  options.connection.stall_us_max = 100 * kMillisecond;
  Start(options);
  Pair pair = Open();
  ASSERT_TRUE(pair.client.Send(Headers(1)));
  pair.client.SendUntilBlocked(Times(10, Data(1, Message(16'000))));
  EXPECT_TRUE(pair.client.ReceiveToEnd());
  EXPECT_EQ(Closed(CloseReason::kReaderTooSlow), 1u);
}

// --- Shared bounds.

TEST_F(GateTest, MakesRoomByClosingTheIdleBeforeTheNew) {
  GateOptions options;
  options.admission.connections_per_address_max = 2;
  Start(options);
  Pair busy = Open();
  const std::string call = Headers(1) + Data(1, Message(1));
  ASSERT_TRUE(busy.client.Send(call));
  ASSERT_EQ(busy.grpc.Receive(call.size()), call);
  Pair idle = Open();
  Socket fresh = Socket::Connected(gate_->port());
  EXPECT_TRUE(idle.client.ReceiveToEnd());
  Pair next = Open();
  EXPECT_TRUE(fresh.ReceiveToEnd());
  EXPECT_EQ(Closed(CloseReason::kMadeRoom), 2u);
  ExpectServed(next);
  ExpectServed(busy);
}

TEST_F(GateTest, RefusesMoreOfAnAddressWhenAllAreBusy) {
  GateOptions options;
  options.admission.connections_per_address_max = 2;
  Start(options);
  std::vector<Pair> busy;
  for (int i = 0; i < 2; ++i) {
    busy.push_back(Open());
    ASSERT_TRUE(busy.back().client.Send(Headers(1) + Data(1, Message(1))));
    ASSERT_NE(busy.back().grpc.Receive(1), "");
  }
  Socket refused = Socket::Connected(gate_->port());
  EXPECT_TRUE(refused.ReceiveToEnd());
  EXPECT_EQ(Closed(CloseReason::kTooManyFromAddress), 1u);
  busy.pop_back();
  EXPECT_EQ(busy.size(), 1u);
}

TEST_F(GateTest, RefusesMoreThanItsTotalWhenAllAreBusy) {
  GateOptions options;
  options.admission.connections_max = 1;
  Start(options);
  Pair busy = Open();
  ASSERT_TRUE(busy.client.Send(Headers(1) + Data(1, Message(1))));
  ASSERT_NE(busy.grpc.Receive(1), "");
  Socket refused = Socket::Connected(gate_->port());
  EXPECT_TRUE(refused.ReceiveToEnd());
  EXPECT_EQ(Closed(CloseReason::kTooManyConnections), 1u);
}

TEST_F(GateTest, KeepsFewConnectionsWithoutAPreface) {
  GateOptions options;
  options.admission.unproven_per_address_max = 3;
  Start(options);
  std::vector<Socket> silent;
  for (int i = 0; i < 5; ++i) silent.push_back(Socket::Connected(gate_->port()));
  EXPECT_TRUE(silent[0].ReceiveToEnd());
  EXPECT_TRUE(silent[1].ReceiveToEnd());
  Pair pair = Open();
  ExpectServed(pair);
  EXPECT_EQ(Closed(CloseReason::kMadeRoom), 3u);
}

TEST_F(GateTest, TakesCallsFromWhoeverHasMostWithoutAMessage) {
  GateOptions options;
  options.admission.calls_per_address_max = 10;
  Start(options);
  Pair greedy = Open();
  std::string calls;
  for (std::uint32_t i = 0; i < 10; ++i) calls += Headers(2 * i + 1);
  ASSERT_TRUE(greedy.client.Send(calls));
  ASSERT_EQ(greedy.grpc.Receive(calls.size()), calls);
  Pair honest = Open();
  ASSERT_TRUE(honest.client.Send(Headers(1)));
  EXPECT_EQ(honest.grpc.Receive(Headers(1).size()), Headers(1));
  EXPECT_TRUE(greedy.client.ReceiveToEnd());
  EXPECT_EQ(Closed(CloseReason::kSharedCalls), 1u);
  ExpectServed(honest);
}

TEST_F(GateTest, TakesMemoryFromWhoeverHoldsMost) {
  GateOptions options;
  options.admission.held_bytes_max = 100'000;
  Start(options);
  Pair greedy = Open();
  const std::string part = Headers(1) + Data(1, Message(200'000).substr(0, 90'000));
  ASSERT_TRUE(greedy.client.Send(part));
  ASSERT_EQ(greedy.grpc.Receive(part.size()), part);
  Pair honest = Open();
  const std::string less = Headers(1) + Data(1, Message(60'000).substr(0, 30'000));
  ASSERT_TRUE(honest.client.Send(less));
  EXPECT_EQ(honest.grpc.Receive(less.size()), less);
  EXPECT_TRUE(greedy.client.ReceiveToEnd());
  EXPECT_EQ(Closed(CloseReason::kSharedMemory), 1u);
  ExpectServed(honest);
}

// --- File descriptors.

TEST_F(GateTest, GoesOnAcceptingWhenDescriptorsHadRunOut) {
  const DescriptorLimit limit;
  Start();
  Pair pair = Open();
  Socket client = Socket::Tcp();
  limit.Set(0);                                // nobody gets a new one
  ASSERT_TRUE(client.Connect(gate_->port()));  // by the kernel alone
  ASSERT_TRUE(client.Send(Hello()));
  while (Closed(CloseReason::kNoDescriptors) == 0) std::this_thread::yield();
  // It made room: the idle connection was closed for it.
  EXPECT_TRUE(pair.client.ReceiveToEnd());
  limit.Restore();
  Socket grpc = handed_.Take();
  EXPECT_EQ(grpc.Receive(Hello().size()), Hello());
}

TEST_F(GateTest, ServesAsManyAsDescriptorsAllow) {
  const DescriptorLimit limit;
  limit.Set(100);
  GateOptions options;
  options.descriptors_reserved = 70;  // half at most: 50 are left, for 16 connections
  Start(options);
  std::vector<Pair> pairs;
  for (int i = 0; i < 16; ++i) {
    pairs.push_back(Open());
    ASSERT_TRUE(pairs.back().client.Send(Headers(1) + Data(1, Message(1))));
    ASSERT_NE(pairs.back().grpc.Receive(1), "");
  }
  Socket refused = Socket::Connected(gate_->port());
  EXPECT_TRUE(refused.ReceiveToEnd());
  EXPECT_EQ(Closed(CloseReason::kTooManyConnections), 1u);
}

}  // namespace
}  // namespace bourse::gate
