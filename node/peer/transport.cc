#include "node/peer/transport.h"

#include <grpcpp/create_channel_posix.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/server_posix.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bourse/v1/peer.grpc.pb.h"
#include "node/gate/dialer.h"
#include "node/gate/gate.h"
#include "node/gate/node_certificate.h"
#include "node/gate/server_hardening.h"
#include "node/peer/bounds.h"
#include "node/peer/calls.h"
#include "node/peer/hub.h"

namespace bourse::peer {
namespace {

using grpc::ByteBuffer;
using Service = v1::PeerService::WithRawCallbackMethod_Exchange<v1::PeerService::Service>;
using Reactor = grpc::ServerBidiReactor<ByteBuffer, ByteBuffer>;

constexpr std::chrono::milliseconds kGrace(100);

std::string TextOf(const gate::PeerInfo& info) {
  const bool is_v6 = info.address.find(':') != std::string::npos;
  return is_v6 ? absl::StrCat("[", info.address, "]:", info.port)
               : absl::StrCat(info.address, ":", info.port);
}

}  // namespace

class Transport::Impl final : public Service {
 public:
  Impl(const Options& options, Handler* handler)
      : tick_us_(options.times.tick_us), hub_(options, handler) {}

  absl::Status Start(const Options& options);
  void Stop();

  Reactor* Exchange(grpc::CallbackServerContext* context) override;

  [[nodiscard]] Hub& hub() { return hub_; }
  [[nodiscard]] const Hub& hub() const { return hub_; }
  [[nodiscard]] const gate::Gate* gate() const { return gate_.get(); }

 private:
  absl::Status Listen(const ListenAddress& listen);
  void Dial(const PeerAddress& address);
  void OnDialled(const PublicKey& key, const absl::StatusOr<int>& fd);
  Retire CountedCall();
  void Run();
  void Bury();

  const std::int64_t tick_us_;
  Hub hub_;
  gate::TlsOptions certificate_;
  std::shared_ptr<gate::Loop> loop_;
  std::unique_ptr<gate::Dialer> dialer_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<gate::Gate> gate_;
  std::atomic<gate::Gate*> open_gate_{nullptr};  // calls may come before gate_ is set

  std::mutex mutex_;  // guards all below
  std::condition_variable woken_;
  bool stopping_ = false;
  int calls_ = 0;  // not retired yet
  std::vector<std::unique_ptr<Call>> retired_;
  std::thread thread_;  // ticks, dials, and destroys what retired
};

// --- Accepting.

absl::Status Transport::Impl::Listen(const ListenAddress& listen) {
  grpc::ServerBuilder builder;
  gate::Harden(builder, PeerHardening());
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) return absl::InternalError("gRPC can't start a server");

  gate::GateOptions options = PeerGate();
  options.address = listen.address;
  options.port = listen.port;
  options.loop = loop_;
  options.tls = certificate_;
  options.tls->accept_peer = [this](const gate::PeerKey& key) {
    return hub_.Admits(PublicKey{key});
  };
  auto gate = gate::Gate::Start(std::move(options), [server = server_.get()](int fd) {
    grpc::AddInsecureChannelFromFd(server, fd);
  });
  if (!gate.ok()) return gate.status();
  gate_ = *std::move(gate);
  open_gate_.store(gate_.get());
  return absl::OkStatus();
}

Reactor* Transport::Impl::Exchange(grpc::CallbackServerContext* context) {
  gate::Gate* const gate = open_gate_.load();
  const auto info = gate == nullptr ? std::nullopt : gate->PeerOf(context->peer());
  if (!info.has_value() || !info->key.has_value()) return new RefusedCall("gone");
  auto session = hub_.Accept(PublicKey{*info->key}, TextOf(*info));
  if (!session.ok()) return new RefusedCall(std::string(session.status().message()));
  auto* call = new AcceptedCall(
      *session, [gate, id = info->id] { gate->Close(id); }, CountedCall());
  (*session)->Begin(call);
  return call;
}

// --- Dialling.

