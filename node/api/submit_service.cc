#include "absl/status/statusor.h"
#include "bourse/v1/services.grpc.pb.h"
#include "common/transaction.h"
#include "node/api/call.h"
#include "node/api/convert.h"
#include "node/api/services.h"
#include "node/api/submit_answer.h"
#include "node/api/submit_stream.h"

namespace bourse::api {
namespace {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

using Service = v1::SubmitService;
using Base = Service::WithRawCallbackMethod_Submit<Service::WithRawCallbackMethod_SubmitStream<
    Service::WithRawCallbackMethod_Simulate<Service::Service>>>;

absl::Time DeadlineOf(const CallbackServerContext& context) {
  return absl::FromChrono(context.deadline());
}

// A dry run needs no signature; the codec wants 64 bytes.
absl::StatusOr<SignedTransaction> Decode(v1::SignedTransaction transaction) {
  if (transaction.signature().empty()) {
    transaction.set_signature(std::string(sizeof(Signature::bytes), '\0'));
  }
  const absl::StatusOr<std::string> encoded = ToEncoded(transaction);
  if (!encoded.ok()) return encoded.status();
  return DecodeSignedTransaction(AsBytes(*encoded));
}

class SubmitService final : public Base {
 public:
  SubmitService(Backend* backend, SourceOf source_of)
      : backend_(backend), source_of_(std::move(source_of)) {}

  ServerUnaryReactor* Submit(CallbackServerContext* context, const ByteBuffer* request,
                             ByteBuffer* response) override {
    auto [reactor, answer] = LaterAnswer::Make(response);
    const auto parsed = Parse<v1::SubmitRequest>(*request);
    absl::StatusOr<std::string> encoded =
        parsed.ok() ? ToEncoded(parsed->transaction()) : parsed.status();
    if (!encoded.ok()) {
      answer->Fail(encoded.status());
      return reactor;
    }
    backend_->Submit(
        *std::move(encoded), {parsed->wait(), DeadlineOf(*context), source_of_(context->peer())},
        [answer = answer, tag = parsed->tag(),
         &genesis_hash = backend_->identity().genesis_hash](const SubmitResult& result) {
          if (!result.status.ok()) return answer->Fail(result.status);
          answer->Finish(absl::StatusOr<v1::SubmitResponse>(ToMessage(result, genesis_hash, tag)));
        });
    return reactor;
  }

  grpc::ServerBidiReactor<ByteBuffer, ByteBuffer>* SubmitStream(
      CallbackServerContext* context) override {
    return api::SubmitStream::Start(backend_,
                                    {true, DeadlineOf(*context), source_of_(context->peer())});
  }

  ServerUnaryReactor* Simulate(CallbackServerContext*, const ByteBuffer* request,
                               ByteBuffer* response) override {
    auto [reactor, answer] = LaterAnswer::Make(response);
    const auto parsed = Parse<v1::SimulateRequest>(*request);
    absl::StatusOr<SignedTransaction> transaction =
        parsed.ok() ? Decode(parsed->transaction()) : parsed.status();
    if (!transaction.ok()) {
      answer->Fail(transaction.status());
      return reactor;
    }
    backend_->Simulate(*std::move(transaction),
                       [answer = answer, &genesis_hash = backend_->identity().genesis_hash](
                           const absl::StatusOr<FullReceipt>& receipt) {
                         if (!receipt.ok()) return answer->Fail(receipt.status());
                         v1::SimulateResponse out;
                         *out.mutable_receipt() = ToMessage(*receipt, genesis_hash);
                         answer->Finish(absl::StatusOr<v1::SimulateResponse>(std::move(out)));
                       });
    return reactor;
  }

 private:
  Backend* const backend_;
  const SourceOf source_of_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeSubmitService(Backend* backend, SourceOf source_of) {
  return std::make_unique<SubmitService>(backend, std::move(source_of));
}

}  // namespace bourse::api
