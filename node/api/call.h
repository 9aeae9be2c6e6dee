// How calls are served: on raw bytes, so that what is not a protobuf gets an answer that says so
// (gRPC would say UNIMPLEMENTED), by reactors, so that no call holds a thread.
//
// For the .cc files of the services alone: it includes gRPC.
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

namespace bourse::api {

// Both have the same codes.
[[nodiscard]] inline grpc::Status ToGrpc(const absl::Status& status) {
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()));
}

template <typename Request>
[[nodiscard]] absl::StatusOr<Request> Parse(const grpc::ByteBuffer& bytes) {
  Request request;
  grpc::ByteBuffer copy(bytes);  // shares the bytes
  const grpc::Status parsed = grpc::SerializationTraits<Request>::Deserialize(&copy, &request);
  if (parsed.ok()) return request;
  return absl::InvalidArgumentError(
      absl::StrCat("the request is not a ", request.GetTypeName(), " message"));
}

template <typename Response>
[[nodiscard]] absl::Status Write(const Response& response, grpc::ByteBuffer* bytes) {
  bool own = false;
  const grpc::Status written =
      grpc::SerializationTraits<Response>::Serialize(response, bytes, &own);
  return written.ok() ? absl::OkStatus() : absl::InternalError("the answer can't be written");
}

// Serves a call that can be answered at once: `answer` takes the request and returns a
// StatusOr<response>.
template <typename Request, typename Answer>
grpc::ServerUnaryReactor* ServeAtOnce(grpc::CallbackServerContext* context,
                                      const grpc::ByteBuffer* bytes, grpc::ByteBuffer* out,
                                      const Answer& answer) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const absl::StatusOr<Request> request = Parse<Request>(*bytes);
  absl::Status status = request.status();
  if (request.ok()) {
    const auto response = answer(*request);
    status = response.ok() ? Write(*response, out) : response.status();
  }
  reactor->Finish(ToGrpc(status));
  return reactor;
}

// A call that is answered later, from any thread, unless its client has gone before.
class LaterAnswer {
 public:
  // Makes the reactor of a call, and what answers it.
  static std::pair<grpc::ServerUnaryReactor*, std::shared_ptr<LaterAnswer>> Make(
      grpc::ByteBuffer* out) {
    auto answer = std::make_shared<LaterAnswer>();
    absl::MutexLock lock(&answer->mutex_);
    answer->out_ = out;
    answer->reactor_ = new Reactor(answer);
    return {answer->reactor_, answer};
  }

  // The first of these has an effect.
  template <typename Response>
  void Finish(const absl::StatusOr<Response>& response) {
    if (!response.ok()) return Fail(response.status());
    grpc::ServerUnaryReactor* reactor = Take();
    if (reactor != nullptr) reactor->Finish(ToGrpc(Write(*response, out_)));
  }
  void Fail(const absl::Status& status) {
    grpc::ServerUnaryReactor* reactor = Take();
    if (reactor != nullptr) reactor->Finish(ToGrpc(status));
  }

 private:
  class Reactor : public grpc::ServerUnaryReactor {
   public:
    explicit Reactor(std::shared_ptr<LaterAnswer> answer) : answer_(std::move(answer)) {}
    void OnCancel() override { answer_->Fail(absl::CancelledError("the client has gone")); }
    void OnDone() override { delete this; }

   private:
    const std::shared_ptr<LaterAnswer> answer_;
  };

  // Whoever gets the reactor finishes the call, and alone touches `out_`.
  grpc::ServerUnaryReactor* Take() {
    absl::MutexLock lock(&mutex_);
    return std::exchange(reactor_, nullptr);
  }

  absl::Mutex mutex_;
  grpc::ServerUnaryReactor* reactor_ ABSL_GUARDED_BY(mutex_) = nullptr;
  grpc::ByteBuffer* out_ = nullptr;
};

}  // namespace bourse::api
