#include "node/gate/connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <asio/error_code.hpp>
#include <asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <utility>

namespace bourse::gate {
namespace {

using WaitType = asio::posix::stream_descriptor::wait_type;
constexpr WaitType kReadable = asio::posix::stream_descriptor::wait_read;
constexpr WaitType kWritable = asio::posix::stream_descriptor::wait_write;

// Reads in a row before the other connections get their turn.
constexpr int kReadsInARow = 4;

bool WouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK; }

ssize_t SendTo(int fd, std::span<const std::uint8_t> bytes) {
  ssize_t count;
  do {
    count = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (count < 0 && errno == EINTR);
  return count;
}

ssize_t ReceiveFrom(int fd, std::span<std::uint8_t> buffer) {
  ssize_t count;
  do {
    count = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
  } while (count < 0 && errno == EINTR);
  return count;
}

}  // namespace

Connection::Connection(Loop& loop, std::unique_ptr<Wire> wire, Role role,
                       const ConnectionOptions& options, Owner& owner, Counters& counters,
                       SharedLoad* all, SharedLoad* address)
    : loop_(loop),
      options_(options),
      owner_(owner),
      counters_(counters),
      role_(role),
      started_us_(Loop::NowUs()),
      wire_(std::move(wire)),
      net_(loop.io()),
      inner_(loop.io()),
      pause_(loop.io()),
      guard_(role, options.guard, started_us_, all, address) {}

Connection::~Connection() = default;

void Connection::Start() {
  asio::error_code error;
  net_.assign(wire_->fd(), error);
  if (error) {
    ::close(wire_->fd());
    return Close(CloseReason::kNoDescriptors);
  }
  ContinueHandshake();
}

void Connection::Close(CloseReason reason) {
  if (state_ == State::kClosed) return;
  const bool orderly = reason == CloseReason::kClosedByRemote || reason == CloseReason::kClosedByUs;
  if (!orderly) Reset();
  state_ = State::kClosed;
  counters_.Closed(reason);  // before the other side can know
  asio::error_code ignored;
  pause_.cancel();
  net_.close(ignored);
  inner_.close(ignored);
  in_.Clear();
  out_.Clear();
  owner_.OnClosed(*this, reason);
}

// The kernel forgets at once what could not be sent, rather than keep it for a
// receiver that may never read.
void Connection::Reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  if (net_.is_open()) {
    ::setsockopt(wire_->fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  }
}

void Connection::OnTick(std::int64_t now_us) {
  if (state_ == State::kClosed) return;
  if (state_ == State::kHandshake && now_us - started_us_ > options_.handshake_us_max) {
    return Close(CloseReason::kHandshakeTimeout);
  }
  if ((!in_.empty() && state_ == State::kOpen && now_us - in_.since_us > options_.stall_us_max) ||
      (!out_.empty() && now_us - out_.since_us > options_.stall_us_max)) {
    return Close(CloseReason::kReaderTooSlow);
  }
  if ((in_ended_ || out_ended_) && now_us - first_end_us_ > options_.linger_us_max) {
    return Close(out_ended_ ? CloseReason::kClosedByUs : CloseReason::kClosedByRemote);
  }
  if (state_ == State::kHandshake) return;
  if (const Verdict verdict = guard_.OnTime(now_us); verdict.kind == Verdict::Kind::kClose) {
    Close(verdict.reason);
  }
}

// --- Becoming open.

void Connection::ContinueHandshake() {
  const IoResult result = wire_->Handshake();
  switch (result.kind) {
    case IoResult::Kind::kDone:
      return BecomeReady();
    case IoResult::Kind::kWantRead:
    case IoResult::Kind::kWantWrite:
      return WaitForNet(result.kind, &Connection::ContinueHandshake);
    case IoResult::Kind::kEnd:
    case IoResult::Kind::kFailed:
      return Close(CloseReason::kHandshakeFailed);
  }
}

void Connection::BecomeReady() {
  state_ = State::kProving;
  // Who was dialled speaks second, so gRPC has to be there first.
  if (role_ == Role::kClient) OpenInner();
  if (state_ != State::kClosed) PumpIn();
}

void Connection::OpenInner() {
  const int fd = owner_.OnReady(*this);
  if (state_ == State::kClosed) return;
  asio::error_code error;
  if (fd >= 0) inner_.assign(fd, error);
  if (fd < 0 || error) {
    if (fd >= 0) ::close(fd);
    return Close(CloseReason::kNoDescriptors);
  }
  state_ = State::kOpen;
  counters_.HandedOver();
  PumpOut();
}

// --- From the network to gRPC.

void Connection::PumpIn() {
  for (int i = 0; i < kReadsInARow; ++i) {
    if (PumpInOnce() == Step::kStop) return;
  }
  Yield(&Connection::PumpIn);
}

Connection::Step Connection::PumpInOnce() {
  if (state_ == State::kOpen && !FlushIn()) return Step::kStop;
  const std::span<std::uint8_t> buffer = loop_.scratch();
  const IoResult result = wire_->Read(buffer);
  switch (result.kind) {
    case IoResult::Kind::kDone:
      break;
    case IoResult::Kind::kWantRead:
    case IoResult::Kind::kWantWrite:
      WaitForNet(result.kind, &Connection::PumpIn);
      return Step::kStop;
    case IoResult::Kind::kEnd:
      EndOfIn();
      return Step::kStop;
    case IoResult::Kind::kFailed:
      Close(out_ended_ ? CloseReason::kClosedByUs : CloseReason::kClosedByRemote);
      return Step::kStop;
  }
  counters_.BytesIn(result.count);
  if (TakeIn(buffer.first(result.count)) == Step::kStop) return Step::kStop;
  if (!result.drained) return Step::kAgain;
  if (state_ == State::kOpen && !FlushIn()) return Step::kStop;
  WaitFor(net_, kReadable, &Connection::PumpIn);
  return Step::kStop;
}

// Shows the bytes to the guard, then passes them on.
Connection::Step Connection::TakeIn(std::span<const std::uint8_t> bytes) {
  if (out_ended_) return Step::kAgain;  // gRPC has left: let it run dry
  const std::int64_t now_us = Loop::NowUs();
  const Verdict verdict = guard_.OnRemote(bytes, now_us);
  if (verdict.kind == Verdict::Kind::kClose) {
    Close(verdict.reason);
    return Step::kStop;
  }
  if (!owner_.OnLoad(*this)) return Step::kStop;
  SendIn(bytes);
  if (state_ == State::kProving && guard_.proven()) OpenInner();
  if (state_ == State::kClosed) return Step::kStop;
  if (verdict.kind == Verdict::Kind::kPause) {
    PauseIn(verdict.pause_us);
    return Step::kStop;
  }
  return Step::kAgain;
}

void Connection::SendIn(std::span<const std::uint8_t> bytes) {
  if (inner_gone_) return;
  if (state_ == State::kOpen && in_.empty()) {
    const ssize_t count = SendTo(inner_.native_handle(), bytes);
    if (count < 0 && !WouldBlock()) {
      inner_gone_ = true;
      return;
    }
    if (count > 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  if (!bytes.empty()) in_.Keep(bytes, Loop::NowUs());
}

// True when nothing waits; else PumpIn comes back when gRPC takes more.
bool Connection::FlushIn() {
  while (!in_.empty()) {
    const ssize_t count = inner_gone_ ? -1 : SendTo(inner_.native_handle(), in_.rest());
    if (count < 0 && !inner_gone_ && WouldBlock()) {
      WaitFor(inner_, kWritable, &Connection::PumpIn);
      return false;
    }
    if (count < 0) {
      inner_gone_ = true;
      in_.Clear();
      return true;
    }
    in_.done += static_cast<std::size_t>(count);
    if (in_.done == in_.bytes.size()) in_.Clear();
  }
  return true;
}

void Connection::EndOfIn() {
  if (state_ != State::kOpen || out_ended_) {
    return Close(out_ended_ ? CloseReason::kClosedByUs : CloseReason::kClosedByRemote);
  }
  in_ended_ = true;
  first_end_us_ = Loop::NowUs();
  ::shutdown(inner_.native_handle(), SHUT_WR);
}

void Connection::PauseIn(std::int64_t pause_us) {
  counters_.Paused();
  pause_.expires_after(std::chrono::microseconds(pause_us));
  pause_.async_wait([self = shared_from_this()](const asio::error_code& error) {
    if (!error && self->state_ != State::kClosed) self->PumpIn();
  });
}

// --- From gRPC to the network.

void Connection::PumpOut() {
  for (int i = 0; i < kReadsInARow; ++i) {
    if (PumpOutOnce() == Step::kStop) return;
  }
  Yield(&Connection::PumpOut);
}

Connection::Step Connection::PumpOutOnce() {
  if (!FlushOut()) return Step::kStop;
  const std::span<std::uint8_t> buffer = loop_.scratch();
  const ssize_t count = ReceiveFrom(inner_.native_handle(), buffer);
  if (count < 0 && WouldBlock()) {
    WaitFor(inner_, kReadable, &Connection::PumpOut);
    return Step::kStop;
  }
  if (count <= 0) {
    EndOfOut();
    return Step::kStop;
  }
  const std::span<const std::uint8_t> bytes = buffer.first(static_cast<std::size_t>(count));
  counters_.BytesOut(bytes.size());
  const Verdict verdict = guard_.OnLocal(bytes, Loop::NowUs());
  if (verdict.kind == Verdict::Kind::kClose) {
    Close(verdict.reason);
    return Step::kStop;
  }
  const std::size_t written = WriteOut(bytes);
  if (state_ == State::kClosed) return Step::kStop;
  if (written < bytes.size()) {
    out_.Keep(bytes.subspan(written), Loop::NowUs());
    return Step::kStop;
  }
  if (bytes.size() == buffer.size()) return Step::kAgain;
  WaitFor(inner_, kReadable, &Connection::PumpOut);
  return Step::kStop;
}

// How much was written. Less than all: PumpOut comes back when the network takes
// more, or the connection is closed.
std::size_t Connection::WriteOut(std::span<const std::uint8_t> bytes) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const IoResult result = wire_->Write(bytes.subspan(written));
    if (result.kind == IoResult::Kind::kDone) {
      written += result.count;
      continue;
    }
    if (result.kind == IoResult::Kind::kWantRead || result.kind == IoResult::Kind::kWantWrite) {
      WaitForNet(result.kind, &Connection::PumpOut);
    } else {
      Close(CloseReason::kClosedByRemote);
    }
    break;
  }
  return written;
}

// True when nothing waits; else PumpOut comes back, or the connection is closed.
bool Connection::FlushOut() {
  if (out_.empty()) return true;
  const std::size_t written = WriteOut(out_.rest());
  if (state_ == State::kClosed) return false;
  out_.done += written;
  if (out_.done < out_.bytes.size()) return false;
  out_.Clear();
  return true;
}

void Connection::EndOfOut() {
  if (in_ended_) return Close(CloseReason::kClosedByRemote);
  out_ended_ = true;
  inner_gone_ = true;
  first_end_us_ = Loop::NowUs();
  wire_->ShutdownWrite();
}

// --- Waiting.

void Connection::WaitFor(asio::posix::stream_descriptor& descriptor, WaitType what, Pump pump) {
  descriptor.async_wait(what, [self = shared_from_this(), pump](const asio::error_code& error) {
    if (!error && self->state_ != State::kClosed) ((*self).*pump)();
  });
}

void Connection::WaitForNet(IoResult::Kind want, Pump pump) {
  WaitFor(net_, want == IoResult::Kind::kWantWrite ? kWritable : kReadable, pump);
}

void Connection::Yield(Pump pump) {
  asio::post(loop_.io(), [self = shared_from_this(), pump] {
    if (self->state_ != State::kClosed) ((*self).*pump)();
  });
}

}  // namespace bourse::gate
