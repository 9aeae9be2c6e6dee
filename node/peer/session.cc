#include "node/peer/session.h"

#include <grpcpp/impl/codegen/proto_utils.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "node/gate/loop.h"

namespace bourse::peer {
namespace {

constexpr std::size_t kSoftwareBytesMax = 64;
constexpr std::size_t kReasonBytesMax = 256;
// How long the other side has to take the reason of an end.
constexpr std::int64_t kLingerUs = 1'000'000;

constexpr std::string_view kEndedByPeer = "ended by the other side";

std::int64_t UnixUs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

bool Parse(grpc::ByteBuffer* bytes, v1::PeerFrame* frame) {
  return grpc::SerializationTraits<v1::PeerFrame>::Deserialize(bytes, frame).ok();
}

std::string Printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

}  // namespace

Session::Session(Identity identity, const SessionOptions* options, Owner* owner, Handler* handler)
    : identity_(std::move(identity)),
      options_(*options),
      owner_(*owner),
      handler_(*handler),
      started_us_(gate::Loop::NowUs()),
      outbox_(options->limits) {}

void Session::Begin(Call* call) {
  const std::lock_guard lock(mutex_);
  call_ = call;
  if (closed_) return call_->End(reason_);
  SayHello();
  ReadNext();
}

void Session::SayHello() {
  v1::PeerFrame frame;
  v1::PeerHello* hello = frame.mutable_hello();
  hello->set_genesis_hash(std::string(AsText(Bytes(options_.genesis_hash.bytes))));
  hello->set_protocol_version(kProtocolVersion);
  hello->set_software(options_.software);
  hello->set_run(options_.run);
  Write(frame);
}

absl::Status Session::CheckHello(const v1::PeerFrame& frame) {
  if (!frame.has_hello()) return absl::InvalidArgumentError("no Hello first");
  const v1::PeerHello& hello = frame.hello();
  if (hello.genesis_hash().size() != options_.genesis_hash.bytes.size() ||
      hello.software().size() > kSoftwareBytesMax) {
    return absl::InvalidArgumentError("a malformed Hello");
  }
  if (hello.genesis_hash() != AsText(Bytes(options_.genesis_hash.bytes))) {
    return absl::FailedPreconditionError(absl::StrCat("is of another network: its genesis hash is ",
                                                      ToHex(AsBytes(hello.genesis_hash()))));
  }
  if (hello.protocol_version() != kProtocolVersion) {
    return absl::FailedPreconditionError(absl::StrCat("speaks version ", hello.protocol_version(),
                                                      " of the protocol, not ", kProtocolVersion));
  }
  const std::lock_guard lock(mutex_);
  greeted_ = true;
  reading_ = handling_ = false;
  peer_run_ = hello.run();
  peer_software_ = Printable(hello.software());
  return absl::OkStatus();
}

void Session::GoUp() {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    up_us_ = gate::Loop::NowUs();
    up_unix_us_ = UnixUs();
    ++holds_;  // OnDown must not come before OnUp has returned
  }
  handler_.OnUp(identity_.id, identity_.key);
  EndHold();
}

void Session::EndHold() {
  const std::lock_guard lock(mutex_);
  --holds_;
  closed_ ? call_->End(reason_) : ReadNext();
}

void Session::Close(std::string_view reason, bool is_proof) {
  const std::lock_guard lock(mutex_);
  CloseLocked(reason, is_proof);
}

void Session::CloseLocked(std::string_view reason, bool is_proof) {
  if (closed_) return;
  closed_ = true;
  closed_us_ = gate::Loop::NowUs();
  reason_ = Printable(std::string(reason.substr(0, kReasonBytesMax)));
  is_proof_ = is_proof;
  if (holds_ == 0 && call_ != nullptr) call_->End(reason_);
}

// --- In.

void Session::ReadNext() {
  if (closed_ || reading_ || unconsumed_ > options_.limits.unconsumed_bytes_max) return;
  if (greeted_ && up_us_ == 0) return;  // waits
  reading_ = true;
  read_us_ = gate::Loop::NowUs();
  call_->Read(&read_);
}

void Session::OnRead(bool ok) {
  bool greeted = false;
  {
    const std::lock_guard lock(mutex_);
    if (!ok) CloseLocked(kEndedByPeer, false);
    if (closed_) return;
    handling_ = true;
    greeted = greeted_;
  }
  v1::PeerFrame frame;
  if (!Parse(&read_, &frame)) return Close("sent what is no frame", true);
  if (!greeted) {
    const absl::Status hello = CheckHello(frame);
    if (hello.ok()) return owner_.OnHello(*this);
    return Close(std::string(hello.message()), absl::IsInvalidArgument(hello));
  }
  auto messages = inbox_.Take(&frame);
  if (!messages.ok()) {
    return Close(absl::StrCat("sent ", std::string(messages.status().message())), true);
  }
  Deliver(*std::move(messages));
}

