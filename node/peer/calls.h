// The two kinds of Call, by gRPC's callback API, on raw bytes: what is no frame is for the session
// to judge.
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/client_callback.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "node/peer/call.h"
#include "node/peer/session.h"

namespace bourse::peer {

// Takes a call when gRPC is done with it. It must not be destroyed on that thread, which is one of
// gRPC's: the last channel of a process waits for those threads to end.
using Retire = std::function<void(std::unique_ptr<Call>)>;

// The peer has dialled. Owns itself until it is retired.
class AcceptedCall final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                           public Call {
 public:
  // `drop_connection` ends what carries the call, and with it the call.
  AcceptedCall(std::shared_ptr<Session> session, std::function<void()> drop_connection,
               Retire retire)
      : session_(std::move(session)),
        drop_connection_(std::move(drop_connection)),
        retire_(std::move(retire)) {}

  void Read(grpc::ByteBuffer* into) override { StartRead(into); }
  void Write(const grpc::ByteBuffer* frame) override { StartWrite(frame); }
  void End(const std::string& reason) override {
    Finish(grpc::Status(grpc::StatusCode::ABORTED, reason));
  }
  void Abort() override { drop_connection_(); }

  void OnReadDone(bool ok) override { session_->OnRead(ok); }
  void OnWriteDone(bool ok) override { session_->OnWritten(ok); }
  void OnCancel() override { session_->OnLost(); }
  void OnDone() override {
    session_->OnDone("");
    const Retire retire = std::move(retire_);  // outlives the call
    retire(std::unique_ptr<Call>(this));
  }

 private:
  const std::shared_ptr<Session> session_;
  const std::function<void()> drop_connection_;
  Retire retire_;
};

// A call that is not taken. Deletes itself.
class RefusedCall final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  explicit RefusedCall(const std::string& why) {
    Finish(grpc::Status(grpc::StatusCode::PERMISSION_DENIED, why));
  }
  void OnDone() override { delete this; }
};

// We have dialled.
class DialledCall final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                          public Call {
 public:
  // Owns itself from here on, until it is retired.
  static void Start(std::shared_ptr<grpc::Channel> channel, std::shared_ptr<Session> session,
                    Retire retire);

  void Read(grpc::ByteBuffer* into) override { StartRead(into); }
  void Write(const grpc::ByteBuffer* frame) override { StartWrite(frame); }
  void End(const std::string&) override {
    context_.TryCancel();
    RemoveHold();
  }
  void Abort() override {}  // a cancelled call waits for nobody

  void OnReadDone(bool ok) override { session_->OnRead(ok); }
  void OnWriteDone(bool ok) override { session_->OnWritten(ok); }
  void OnDone(const grpc::Status& status) override;

 private:
  DialledCall(std::shared_ptr<grpc::Channel> channel, std::shared_ptr<Session> session,
              Retire retire)
      : channel_(std::move(channel)), session_(std::move(session)), retire_(std::move(retire)) {}

  const std::shared_ptr<grpc::Channel> channel_;
  const std::shared_ptr<Session> session_;
  Retire retire_;
  grpc::ClientContext context_;
};

}  // namespace bourse::peer
