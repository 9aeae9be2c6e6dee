// The gate with TLS, and what it refuses of it.

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "node/gate/dialer.h"
#include "node/gate/gate.h"
#include "node/gate/testing/certificates.h"
#include "node/gate/testing/frames.h"
#include "node/gate/testing/sockets.h"

namespace bourse::gate {
namespace {

using testing::Certificate;
using testing::Handed;
using testing::kPreface;
using testing::MakeEcdsaCertificate;
using testing::MakeEd25519Certificate;
using testing::Settings;
using testing::Socket;
using testing::Times;

constexpr std::int64_t kMillisecond = 1'000;

// A client made of OpenSSL alone, that can misbehave.
class TlsClient {
 public:
  struct Options {
    std::string alpn = "\x02h2";  // empty: none
    int version = TLS1_3_VERSION;
  };

  TlsClient(std::uint16_t port, const Options& options)
      : socket_(Socket::Connected(port)), context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_max_proto_version(context_, options.version);
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, socket_.fd());
    SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(options.alpn.data()),
                        static_cast<unsigned>(options.alpn.size()));
  }
  ~TlsClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  bool Handshake() { return SSL_connect(ssl_) == 1; }
  bool Send(const std::string& bytes) {
    return SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) > 0;
  }
  // False once the gate has closed the connection.
  bool UpdateKey() {
    return SSL_key_update(ssl_, SSL_KEY_UPDATE_REQUESTED) == 1 && SSL_do_handshake(ssl_) == 1;
  }
  std::string Receive(std::size_t size) {
    std::string bytes(size, '\0');
    std::size_t have = 0;
    while (have < size) {
      const int count = SSL_read(ssl_, bytes.data() + have, static_cast<int>(size - have));
      if (count <= 0) break;
      have += static_cast<std::size_t>(count);
    }
    bytes.resize(have);
    return bytes;
  }
  Socket& socket() { return socket_; }

 private:
  Socket socket_;
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
};

class GateTlsTest : public ::testing::Test {
 protected:
  void Start(GateOptions options) {
    auto gate = Gate::Start(std::move(options), [this](int fd) { handed_.Put(fd); });
    ASSERT_TRUE(gate.ok()) << gate.status();
    gate_ = *std::move(gate);
  }
  void StartPlainTls(ConnectionOptions connection = {}) {
    GateOptions options;
    options.tls = MakeEcdsaCertificate().tls;
    options.connection = connection;
    Start(std::move(options));
  }
  std::uint64_t Closed(CloseReason reason) {
    return gate_->counters().closed[static_cast<std::size_t>(reason)];
  }

  Handed handed_;
  std::unique_ptr<Gate> gate_;
};