void Session::Deliver(std::vector<std::string> messages) {
  for (std::string& bytes : messages) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return;
      unconsumed_ += bytes.size() + kMessageOverheadBytes;
      bytes_in_ += bytes.size();
      ++messages_in_;
    }
    handler_.OnMessage(identity_.id, std::move(bytes));
  }
  const std::lock_guard lock(mutex_);
  reading_ = handling_ = false;
  ReadNext();
}

void Session::Consumed(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  unconsumed_ -= std::min(unconsumed_, bytes + kMessageOverheadBytes);
  if (holds_ == 0) ReadNext();
}

// --- Out.

bool Session::Send(Priority priority, std::shared_ptr<const std::string> bytes, bool more_follow) {
  const std::lock_guard lock(mutex_);
  if (closed_ || up_us_ == 0) return false;
  const bool is_queued =
      bytes->size() <= replica::kMaxMessageBytes && Queue(priority, std::move(bytes));
  if (!more_follow) WriteNext();
  return is_queued;
}

bool Session::Queue(Priority priority, std::shared_ptr<const std::string> bytes) {
  if (outbox_.Push(priority, std::move(bytes)) == Outbox::Pushed::kQueued) return true;
  ++dropped_;
  if (priority == Priority::kConsensus) CloseLocked("is too slow: its queue is full", false);
  return false;
}

void Session::WriteNext() {
  if (closed_ || writing_) return;
  v1::PeerFrame frame;
  if (outbox_.Next(&frame)) Write(frame);
}

void Session::Write(const v1::PeerFrame& frame) {
  bool own = false;
  write_.Clear();
  if (!grpc::SerializationTraits<v1::PeerFrame>::Serialize(frame, &write_, &own).ok()) {
    return CloseLocked("a frame can't be written", false);
  }
  writing_ = true;
  write_us_ = gate::Loop::NowUs();
  call_->Write(&write_);
}

void Session::OnWritten(bool ok) {
  const std::lock_guard lock(mutex_);
  writing_ = false;
  write_us_ = gate::Loop::NowUs();
  if (!ok) CloseLocked(kEndedByPeer, false);
  WriteNext();
}

// --- Time and end.

void Session::Tick(std::int64_t now_us) {
  const Times& times = options_.times;
  const std::lock_guard lock(mutex_);
  if (call_ == nullptr) return;
  if (closed_) {
    if (!aborted_ && holds_ == 0 && now_us - closed_us_ > kLingerUs) {
      aborted_ = true;
      call_->Abort();
    }
    return;
  }
  if (!greeted_ && now_us - started_us_ > times.hello_us_max) {
    return CloseLocked("said no Hello", false);
  }
  if (reading_ && !handling_ && now_us - read_us_ > times.silence_us_max) {
    return CloseLocked("was silent for too long", false);
  }
  if (writing_ && now_us - write_us_ > times.write_us_max) {
    return CloseLocked("is too slow: it does not read", false);
  }
  if (!writing_ && now_us - write_us_ > times.keep_alive_us) {
    v1::PeerFrame frame;
    frame.mutable_keep_alive();
    Write(frame);
  }
}

void Session::OnLost() { Close(kEndedByPeer); }

void Session::OnDone(const std::string& why) {
  bool was_up = false;
  std::string reason;
  {
    const std::lock_guard lock(mutex_);
    call_ = nullptr;
    if (reason_ == kEndedByPeer && !why.empty()) {
      reason_ = absl::StrCat(reason_, ": ", Printable(why.substr(0, kReasonBytesMax)));
    }
    was_up = up_us_ != 0;
    reason = reason_;
  }
  owner_.OnEnd(*this);
  if (was_up) handler_.OnDown(identity_.id, reason);
  owner_.OnOver(*this);
}

// --- What others ask.

std::uint64_t Session::peer_run() const {
  const std::lock_guard lock(mutex_);
  return peer_run_;
}

bool Session::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

std::int64_t Session::up_us() const {
  const std::lock_guard lock(mutex_);
  return up_us_;
}

bool Session::is_proof() const {
  const std::lock_guard lock(mutex_);
  return is_proof_;
}

std::string Session::reason() const {
  const std::lock_guard lock(mutex_);
  return reason_;
}

bool Session::Describe(PeerStatus* status) const {
  const std::lock_guard lock(mutex_);
  if (closed_ || up_us_ == 0) return false;
  status->id = identity_.id;
  status->dialled = identity_.dialled;
  status->address = identity_.address;
  status->software = peer_software_;
  status->since_us = up_unix_us_;
  status->bytes_in = bytes_in_;
  status->bytes_out = outbox_.bytes_sent();
  status->messages_in = messages_in_;
  status->messages_out = outbox_.messages_sent();
  status->dropped = dropped_;
  status->queue_bytes = outbox_.bytes();
  status->queue_messages = outbox_.messages();
  return true;
}

}  // namespace bourse::peer
