#include "node/gate/wire.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

namespace bourse::gate {
namespace {

using Kind = IoResult::Kind;

bool WouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK; }

class PlainWire final : public Wire {
 public:
  explicit PlainWire(int fd) : fd_(fd) {}

  [[nodiscard]] int fd() const override { return fd_; }
  IoResult Handshake() override { return {}; }

  IoResult Read(std::span<std::uint8_t> buffer) override {
    ssize_t count;
    do {
      count = ::recv(fd_, buffer.data(), buffer.size(), 0);
    } while (count < 0 && errno == EINTR);
    if (count > 0) {
      const auto bytes = static_cast<std::size_t>(count);
      return {.count = bytes, .drained = bytes < buffer.size()};
    }
    if (count == 0) return {.kind = Kind::kEnd};
    return {.kind = WouldBlock() ? Kind::kWantRead : Kind::kFailed};
  }

  IoResult Write(std::span<const std::uint8_t> bytes) override {
    ssize_t count;
    do {
      count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    } while (count < 0 && errno == EINTR);
    if (count >= 0) return {.count = static_cast<std::size_t>(count)};
    return {.kind = WouldBlock() ? Kind::kWantWrite : Kind::kFailed};
  }

  void ShutdownWrite() override { ::shutdown(fd_, SHUT_WR); }
  [[nodiscard]] std::optional<PeerKey> peer_key() const override { return std::nullopt; }

 private:
  const int fd_;
};

// Key updates cost the receiver two hashes and an answer each, and carry nothing.
// An honest connection has one in 2^24 records.
constexpr int kKeyUpdatesMax = 64;

class TlsWire final : public Wire {
 public:
  TlsWire(int fd, SSL* ssl, std::shared_ptr<const TlsContext> tls, TlsSide side)
      : fd_(fd), ssl_(ssl), tls_(std::move(tls)) {
    SSL_set_fd(ssl_, fd);
    SSL_set_msg_callback(ssl_, CountKeyUpdates);
    SSL_set_msg_callback_arg(ssl_, &key_updates_);
    side == TlsSide::kServer ? SSL_set_accept_state(ssl_) : SSL_set_connect_state(ssl_);
  }
  ~TlsWire() override { SSL_free(ssl_); }
  TlsWire(const TlsWire&) = delete;
  TlsWire& operator=(const TlsWire&) = delete;

  [[nodiscard]] int fd() const override { return fd_; }

  IoResult Handshake() override {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_);
    if (result != 1) return Explain(result);
    const unsigned char* protocol = nullptr;
    unsigned int protocol_bytes = 0;
    SSL_get0_alpn_selected(ssl_, &protocol, &protocol_bytes);
    const bool is_h2 =
        std::string_view(reinterpret_cast<const char*>(protocol), protocol_bytes) == "h2";
    return {.kind = is_h2 ? Kind::kDone : Kind::kFailed};
  }

  // Records are small: takes as many as there are and fit.
  IoResult Read(std::span<std::uint8_t> buffer) override {
    std::size_t total = 0;
    while (total < buffer.size()) {
      ERR_clear_error();
      const std::size_t room = std::min<std::size_t>(buffer.size() - total, 1u << 30);
      const int result = SSL_read(ssl_, buffer.data() + total, static_cast<int>(room));
      if (key_updates_ > kKeyUpdatesMax) return {.kind = Kind::kFailed};
      if (result > 0) {
        total += static_cast<std::size_t>(result);
        continue;
      }
      if (total > 0) {  // an end or a failure will say so again
        return {.count = total, .drained = Explain(result).kind == Kind::kWantRead};
      }
      return Explain(result);
    }
    return {.count = total};
  }

  IoResult Write(std::span<const std::uint8_t> bytes) override {
    ERR_clear_error();
    const std::size_t size = std::min<std::size_t>(bytes.size(), 1u << 30);
    const int result = SSL_write(ssl_, bytes.data(), static_cast<int>(size));
    if (result > 0) return {.count = static_cast<std::size_t>(result)};
    const IoResult why = Explain(result);
    return why.kind == Kind::kEnd ? IoResult{.kind = Kind::kFailed} : why;
  }

  void ShutdownWrite() override {
    ERR_clear_error();
    if (SSL_is_init_finished(ssl_) == 1) SSL_shutdown(ssl_);
    ERR_clear_error();
    ::shutdown(fd_, SHUT_WR);
  }

  [[nodiscard]] std::optional<PeerKey> peer_key() const override {
    const absl::StatusOr<PeerKey> key = Ed25519KeyOf(SSL_get0_peer_certificate(ssl_));
    return key.ok() ? std::optional<PeerKey>(*key) : std::nullopt;
  }

 private:
  static void CountKeyUpdates(int is_write, int, int content_type, const void* bytes,
                              std::size_t size, SSL*, void* count) {
    if (is_write == 0 && content_type == SSL3_RT_HANDSHAKE && size > 0 &&
        *static_cast<const unsigned char*>(bytes) == SSL3_MT_KEY_UPDATE) {
      ++*static_cast<int*>(count);
    }
  }

  IoResult Explain(int result) const {
    switch (SSL_get_error(ssl_, result)) {
      case SSL_ERROR_WANT_READ:
        return {.kind = Kind::kWantRead};
      case SSL_ERROR_WANT_WRITE:
        return {.kind = Kind::kWantWrite};
      case SSL_ERROR_ZERO_RETURN:
        return {.kind = Kind::kEnd};
      default:
        ERR_clear_error();
        return {.kind = Kind::kFailed};
    }
  }

  const int fd_;
  SSL* const ssl_;
  const std::shared_ptr<const TlsContext> tls_;
  int key_updates_ = 0;
};

}  // namespace

std::unique_ptr<Wire> MakePlainWire(int fd) { return std::make_unique<PlainWire>(fd); }

std::unique_ptr<Wire> MakeTlsWire(int fd, std::shared_ptr<const TlsContext> tls, TlsSide side) {
  SSL* ssl = SSL_new(tls->get());
  if (ssl == nullptr) {
    ERR_clear_error();
    return nullptr;
  }
  return std::make_unique<TlsWire>(fd, ssl, std::move(tls), side);
}

}  // namespace bourse::gate
