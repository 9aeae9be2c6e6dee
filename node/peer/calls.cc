#include "node/peer/calls.h"

#include <grpcpp/generic/generic_stub.h>

namespace bourse::peer {

void DialledCall::Start(std::shared_ptr<grpc::Channel> channel, std::shared_ptr<Session> session,
                        Retire retire) {
  auto* call = new DialledCall(std::move(channel), std::move(session), std::move(retire));
  grpc::GenericStub(call->channel_)
      .PrepareBidiStreamingCall(&call->context_, "/bourse.v1.PeerService/Exchange", {}, call);
  call->AddHold();  // the session writes from outside of gRPC's callbacks, until End
  const std::shared_ptr<Session> keep = call->session_;
  keep->Begin(call);
  call->StartCall();
}

void DialledCall::OnDone(const grpc::Status& status) {
  session_->OnDone(status.error_message());
  const Retire retire = std::move(retire_);  // outlives the call
  retire(std::unique_ptr<Call>(this));
}

}  // namespace bourse::peer