void Transport::Impl::Dial(const PeerAddress& address) {
  gate::DialOptions options{.host = address.host, .port = address.port, .tls = certificate_};
  options.tls->accept_peer = [key = address.key.bytes](const gate::PeerKey& shown) {
    return shown == key;
  };
  dialer_->Dial(std::move(options),
                [this, key = address.key](const absl::StatusOr<int>& fd) { OnDialled(key, fd); });
}

void Transport::Impl::OnDialled(const PublicKey& key, const absl::StatusOr<int>& fd) {
  if (!fd.ok()) return hub_.DialFailed(key, fd.status());
  std::shared_ptr<Session> session = hub_.Dialled(key);
  if (session == nullptr) {
    ::close(*fd);
    return;
  }
  DialledCall::Start(grpc::CreateCustomInsecureChannelFromFd(
                         "peer", *fd, gate::HardenedArguments(PeerHardening())),
                     std::move(session), CountedCall());
}

// --- The thread.

void Transport::Impl::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    const std::int64_t now_us = gate::Loop::NowUs();
    for (const PeerAddress& address : hub_.DialsDue(now_us)) Dial(address);
    hub_.Tick(now_us);
    Bury();
    lock.lock();
    woken_.wait_for(lock, std::chrono::microseconds(tick_us_), [this] { return stopping_; });
  }
}

Retire Transport::Impl::CountedCall() {
  const std::lock_guard lock(mutex_);
  ++calls_;
  return [this](std::unique_ptr<Call> call) {
    const std::lock_guard retiring(mutex_);
    retired_.push_back(std::move(call));
    --calls_;
    woken_.notify_all();
  };
}

void Transport::Impl::Bury() {
  std::vector<std::unique_ptr<Call>> dead;  // destroyed without the lock
  const std::lock_guard lock(mutex_);
  dead.swap(retired_);
}

// --- Start and stop.

absl::Status Transport::Impl::Start(const Options& options) {
  auto certificate = gate::NodeCertificate(options.node_key);
  if (!certificate.ok()) return certificate.status();
  certificate_ = *std::move(certificate);
  loop_ = options.loop;
  if (loop_ == nullptr) {
    auto loop = gate::Loop::Start();
    if (!loop.ok()) return loop.status();
    loop_ = *std::move(loop);
  }
  if (options.listen.has_value()) {
    if (const absl::Status status = Listen(*options.listen); !status.ok()) return status;
  }
  dialer_ = std::make_unique<gate::Dialer>(loop_, PeerConnection());
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

void Transport::Impl::Stop() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(stopping_, true)) return;
    woken_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
  hub_.Stop();
  if (dialer_ != nullptr) dialer_->Stop();
  // The ends get out before the gate closes what carries them.
  if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now() + kGrace);
  if (gate_ != nullptr) gate_->Stop();
  {
    std::unique_lock lock(mutex_);
    woken_.wait(lock, [this] { return calls_ == 0; });
  }
  Bury();
}

// --- Transport.

absl::StatusOr<std::unique_ptr<Transport>> Transport::Start(Options options, Handler* handler) {
  auto impl = std::make_unique<Impl>(options, handler);
  const absl::Status started = impl->Start(options);
  if (!started.ok()) {
    impl->Stop();
    return started;
  }
  return std::unique_ptr<Transport>(new Transport(std::move(impl)));
}

Transport::Transport(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Transport::~Transport() { Stop(); }

void Transport::Stop() { impl_->Stop(); }

bool Transport::Send(PeerId peer, Priority priority, std::shared_ptr<const std::string> bytes,
                     bool more_follow) {
  return impl_->hub().Send(peer, priority, std::move(bytes), more_follow);
}

void Transport::Consumed(PeerId peer, std::size_t bytes) { impl_->hub().Consumed(peer, bytes); }

void Transport::Disconnect(PeerId peer, std::string_view reason, bool is_proof) {
  impl_->hub().Disconnect(peer, reason, is_proof);
}

std::vector<PeerStatus> Transport::List() const { return impl_->hub().List(); }

std::uint16_t Transport::port() const {
  return impl_->gate() == nullptr ? std::uint16_t{0} : impl_->gate()->port();
}

gate::CountersSnapshot Transport::counters() const {
  return impl_->gate() == nullptr ? gate::CountersSnapshot() : impl_->gate()->counters();
}

}  // namespace bourse::peer
