#include "node/gate/gate.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <asio/ip/tcp.hpp>
#include <asio/ip/v6_only.hpp>
#include <asio/steady_timer.hpp>
#include <cerrno>
#include <chrono>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "node/gate/address.h"
#include "node/gate/admission.h"
#include "node/gate/connection.h"
#include "node/gate/socket_pair.h"
#include "node/gate/tune_tcp.h"

namespace bourse::gate {
namespace {

using asio::ip::tcp;

constexpr auto kTick = std::chrono::milliseconds(100);
constexpr auto kAcceptRetry = std::chrono::milliseconds(50);
constexpr int kAcceptsInARow = 32;
constexpr int kBacklog = 1024;
constexpr rlim_t kDescriptorsPerConnection = 3;

absl::Status ListenError(const GateOptions& options, const asio::error_code& error) {
  const std::string text = absl::StrCat("cannot listen on ", options.address, " port ",
                                        options.port, ": ", error.message());
  if (error == asio::error::address_in_use) return absl::AlreadyExistsError(text);
  if (error == asio::error::access_denied) return absl::PermissionDeniedError(text);
  if (error == asio::error::no_descriptors) return absl::ResourceExhaustedError(text);
  return absl::InvalidArgumentError(text);
}

// As many as descriptors allow, while others get theirs.
std::size_t ConnectionsMax(const GateOptions& options) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return options.admission.connections_max;
  }
  const auto reserved = static_cast<rlim_t>(std::max(options.descriptors_reserved, 0));
  const rlim_t ours = limit.rlim_cur - std::min(reserved, limit.rlim_cur / 2);
  const rlim_t most = std::max<rlim_t>(ours / kDescriptorsPerConnection, 1);
  return std::min<std::size_t>(options.admission.connections_max, most);
}

AdmissionOptions Fitting(const GateOptions& options) {
  AdmissionOptions admission = options.admission;
  admission.connections_max = ConnectionsMax(options);
  admission.unproven_max = std::min(admission.unproven_max, admission.connections_max);
  return admission;
}

}  // namespace

class Gate::Impl final : public std::enable_shared_from_this<Gate::Impl>, public Connection::Owner {
 public:
  // The loop outlives it: it holds the last handlers, and with them the Impl.
  Impl(GateOptions options, Loop& loop, std::shared_ptr<const TlsContext> tls, HandOver hand_over)
      : options_(std::move(options)),
        loop_(loop),
        tls_(std::move(tls)),
        hand_over_(std::move(hand_over)),
        acceptor_(loop_.io()),
        retry_(loop_.io()),
        tick_(loop_.io()),
        admission_(Fitting(options_)) {}

