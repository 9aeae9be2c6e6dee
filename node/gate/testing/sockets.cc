#include "node/gate/testing/sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <cstring>

#include "common/check.h"

namespace bourse::gate::testing {
namespace {

constexpr int kWaitSeconds = 10;

struct Loopback {
  sockaddr_storage storage{};
  socklen_t size = 0;

  Loopback(std::uint16_t port, bool ipv6) {
    sockaddr_in ipv4{};
    ipv4.sin_family = AF_INET;
    ipv4.sin_port = htons(port);
    ipv4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    six.sin6_addr = in6addr_loopback;
    size = ipv6 ? sizeof(six) : sizeof(ipv4);
    ipv6 ? std::memcpy(&storage, &six, sizeof(six)) : std::memcpy(&storage, &ipv4, sizeof(ipv4));
  }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

void SetTimeout(int fd, int option, timeval time) {
  CHECK(::setsockopt(fd, SOL_SOCKET, option, &time, sizeof(time)) == 0);
}

}  // namespace

Socket::Socket(int fd) : fd_(fd) {
  if (fd < 0) return;
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) & ~O_NONBLOCK);
  SetTimeout(fd, SO_RCVTIMEO, {.tv_sec = kWaitSeconds, .tv_usec = 0});
  SetTimeout(fd, SO_SNDTIMEO, {.tv_sec = kWaitSeconds, .tv_usec = 0});
}

Socket Socket::Tcp(bool ipv6) {
  return Socket(::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0));
}

Socket Socket::Connected(std::uint16_t port, bool ipv6) {
  Socket socket = Tcp(ipv6);
  if (!socket.Connect(port, ipv6)) socket.Close();
  return socket;
}

Socket Socket::Listening(std::uint16_t* port) {
  Socket socket = Tcp();
  const Loopback any(0, false);
  CHECK(::bind(socket.fd_, any.get(), any.size) == 0);
  CHECK(::listen(socket.fd_, 16) == 0);
  *port = socket.local_port();
  return socket;
}

bool Socket::Connect(std::uint16_t port, bool ipv6) {
  const Loopback address(port, ipv6);
  return ::connect(fd_, address.get(), address.size) == 0;
}

Socket Socket::Accept() { return Socket(::accept(fd_, nullptr, nullptr)); }

bool Socket::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void Socket::SendUntilBlocked(std::string_view bytes) {
  SetTimeout(fd_, SO_SNDTIMEO, {.tv_sec = 0, .tv_usec = 300'000});
  while (Send(bytes)) {
  }
}

std::string Socket::Receive(std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const ssize_t count = ::recv(fd_, bytes.data() + have, size - have, 0);
    if (count <= 0) break;
    have += static_cast<std::size_t>(count);
  }
  bytes.resize(have);
  return bytes;
}

bool Socket::ReceiveToEnd(std::string* bytes) {
  char buffer[65536];
  for (;;) {
    const ssize_t count = ::recv(fd_, buffer, sizeof(buffer), 0);
    if (count > 0 && bytes != nullptr) bytes->append(buffer, static_cast<std::size_t>(count));
    if (count == 0 || (count < 0 && errno == ECONNRESET)) return true;
    if (count < 0) return false;
  }
}

void Socket::EndOfWrites() { ::shutdown(fd_, SHUT_WR); }

void Socket::Close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

std::uint16_t Socket::local_port() const {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  CHECK(::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  return ntohs(address.sin_port);
}

void Handed::Put(int fd) {
  const std::lock_guard lock(mutex_);
  fds_.push_back(fd);
  changed_.notify_all();
}

Socket Handed::Take() {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, std::chrono::seconds(kWaitSeconds),
                         [this] { return !fds_.empty(); })) {
    return Socket();
  }
  last_ = fds_.front();
  fds_.pop_front();
  return Socket(last_);
}

std::size_t Handed::waiting() {
  const std::lock_guard lock(mutex_);
  return fds_.size();
}

}  // namespace bourse::gate::testing
