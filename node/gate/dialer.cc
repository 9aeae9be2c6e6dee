#include "node/gate/dialer.h"

#include <fcntl.h>

#include <asio/connect.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "node/gate/connection.h"
#include "node/gate/socket_pair.h"
#include "node/gate/tune_tcp.h"

namespace bourse::gate {
namespace {

using asio::ip::tcp;

constexpr auto kTick = std::chrono::milliseconds(100);

// One connection being made: the look-up, then TCP. Ends by calling `done` once.
class Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  using Done = std::function<void(Attempt&, const absl::Status&)>;

  Attempt(Loop& loop, DialOptions options, Done done)
      : options_(std::move(options)),
        resolver_(loop.io()),
        socket_(loop.io()),
        deadline_(loop.io()),
        done_(std::move(done)) {}

  void Start() {
    deadline_.expires_after(std::chrono::microseconds(options_.connect_us_max));
    deadline_.async_wait([self = shared_from_this()](const asio::error_code& error) {
      if (!error) self->End(absl::DeadlineExceededError(self->Failure("took too long")));
    });
    asio::error_code not_numeric;
    const asio::ip::address address = asio::ip::make_address(options_.host, not_numeric);
    if (!not_numeric) {  // no look-up, which would wait for those of names
      const tcp::endpoint endpoint(address, options_.port);
      return Connect(tcp::resolver::results_type::create(endpoint, options_.host, ""));
    }
    // "localhost" is this machine, whether or not a file of hosts says so (RFC 6761, 6.3); an empty
    // name stands for its addresses.
    const std::string host = options_.host == "localhost" ? "" : options_.host;
    resolver_.async_resolve(
        host, std::to_string(options_.port), tcp::resolver::numeric_service,
        [self = shared_from_this()](const asio::error_code& error,
                                    const tcp::resolver::results_type& found) {
          if (error) return self->End(absl::NotFoundError(self->Failure(error.message())));
          self->Connect(found);
        });
  }

  void End(const absl::Status& status) {
    if (done_ == nullptr) return;
    const Done done = std::exchange(done_, nullptr);
    resolver_.cancel();
    deadline_.cancel();
    asio::error_code ignored;
    if (!status.ok()) socket_.close(ignored);
    done(*this, status);
  }

  [[nodiscard]] const DialOptions& options() const { return options_; }
  [[nodiscard]] std::string Failure(const std::string& why) const {
    return absl::StrCat("cannot connect to ", options_.host, " port ", options_.port, ": ", why);
  }

  // The connected socket, non-blocking; the caller owns it. -1 when that fails.
  [[nodiscard]] int Release() {
    asio::error_code error;
    const int fd = socket_.release(error);
    if (error) return -1;
    TuneTcp(fd);
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
  }

 private:
  void Connect(const tcp::resolver::results_type& found) {
    if (done_ == nullptr) return;
    asio::async_connect(
        socket_, found,
        [self = shared_from_this()](const asio::error_code& error, const tcp::endpoint&) {
          self->End(error ? absl::UnavailableError(self->Failure(error.message()))
                          : absl::OkStatus());
        });
  }

  const DialOptions options_;
  tcp::resolver resolver_;
  tcp::socket socket_;
  asio::steady_timer deadline_;
  Done done_;
};

}  // namespace