  absl::Status Listen() {
    asio::error_code error;
    const asio::ip::address address = asio::ip::make_address(options_.address, error);
    if (error) {
      return absl::InvalidArgumentError(
          absl::StrCat("not a numeric address to listen on: \"", options_.address, "\""));
    }
    const tcp::endpoint endpoint(address, options_.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && address.is_v6()) acceptor_.set_option(asio::ip::v6_only(false), error);
    if (!error) acceptor_.non_blocking(true, error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(kBacklog, error);
    if (!error) port_ = acceptor_.local_endpoint(error).port();
    return error ? ListenError(options_, error) : absl::OkStatus();
  }

  void Begin() {
    WaitToAccept();
    WaitToTick();
  }

  void Stop() {
    loop_.RunAndWait([this] {
      if (stopped_) return;
      stopped_ = true;
      asio::error_code ignored;
      acceptor_.close(ignored);
      retry_.cancel();
      tick_.cancel();
      for (const auto& connection : admission_.All()) connection->Close(CloseReason::kStopped);
      counters_.SetOpen(0, 0);
    });
  }

  void Close(std::uint64_t id) {
    for (const auto& [connection, entry] : entries_) {
      if (entry.info.id != id) continue;
      for (const auto& keep : admission_.All()) {
        if (keep.get() == connection) return keep->Close(CloseReason::kClosedByUs);
      }
    }
  }

  int OnReady(Connection& connection) override;
  bool OnLoad(Connection& connection) override { return admission_.OnLoad(connection); }
  void OnClosed(Connection& connection, CloseReason reason) override;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const PeerRegistry& peers() const { return peers_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  // What the gate itself knows of a connection.
  struct Entry {
    PeerInfo info;
    int handed_fd = -1;
  };

  void WaitToAccept();
  void AcceptSome();
  void Admit(int fd, const sockaddr_storage& address);
  void WaitToTick();
  void OnTick();

  const GateOptions options_;
  Loop& loop_;
  const std::shared_ptr<const TlsContext> tls_;
  const HandOver hand_over_;
  tcp::acceptor acceptor_;
  asio::steady_timer retry_;
  asio::steady_timer tick_;
  std::uint16_t port_ = 0;
  bool stopped_ = false;

  Counters counters_;
  PeerRegistry peers_;
  std::uint64_t next_id_ = 1;
  std::unordered_map<const Connection*, Entry> entries_;
  Admission admission_;
};

// --- Accepting. It never ends before Stop, and never spins.

void Gate::Impl::WaitToAccept() {
  acceptor_.async_wait(tcp::acceptor::wait_read,
                       [self = shared_from_this()](const asio::error_code& error) {
                         if (!self->stopped_ && error != asio::error::operation_aborted) {
                           self->AcceptSome();
                         }
                       });
}

void Gate::Impl::AcceptSome() {
  for (int i = 0; i < kAcceptsInARow; ++i) {
    sockaddr_storage address{};
    socklen_t address_bytes = sizeof(address);
    const int fd = ::accept4(acceptor_.native_handle(), reinterpret_cast<sockaddr*>(&address),
                             &address_bytes, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      Admit(fd, address);
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // Somebody has to go, or to wait; trying again at once would only spin.
      counters_.Closed(CloseReason::kNoDescriptors);
      admission_.CloseOne();
      retry_.expires_after(kAcceptRetry);
      retry_.async_wait([self = shared_from_this()](const asio::error_code& error) {
        if (!error && !self->stopped_) self->AcceptSome();
      });
      return;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) break;
    // Else that one connection failed before it was accepted: on to the next.
  }
  WaitToAccept();
}

void Gate::Impl::Admit(int fd, const sockaddr_storage& address) {
  counters_.Accepted();
  const AddressKey key = KeyOf(address);
  if (const CloseReason reason = admission_.MakeRoom(key); reason != CloseReason::kNone) {
    counters_.Closed(reason);
    ::close(fd);
    return;
  }
  TuneTcp(fd);
  std::unique_ptr<Wire> wire =
      tls_ == nullptr ? MakePlainWire(fd) : MakeTlsWire(fd, tls_, TlsSide::kServer);
  if (wire == nullptr) {
    counters_.Closed(CloseReason::kFailed);
    ::close(fd);
    return;
  }
  Connection& connection = admission_.Add(key, [&](SharedLoad* all, SharedLoad* one) {
    return std::make_shared<Connection>(loop_, std::move(wire), Role::kServer, options_.connection,
                                        *this, counters_, all, one);
  });
  Entry entry{.info = {.id = next_id_++,
                       .address = TextOf(address),
                       .port = PortOf(address),
                       .key = std::nullopt}};
  entries_.emplace(&connection, std::move(entry));
  connection.Start();
}

int Gate::Impl::OnReady(Connection& connection) {
  const std::optional<SocketPair> pair = MakeSocketPair();
  if (!pair.has_value()) return -1;
  Entry& entry = entries_.at(&connection);
  entry.handed_fd = pair->theirs;
  entry.info.key = connection.peer_key();
  peers_.Add(pair->theirs, entry.info);
  hand_over_(pair->theirs);
  return pair->ours;
}

void Gate::Impl::OnClosed(Connection& connection, CloseReason) {
  const auto it = entries_.find(&connection);
  if (it->second.handed_fd >= 0) peers_.Remove(it->second.handed_fd, it->second.info.id);
  entries_.erase(it);
  admission_.Remove(connection);
}

void Gate::Impl::WaitToTick() {
  tick_.expires_after(kTick);
  tick_.async_wait([self = shared_from_this()](const asio::error_code& error) {
    if (!error && !self->stopped_) self->OnTick();
  });
}

void Gate::Impl::OnTick() {
  const std::int64_t now_us = Loop::NowUs();
  for (const auto& connection : admission_.All()) connection->OnTick(now_us);
  admission_.Tidy(now_us);
  counters_.SetOpen(admission_.size(), static_cast<std::uint64_t>(admission_.load().calls));
  WaitToTick();
}

// --- Gate.

absl::StatusOr<std::unique_ptr<Gate>> Gate::Start(GateOptions options, HandOver hand_over) {
  std::shared_ptr<const TlsContext> tls;
  if (options.tls.has_value()) {
    absl::StatusOr<std::shared_ptr<const TlsContext>> made = TlsContext::ForServer(*options.tls);
    if (!made.ok()) return made.status();
    tls = *std::move(made);
  }
  std::shared_ptr<Loop> loop = std::move(options.loop);
  if (loop == nullptr) {
    absl::StatusOr<std::shared_ptr<Loop>> started = Loop::Start();
    if (!started.ok()) return started.status();
    loop = *std::move(started);
  }
  const auto impl =
      std::make_shared<Impl>(std::move(options), *loop, std::move(tls), std::move(hand_over));
  if (const absl::Status status = impl->Listen(); !status.ok()) return status;
  loop->RunAndWait([&] { impl->Begin(); });
  return std::unique_ptr<Gate>(new Gate(loop, impl));
}

Gate::Gate(std::shared_ptr<Loop> loop, std::shared_ptr<Impl> impl)
    : loop_(std::move(loop)), impl_(std::move(impl)) {}

Gate::~Gate() { Stop(); }

void Gate::Stop() { impl_->Stop(); }

void Gate::Close(std::uint64_t connection) {
  loop_->Post([impl = impl_, connection] { impl->Close(connection); });
}

std::uint16_t Gate::port() const { return impl_->port(); }

std::optional<PeerInfo> Gate::PeerOf(std::string_view peer) const {
  return impl_->peers().Find(peer);
}
std::optional<PeerInfo> Gate::PeerOf(int fd) const { return impl_->peers().Find(fd); }

CountersSnapshot Gate::counters() const { return impl_->counters().Snapshot(); }

}  // namespace bourse::gate
