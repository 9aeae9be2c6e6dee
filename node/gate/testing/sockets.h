// Blocking sockets on loopback, for tests: each wait ends after ten seconds.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace bourse::gate::testing {

// Owns a descriptor. Movable.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd);  // makes it blocking
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Socket() { Close(); }

  // Not connected yet.
  [[nodiscard]] static Socket Tcp(bool ipv6 = false);
  [[nodiscard]] static Socket Connected(std::uint16_t port, bool ipv6 = false);
  // Listens on 127.0.0.1.
  [[nodiscard]] static Socket Listening(std::uint16_t* port);

  bool Connect(std::uint16_t port, bool ipv6 = false);
  [[nodiscard]] Socket Accept();

  // False when the other side is gone.
  bool Send(std::string_view bytes);
  // Sends until nothing moves for a while: the other side does not read.
  void SendUntilBlocked(std::string_view bytes);
  // Exactly so many bytes; fewer when the other side ends or nothing comes.
  [[nodiscard]] std::string Receive(std::size_t size);
  // All bytes until the other side closes or resets. False when it does neither.
  bool ReceiveToEnd(std::string* bytes = nullptr);
  void EndOfWrites();
  void Close();

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] std::uint16_t local_port() const;

 private:
  int fd_ = -1;
};

// Descriptors from one thread to another.
class Handed {
 public:
  void Put(int fd);
  // Waits for one; an empty Socket when none comes.
  [[nodiscard]] Socket Take();
  // The descriptor that the last Take gave.
  [[nodiscard]] int last() const { return last_; }
  [[nodiscard]] std::size_t waiting();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<int> fds_;
  int last_ = -1;
};

}  // namespace bourse::gate::testing