TEST_F(GateTlsTest, PassesManyBytesBothWays) {
  StartPlainTls();
  TlsClient client(gate_->port(), {});
  ASSERT_TRUE(client.Handshake());
  const std::string hello = kPreface + Settings();
  ASSERT_TRUE(client.Send(hello));
  Socket grpc = handed_.Take();
  EXPECT_EQ(grpc.Receive(hello.size()), hello);
  const std::string up =
      testing::Headers(1) + Times(100, testing::Data(1, testing::Message(9'000)));
  ASSERT_TRUE(client.Send(up));
  EXPECT_TRUE(grpc.Receive(up.size()) == up);
  const std::string down = Times(100'000, testing::Ping());
  std::thread server([&] { EXPECT_TRUE(grpc.Send(down)); });
  EXPECT_TRUE(client.Receive(down.size()) == down);
  server.join();
}

TEST_F(GateTlsTest, RefusesWhatIsNotTls13WithH2) {
  StartPlainTls();
  TlsClient old(gate_->port(), {.version = TLS1_2_VERSION});
  EXPECT_FALSE(old.Handshake());
  TlsClient other(gate_->port(), {.alpn = "\x08http/1.1"});
  EXPECT_FALSE(other.Handshake());
  EXPECT_TRUE(other.socket().ReceiveToEnd());
  TlsClient none(gate_->port(), {.alpn = ""});
  none.Handshake();  // only the server knows that it is over
  EXPECT_TRUE(none.socket().ReceiveToEnd());
  Socket plain = Socket::Connected(gate_->port());
  plain.Send(kPreface + Settings());
  EXPECT_TRUE(plain.ReceiveToEnd());
  EXPECT_EQ(Closed(CloseReason::kHandshakeFailed), 4u);
  EXPECT_EQ(gate_->counters().handed_over, 0u);
}

TEST_F(GateTlsTest, ClosesHandshakesThatStall) {
  ConnectionOptions options;
  options.handshake_us_max = 50 * kMillisecond;
  StartPlainTls(options);
  Socket stalled = Socket::Connected(gate_->port());
  stalled.Send("\x16\x03\x01\x02");
  EXPECT_TRUE(stalled.ReceiveToEnd());
  EXPECT_EQ(Closed(CloseReason::kHandshakeTimeout), 1u);
}

TEST_F(GateTlsTest, ClosesAFloodOfKeyUpdates) {
  StartPlainTls();
  TlsClient client(gate_->port(), {});
  ASSERT_TRUE(client.Handshake());
  ASSERT_TRUE(client.Send(kPreface + Settings()));
  Socket grpc = handed_.Take();
  for (int i = 0; i < 200 && client.UpdateKey(); ++i) {
  }
  std::string rest;
  EXPECT_TRUE(grpc.ReceiveToEnd(&rest));
  EXPECT_EQ(rest, kPreface + Settings());
}

// --- Both sides show a key.

class MutualTlsTest : public GateTlsTest {
 protected:
  void StartAccepting(const PeerKey& key) {
    GateOptions options;
    options.tls = server_.tls;
    options.tls->accept_peer = [key](const PeerKey& shown) { return shown == key; };
    auto loop = Loop::Start();
    ASSERT_TRUE(loop.ok());
    options.loop = *loop;
    Start(options);
    dialer_ = std::make_unique<Dialer>(*loop);
  }

  absl::StatusOr<int> Dial(const Certificate& own, const PeerKey& expected) {
    DialOptions options{.host = "127.0.0.1", .port = gate_->port(), .tls = own.tls};
    options.tls->accept_peer = [expected](const PeerKey& shown) { return shown == expected; };
    std::promise<absl::StatusOr<int>> result;
    dialer_->Dial(options, [&](absl::StatusOr<int> fd) { result.set_value(std::move(fd)); });
    return result.get_future().get();
  }

  const Certificate server_ = MakeEd25519Certificate();
  const Certificate client_ = MakeEd25519Certificate();
  std::unique_ptr<Dialer> dialer_;
};

TEST_F(MutualTlsTest, ConnectsPeersThatKnowEachOthersKeys) {
  StartAccepting(client_.key);
  const auto fd = Dial(client_, server_.key);
  ASSERT_TRUE(fd.ok()) << fd.status();
  Socket dialled(*fd);
  const std::string hello = kPreface + Settings();
  ASSERT_TRUE(dialled.Send(hello));
  Socket accepted = handed_.Take();
  EXPECT_EQ(accepted.Receive(hello.size()), hello);
  const auto peer = gate_->PeerOf(handed_.last());
  ASSERT_TRUE(peer.has_value());
  EXPECT_EQ(peer->key, client_.key);
  ASSERT_TRUE(accepted.Send(Settings()));
  EXPECT_EQ(dialled.Receive(Settings().size()), Settings());
}

TEST_F(MutualTlsTest, RefusesAnUnknownClient) {
  StartAccepting(client_.key);
  const auto fd = Dial(MakeEd25519Certificate(), server_.key);
  if (fd.ok()) {  // in TLS 1.3 a client is done before the server has seen its key
    Socket dialled(*fd);
    dialled.Send(kPreface + Settings());
    EXPECT_TRUE(dialled.ReceiveToEnd());
  }
  EXPECT_EQ(Closed(CloseReason::kHandshakeFailed), 1u);
  EXPECT_EQ(gate_->counters().handed_over, 0u);
}

TEST_F(MutualTlsTest, RefusesAClientWithoutAnEd25519Key) {
  StartAccepting(client_.key);
  const auto fd = Dial(MakeEcdsaCertificate(), server_.key);
  if (fd.ok()) {
    Socket dialled(*fd);
    EXPECT_TRUE(dialled.ReceiveToEnd());
  }
  EXPECT_EQ(gate_->counters().handed_over, 0u);
}

TEST_F(MutualTlsTest, RefusesAClientWithoutACertificate) {
  StartAccepting(client_.key);
  TlsClient client(gate_->port(), {});
  client.Handshake();
  EXPECT_TRUE(client.socket().ReceiveToEnd());
  EXPECT_EQ(Closed(CloseReason::kHandshakeFailed), 1u);
}

TEST_F(MutualTlsTest, TellsTheDiallerThatTheServerHasAnotherKey) {
  StartAccepting(client_.key);
  const auto fd = Dial(client_, client_.key);
  EXPECT_EQ(fd.status().code(), absl::StatusCode::kUnauthenticated) << fd.status();
  EXPECT_EQ(gate_->counters().handed_over, 0u);
}

}  // namespace
}  // namespace bourse::gate
