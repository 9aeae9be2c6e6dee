#include "node/api/submit_stream.h"

#include <utility>

#include "node/api/call.h"
#include "node/api/convert.h"
#include "node/api/submit_answer.h"

namespace bourse::api {

SubmitStream* SubmitStream::Start(Backend* backend, const SubmitOptions& options) {
  std::shared_ptr<SubmitStream> stream(new SubmitStream(backend, options));
  stream->self_ = stream;
  absl::MutexLock lock(&stream->mutex_);
  stream->ReadNext();
  return stream.get();
}

void SubmitStream::ReadNext() {
  if (ended_ || reading_ || no_more_ || in_flight_ >= kMaxInFlight) return;
  reading_ = true;
  StartRead(&read_);
}

void SubmitStream::OnReadDone(bool ok) {
  if (!ok) {
    absl::MutexLock lock(&mutex_);
    reading_ = false;
    no_more_ = true;
    if (in_flight_ == 0) End(absl::OkStatus());
    return;
  }
  const absl::StatusOr<v1::SubmitRequest> request = Parse<v1::SubmitRequest>(read_);
  {
    absl::MutexLock lock(&mutex_);
    reading_ = false;
    if (!request.ok()) return End(request.status());
    ++in_flight_;
  }
  Submit(*request);
  absl::MutexLock lock(&mutex_);
  ReadNext();
}

void SubmitStream::Submit(const v1::SubmitRequest& request) {
  const std::uint64_t tag = request.tag();
  const Hash256& genesis_hash = backend_->identity().genesis_hash;
  absl::StatusOr<std::string> encoded = ToEncoded(request.transaction());
  if (!encoded.ok()) {
    return Answer(ToMessage(SubmitResult{encoded.status(), {}, nullptr}, genesis_hash, tag));
  }
  SubmitOptions options = options_;
  options.wait = request.wait();
  backend_->Submit(*std::move(encoded), options,
                   [self = self_, tag, &genesis_hash](const SubmitResult& result) {
                     self->Answer(ToMessage(result, genesis_hash, tag));
                   });
}

void SubmitStream::Answer(const v1::SubmitResponse& response) {
  grpc::ByteBuffer bytes;
  const absl::Status written = Write(response, &bytes);
  absl::MutexLock lock(&mutex_);
  if (ended_) return;
  if (!written.ok()) return End(written);
  answers_.push_back(std::move(bytes));
  if (answers_.size() == 1) WriteNext();
}

void SubmitStream::WriteNext() { StartWrite(&answers_.front()); }

void SubmitStream::OnWriteDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  if (!answers_.empty()) answers_.pop_front();
  --in_flight_;
  if (!ok) return End(absl::CancelledError("the client has gone"));
  if (ended_) return;
  if (!answers_.empty()) WriteNext();
  if (no_more_ && in_flight_ == 0) return End(absl::OkStatus());
  ReadNext();
}

void SubmitStream::OnCancel() {
  absl::MutexLock lock(&mutex_);
  End(absl::CancelledError("the client has gone"));
}

void SubmitStream::End(const absl::Status& status) {
  if (std::exchange(ended_, true)) return;
  Finish(ToGrpc(status));
}

void SubmitStream::OnDone() { self_.reset(); }

}  // namespace bourse::api
