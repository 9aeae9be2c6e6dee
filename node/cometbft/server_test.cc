#include "node/cometbft/server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "node/cometbft/frame.h"

namespace bourse::cometbft {
namespace {

// The engine's side of a connection.
class Engine {
 public:
  explicit Engine(const std::string& path) : fd_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    EXPECT_EQ(connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    const timeval patience{20, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  }
  ~Engine() { close(fd_); }

  void SendRaw(const std::string& bytes) {
    EXPECT_EQ(send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  void Send(const abci::Request& request) {
    std::string frame;
    AppendFrame(request.SerializeAsString(), &frame);
    SendRaw(frame);
  }
  // Nothing: the connection has ended.
  std::optional<abci::Response> Receive() {
    for (;;) {
      const auto frame = frames_.Next();
      EXPECT_TRUE(frame.ok());
      if (frame->has_value()) {
        abci::Response response;
        EXPECT_TRUE(response.ParseFromString(std::string(**frame)));
        return response;
      }
      char buffer[4'096];
      const ssize_t got = recv(fd_, buffer, sizeof(buffer), 0);
      if (got <= 0) return std::nullopt;
      frames_.Add({buffer, static_cast<std::size_t>(got)});
    }
  }

 private:
  const int fd_;
  FrameReader frames_;
};

abci::Request Echo(const std::string& message) {
  abci::Request out;
  out.mutable_echo()->set_message(message);
  return out;
}

class ServerTest : public ::testing::Test {
 protected:
  ServerTest() : folder_(std::filesystem::temp_directory_path() / "bourse-abci-test") {
    std::filesystem::create_directories(folder_);
    path_ = (folder_ / std::to_string(getpid())).string();
    auto server =
        Server::Start({.unix_path = path_},
                      {[this](auto request, auto reply) { Handle(std::move(request), reply); },
                       [](const absl::Status&) {}});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  ~ServerTest() override {
    server_.reset();
    unlink(path_.c_str());
  }

  // Keeps what is to wait; answers all else, which begins the answers that waited.
  void Handle(abci::Request request, const Server::Reply& reply) {
    abci::Response response;
    *response.mutable_echo() = request.echo();
    if (request.echo().message().starts_with("wait")) {
      waiting_.emplace_back(reply, response);
      return;
    }
    reply(response);
    if (request.echo().message() != "now") return;
    while (!waiting_.empty()) {
      waiting_.back().first(waiting_.back().second);  // the last first
      waiting_.pop_back();
    }
  }

  std::filesystem::path folder_;
  std::string path_;
  std::vector<std::pair<Server::Reply, abci::Response>> waiting_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, AnswersComeInTheOrderOfTheQuestionsWhicheverIsReadyFirst) {
  Engine engine(path_);
  const std::vector<std::string> messages = {"wait 1", "a", "wait 2", "b", "now"};
  for (const std::string& message : messages) engine.Send(Echo(message));
  for (const std::string& message : messages) {
    const auto response = engine.Receive();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->echo().message(), message);
  }
}

TEST_F(ServerTest, AConnectionThatWaitsHoldsUpNoOther) {
  Engine first(path_);
  first.Send(Echo("wait"));
  Engine second(path_);
  second.Send(Echo("a"));
  EXPECT_EQ(second.Receive()->echo().message(), "a");
}

TEST_F(ServerTest, OnlyTheNodesUserReachesTheSocket) {
  struct stat status {};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_EQ(server_->address(), "unix://" + path_);
}

TEST_F(ServerTest, WhatIsNoMessageEndsItsConnectionAndNoOther) {
  Engine good(path_);
  Engine bad(path_);
  bad.SendRaw("\x03\xff\xff\xff");
  EXPECT_FALSE(bad.Receive().has_value());
  Engine huge(path_);
  huge.SendRaw("\xff\xff\xff\xff\x7f");
  EXPECT_FALSE(huge.Receive().has_value());
  good.Send(Echo("a"));
  EXPECT_EQ(good.Receive()->echo().message(), "a");
}

TEST_F(ServerTest, AnswersToAnEngineThatHasGoneAreDropped) {
  {
    Engine gone(path_);
    gone.Send(Echo("wait"));
    gone.Send(Echo("a"));
  }
  Engine engine(path_);
  engine.Send(Echo("b"));
  EXPECT_EQ(engine.Receive()->echo().message(), "b");
  server_->Stop();
  for (const auto& [reply, response] : waiting_) reply(response);
}

TEST_F(ServerTest, ManyConnectionsOneAfterTheOther) {
  for (int i = 0; i < 100; ++i) {
    Engine engine(path_);
    engine.Send(Echo("a"));
    const auto response = engine.Receive();
    if (!response.has_value()) continue;  // those before have not yet gone
    EXPECT_EQ(response->echo().message(), "a");
  }
}

TEST(ServerStartTest, APathThatIsTooLongIsSaidSo) {
  const auto server = Server::Start({.unix_path = "/tmp/" + std::string(200, 'x')}, {});
  ASSERT_FALSE(server.ok());
  EXPECT_NE(server.status().message().find("shorter home folder"), std::string::npos);
}

TEST(ServerStartTest, OnTcpItIsReachedFromThisComputer) {
  const auto server = Server::Start({}, {[](auto, auto) {}, [](const absl::Status&) {}});
  ASSERT_TRUE(server.ok());
  EXPECT_TRUE((*server)->address().starts_with("tcp://127.0.0.1:"));
}

}  // namespace
}  // namespace bourse::cometbft
