// SubmitStream: one call of SubmitService.SubmitStream.
//
//   read ──► submit ──► (node) ──► answers ──► write
//     ▲                                          │
//     └────── not while kMaxInFlight are ────────┘
//             between read and written
//
// So a client that does not read its answers is not read from either. Includes gRPC.
#pragma once

#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <deque>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "bourse/v1/services.pb.h"
#include "node/api/backend.h"

namespace bourse::api {

// Thread-safe. It keeps itself alive until gRPC is done with it.
class SubmitStream final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  static constexpr std::size_t kMaxInFlight = 2'048;

  // Starts to read. Each request says itself whether it waits.
  static SubmitStream* Start(Backend* backend, const SubmitOptions& options);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  SubmitStream(Backend* backend, const SubmitOptions& options)
      : backend_(backend), options_(options) {}

  void Submit(const v1::SubmitRequest& request);
  void Answer(const v1::SubmitResponse& response);
  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ReadNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Ends the call once; nothing is read or written any more.
  void End(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Backend* const backend_;
  const SubmitOptions options_;
  std::shared_ptr<SubmitStream> self_;  // until OnDone
  grpc::ByteBuffer read_;               // of the one read at a time

  absl::Mutex mutex_;
  std::deque<grpc::ByteBuffer> answers_ ABSL_GUARDED_BY(mutex_);  // the first is being written
  std::size_t in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool no_more_ ABSL_GUARDED_BY(mutex_) = false;  // the client has sent its last
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace bourse::api
