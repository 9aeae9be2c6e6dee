#include "node/cometbft/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstring>
#include <deque>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "node/cometbft/frame.h"

namespace bourse::cometbft {
namespace {

// The engine has four, and an engine that was killed left four behind.
constexpr std::size_t kMaxConnections = 16;
// Questions of a connection that wait for their answers, and the bytes of these.
constexpr std::size_t kMaxUnderWay = 8'192;
constexpr std::size_t kMaxBytesUnderWay = 2 * kMaxFrameBytes;
constexpr std::size_t kReadBytes = 65'536;

absl::Status Failed(const std::string& address, int error) {
  return absl::FailedPreconditionError(
      absl::StrCat("the engine can't be served at ", address, ": ", std::strerror(error)));
}

absl::StatusOr<int> ListenUnix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": this path is too long for a socket, which has ",
                     sizeof(address.sun_path) - 1, " bytes; take a shorter home folder"));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return Failed(path, errno);
  unlink(path.c_str());
  // Nobody connects before it listens, so its mode is set in time.
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      chmod(path.c_str(), 0600) != 0 || listen(fd, SOMAXCONN) != 0) {
    const int error = errno;
    close(fd);
    return Failed(path, error);
  }
  return fd;
}

absl::StatusOr<int> ListenLoopback(std::uint16_t* port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return Failed("127.0.0.1", errno);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(*port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd, generic, size) != 0 || listen(fd, SOMAXCONN) != 0 ||
      getsockname(fd, generic, &size) != 0) {
    const int error = errno;
    close(fd);
    return Failed(absl::StrCat("127.0.0.1:", *port), error);
  }
  *port = ntohs(address.sin_port);
  return fd;
}

}  // namespace

// The threads hold it, and so do replies that are still to come.
class Server::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(int fd, const Hooks* hooks) : fd_(fd), hooks_(hooks) {}
  ~Connection() { close(fd_); }

  void Start() {
    threads_running_ = 2;
    reader_ = std::thread([this] { Read(); });
    writer_ = std::thread([this] { Write(); });
  }

  void End() {
    shutdown(fd_, SHUT_RDWR);
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
  }

  void Join() {
    reader_.join();
    writer_.join();
  }

  [[nodiscard]] bool finished() const { return threads_running_ == 0; }

 private:
  // A question, and its answer once there is one.
  struct Slot {
    std::size_t request_bytes = 0;
    std::optional<std::string> frame;
  };

  void Read() {
    const absl::Status status = ReadAll();
    hooks_->closed(status);
    End();
    --threads_running_;
  }

  absl::Status ReadAll() {
    FrameReader frames;
    std::array<char, kReadBytes> buffer;
    for (;;) {
      const ssize_t got = recv(fd_, buffer.data(), buffer.size(), 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return absl::OkStatus();
      frames.Add({buffer.data(), static_cast<std::size_t>(got)});
      for (;;) {
        const auto frame = frames.Next();
        if (!frame.ok()) return frame.status();
        if (!frame->has_value()) break;
        if (absl::Status taken = Take(**frame); !taken.ok()) return taken;
      }
    }
  }

  absl::Status Take(std::string_view frame) {
    abci::Request request;
    if (!request.ParseFromArray(frame.data(), static_cast<int>(frame.size()))) {
      return absl::InvalidArgumentError("a message of the engine can't be read");
    }
    const std::optional<std::uint64_t> slot = Open(frame.size());
    if (!slot.has_value()) return absl::OkStatus();
    hooks_->handle(std::move(request),
                   [self = shared_from_this(), slot = *slot](const abci::Response& response) {
                     self->Answer(slot, response);
                   });
    return absl::OkStatus();
  }

  // Waits until there is room; nothing if the connection has ended.
  std::optional<std::uint64_t> Open(std::size_t bytes) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] {
      return ended_ || (slots_.size() < kMaxUnderWay && bytes_under_way_ < kMaxBytesUnderWay);
    });
    if (ended_) return std::nullopt;
    bytes_under_way_ += bytes;
    slots_.push_back({bytes, std::nullopt});
    return first_slot_ + slots_.size() - 1;
  }

  void Answer(std::uint64_t slot, const abci::Response& response) {
    std::string frame;
    AppendFrame(response.SerializeAsString(), &frame);
    {
      const std::lock_guard lock(mutex_);
      if (ended_) return;
      slots_[slot - first_slot_].frame = std::move(frame);
      if (slot != first_slot_) return;
    }
    changed_.notify_all();
  }

  void Write() {
    for (;;) {
      std::string out;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return ended_ || FirstIsAnswered(); });
        if (ended_) break;
        while (FirstIsAnswered()) {
          out += *slots_.front().frame;
          bytes_under_way_ -= slots_.front().request_bytes;
          slots_.pop_front();
          ++first_slot_;
        }
      }
      changed_.notify_all();  // there may be room
      if (!Send(out)) break;
    }
    End();
    --threads_running_;
  }

  [[nodiscard]] bool FirstIsAnswered() const {
    return !slots_.empty() && slots_.front().frame.has_value();
  }

  bool Send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  const int fd_;
  const Hooks* const hooks_;
  std::mutex mutex_;  // one that ThreadSanitizer sees; guards the four below
  std::condition_variable changed_;
  std::deque<Slot> slots_;
  std::uint64_t first_slot_ = 0;  // the number of the first of them
  std::size_t bytes_under_way_ = 0;
  bool ended_ = false;
  std::atomic<int> threads_running_{0};
  std::thread reader_;
  std::thread writer_;
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, Hooks hooks) {
  std::uint16_t port = options.loopback_port;
  const bool is_unix = !options.unix_path.empty();
  const absl::StatusOr<int> fd = is_unix ? ListenUnix(options.unix_path) : ListenLoopback(&port);
  if (!fd.ok()) return fd.status();
  std::string address =
      is_unix ? absl::StrCat("unix://", options.unix_path) : absl::StrCat("tcp://127.0.0.1:", port);
  std::unique_ptr<Server> server(new Server(*fd, std::move(address), std::move(hooks)));
  server->thread_ = std::thread([raw = server.get()] { raw->Accept(); });
  return server;
}

void Server::Accept() {
  for (;;) {
    const int fd = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) {
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));  // of TCP alone
      Adopt(fd);
    } else if (errno == EMFILE || errno == ENFILE) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));  // until somebody closes one
    } else if (errno != EINTR && errno != ECONNABORTED) {
      return;
    }
  }
}

void Server::Adopt(int fd) {
  std::list<std::shared_ptr<Connection>> finished;
  const std::lock_guard lock(mutex_);
  for (auto it = connections_.begin(); it != connections_.end();) {
    const auto next = std::next(it);
    if ((*it)->finished()) finished.splice(finished.end(), connections_, it);
    it = next;
  }
  for (const auto& one : finished) one->Join();
  if (stopped_ || connections_.size() >= kMaxConnections) {
    close(fd);
    return;
  }
  connections_.push_back(std::make_shared<Connection>(fd, &hooks_));
  connections_.back()->Start();
}

void Server::Stop() {
  std::list<std::shared_ptr<Connection>> connections;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(stopped_, true)) return;
    connections = connections_;
  }
  shutdown(fd_, SHUT_RDWR);
  thread_.join();
  close(fd_);
  for (const auto& one : connections) one->End();
  for (const auto& one : connections) one->Join();
}

}  // namespace bourse::cometbft