class Dialer::Impl final : public std::enable_shared_from_this<Dialer::Impl>,
                           public Connection::Owner {
 public:
  // The loop outlives it.
  Impl(Loop& loop, const ConnectionOptions& options)
      : loop_(loop), options_(options), tick_(loop.io()) {}

  void Dial(DialOptions options, Done done) {
    if (stopped_) return done(absl::CancelledError("the dialer was stopped"));
    std::shared_ptr<const TlsContext> tls;
    if (options.tls.has_value()) {
      auto made = TlsContext::ForClient(*options.tls);
      if (!made.ok()) return done(made.status());
      tls = *std::move(made);
    }
    const auto attempt = std::make_shared<Attempt>(
        loop_, std::move(options),
        [this, tls, done = std::move(done)](Attempt& ended, const absl::Status& status) {
          const std::shared_ptr<Attempt> keep = ended.shared_from_this();
          attempts_.erase(keep);
          status.ok() ? Serve(ended, tls, done) : done(status);
        });
    attempts_.insert(attempt);
    attempt->Start();
  }

  void Stop() {
    stopped_ = true;
    tick_.cancel();
    const auto attempts = attempts_;
    for (const auto& attempt : attempts) {
      attempt->End(absl::CancelledError("the dialer was stopped"));
    }
    for (const auto& connection : All()) connection->Close(CloseReason::kStopped);
    counters_.SetOpen(0, 0);
  }

  void WaitToTick() {
    tick_.expires_after(kTick);
    tick_.async_wait([self = shared_from_this()](const asio::error_code& error) {
      if (!error && !self->stopped_) self->OnTick();
    });
  }

  int OnReady(Connection& connection) override {
    const std::optional<SocketPair> pair = MakeSocketPair();
    if (!pair.has_value()) return -1;
    Entry& entry = entries_.at(&connection);
    std::exchange(entry.done, nullptr)(pair->theirs);
    return pair->ours;
  }

  bool OnLoad(Connection&) override { return true; }

  void OnClosed(Connection& connection, CloseReason reason) override {
    const auto it = entries_.find(&connection);
    const Entry entry = std::move(it->second);
    entries_.erase(it);
    connection.LeaveLoads();
    if (entry.done == nullptr) return;
    const std::string text(CloseReasonText(reason));
    entry.done(reason == CloseReason::kStopped ? absl::CancelledError("the dialer was stopped")
                                               : absl::UnauthenticatedError(entry.failure + text));
  }

  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Entry {
    std::shared_ptr<Connection> connection;
    Done done;  // null once called
    std::string failure;
  };

  void Serve(Attempt& attempt, const std::shared_ptr<const TlsContext>& tls, const Done& done) {
    const int fd = attempt.Release();
    std::unique_ptr<Wire> wire;
    if (fd >= 0) wire = tls == nullptr ? MakePlainWire(fd) : MakeTlsWire(fd, tls, TlsSide::kClient);
    if (wire == nullptr) {
      if (fd >= 0) ::close(fd);
      return done(absl::ResourceExhaustedError(attempt.Failure("no memory")));
    }
    const auto connection = std::make_shared<Connection>(
        loop_, std::move(wire), Role::kClient, options_, *this, counters_, &load_, nullptr);
    entries_.emplace(connection.get(), Entry{connection, done, attempt.Failure("")});
    connection->Start();
  }

  [[nodiscard]] std::vector<std::shared_ptr<Connection>> All() const {
    std::vector<std::shared_ptr<Connection>> all;
    for (const auto& [key, entry] : entries_) all.push_back(entry.connection);
    return all;
  }

  void OnTick() {
    const std::int64_t now_us = Loop::NowUs();
    for (const auto& connection : All()) connection->OnTick(now_us);
    counters_.SetOpen(entries_.size(), static_cast<std::uint64_t>(load_.calls));
    WaitToTick();
  }

  Loop& loop_;
  const ConnectionOptions options_;
  asio::steady_timer tick_;
  bool stopped_ = false;
  Counters counters_;
  SharedLoad load_;
  std::unordered_set<std::shared_ptr<Attempt>> attempts_;
  std::unordered_map<const Connection*, Entry> entries_;
};

Dialer::Dialer(std::shared_ptr<Loop> loop, ConnectionOptions options)
    : loop_(std::move(loop)), impl_(std::make_shared<Impl>(*loop_, options)) {
  loop_->Post([impl = impl_] { impl->WaitToTick(); });
}

Dialer::~Dialer() { Stop(); }

void Dialer::Dial(DialOptions options, Done done) {
  loop_->Post([impl = impl_, options = std::move(options), done = std::move(done)]() mutable {
    impl->Dial(std::move(options), std::move(done));
  });
}

void Dialer::Stop() {
  loop_->RunAndWait([this] { impl_->Stop(); });
}

CountersSnapshot Dialer::counters() const { return impl_->counters().Snapshot(); }

}  // namespace bourse::gate
