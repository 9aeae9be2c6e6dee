#include "node/gate/dialer.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "node/gate/testing/frames.h"
#include "node/gate/testing/sockets.h"

namespace bourse::gate {
namespace {

using testing::Headers;
using testing::kPreface;
using testing::Settings;
using testing::Socket;
using testing::Times;

class DialerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto loop = Loop::Start();
    ASSERT_TRUE(loop.ok());
    dialer_ = std::make_unique<Dialer>(*loop);
    listener_ = Socket::Listening(&port_);
  }

  std::future<absl::StatusOr<int>> DialLater(const std::string& host, std::uint16_t port) {
    auto result = std::make_shared<std::promise<absl::StatusOr<int>>>();
    dialer_->Dial({.host = host, .port = port, .tls = std::nullopt},
                  [result](absl::StatusOr<int> fd) { result->set_value(std::move(fd)); });
    return result->get_future();
  }
  absl::StatusOr<int> Dial(const std::string& host, std::uint16_t port) {
    return DialLater(host, port).get();
  }

  // A connection to a server that has heard our greeting.
  void Open(Socket* grpc, Socket* server) {
    const auto fd = Dial("127.0.0.1", port_);
    ASSERT_TRUE(fd.ok()) << fd.status();
    *grpc = Socket(*fd);
    *server = listener_.Accept();
    const std::string hello = kPreface + Settings();
    ASSERT_TRUE(grpc->Send(hello));
    ASSERT_EQ(server->Receive(hello.size()), hello);
  }

  std::uint16_t port_ = 0;
  Socket listener_;
  std::unique_ptr<Dialer> dialer_;
};

TEST_F(DialerTest, ConnectsByAddressAndByName) {
  for (const char* host : {"127.0.0.1", "localhost"}) {
    const auto fd = Dial(host, port_);
    ASSERT_TRUE(fd.ok()) << fd.status();
    Socket grpc(*fd);
    Socket server = listener_.Accept();
    ASSERT_TRUE(grpc.Send(kPreface + Settings()));
    EXPECT_EQ(server.Receive(kPreface.size()), kPreface);
    ASSERT_TRUE(server.Send(Settings()));
    EXPECT_EQ(grpc.Receive(Settings().size()), Settings());
  }
}

TEST_F(DialerTest, SaysWhyItCannotConnect) {
  listener_.Close();
  const auto refused = Dial("127.0.0.1", port_);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(refused.status().message(),
            "cannot connect to 127.0.0.1 port " + std::to_string(port_) + ": Connection refused");
  const auto unknown = Dial("no.such.host.invalid", port_);
  EXPECT_EQ(unknown.status().code(), absl::StatusCode::kNotFound) << unknown.status();
}

TEST_F(DialerTest, RefusesTlsWithoutAKeyToExpect) {
  std::promise<absl::StatusOr<int>> result;
  dialer_->Dial({.host = "127.0.0.1", .port = port_, .tls = TlsOptions{}},
                [&](absl::StatusOr<int> fd) { result.set_value(std::move(fd)); });
  EXPECT_EQ(result.get_future().get().status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(DialerTest, ShieldsUsFromTheServer) {
  struct Attack {
    const char* name;
    std::string bytes;
    CloseReason reason;
  };
  for (const Attack& attack :
       {Attack{"not HTTP/2", "HTTP/1.1 400 Bad Request\r\n\r\n", CloseReason::kNoSettingsFirst},
        Attack{"push", Settings() + testing::Header(4, 5, 4, 1), CloseReason::kPushPromise},
        Attack{"endless trailers", Settings() + Headers(1, 0) + Times(8, testing::Continuation(1)),
               CloseReason::kHeaderBlockTooLarge},
        Attack{"settings", Times(51, Settings()), CloseReason::kSettingsFlood}}) {
    Socket grpc;
    Socket server;
    Open(&grpc, &server);
    ASSERT_TRUE(grpc.Send(Headers(1)));
    ASSERT_EQ(server.Receive(Headers(1).size()), Headers(1));
    ASSERT_TRUE(server.Send(attack.bytes));
    std::string received;
    EXPECT_TRUE(grpc.ReceiveToEnd(&received));
    EXPECT_EQ(received, "") << attack.name;
    EXPECT_EQ(dialer_->counters().closed[static_cast<std::size_t>(attack.reason)], 1u)
        << attack.name;
  }
}

TEST_F(DialerTest, EndsEverythingWhenStopped) {
  Socket grpc;
  Socket server;
  Open(&grpc, &server);
  dialer_->Stop();
  EXPECT_TRUE(grpc.ReceiveToEnd());
  EXPECT_TRUE(server.ReceiveToEnd());
  EXPECT_EQ(Dial("127.0.0.1", port_).status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace bourse::gate
