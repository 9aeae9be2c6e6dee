#include "cli/client.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bourse/v1/services.grpc.pb.h"
#include "cli/exit_code.h"
#include "cli/files.h"

namespace bourse::cli {
namespace {

constexpr int kMaxAnswerBytes = 16 * 1024 * 1024;
constexpr int kMaxRequestBytes = 1024 * 1024;

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetMaxReceiveMessageSize(kMaxAnswerBytes);
  arguments.SetMaxSendMessageSize(kMaxRequestBytes);
  return arguments;
}

absl::Status Unreachable(const ClientOptions& options, const grpc::Status& status) {
  // gRPC wraps the system's own words, which come last, in several layers of its own.
  const std::string& text = status.error_message();
  const std::size_t last = text.rfind(": ");
  const std::string why = status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED
                              ? "it took too long"
                              : text.substr(last == std::string::npos ? 0 : last + 2);
  return UnreachableError(absl::StrCat(
      "no node answers at ", options.node, options.tls ? " by TLS (" : " (", why,
      "). Start a local network with 'bourse devnet up', or name a node with --node HOST:PORT"));
}

// Of a call that changes nothing.
absl::Status ReadError(const ClientOptions& options, const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return Unreachable(options, status);
    case grpc::StatusCode::NOT_FOUND:
      return absl::NotFoundError(status.error_message());
    case grpc::StatusCode::UNIMPLEMENTED:
      return UnreachableError(
          absl::StrCat("what answers at ", options.node,
                       " does not offer what this command asks for: ", status.error_message()));
    default:
      return RejectedError(status.error_message());
  }
}

// Of a submission. What the node itself decides is a refusal; anything else may have happened
// after the transaction got through.
absl::Status SubmitError(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::NOT_FOUND:
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::OUT_OF_RANGE:
    case grpc::StatusCode::ALREADY_EXISTS:
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
    case grpc::StatusCode::UNIMPLEMENTED:
      return RejectedError(absl::StrCat("the node refused it: ", status.error_message()));
    default:
      return OutcomeUnknownError(status.error_message());
  }
}

}  // namespace

struct Client::Stubs {
  ClientOptions options;
  std::unique_ptr<v1::SubmitService::Stub> submit;
  std::unique_ptr<v1::AccountService::Stub> accounts;
  std::unique_ptr<v1::MarketService::Stub> markets;
  std::unique_ptr<v1::LedgerService::Stub> ledger;
  std::unique_ptr<v1::NodeService::Stub> node;

  template <typename Stub, typename Request, typename Response>
  grpc::Status Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    Stub& stub, const Request& request, Response* response) const {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::microseconds(options.timeout_micros));
    return (stub.*method)(&context, request, response);
  }

  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Read(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                Stub& stub, const Request& request) const {
    Response response;
    const grpc::Status status = Call(method, stub, request, &response);
    if (!status.ok()) return ReadError(options, status);
    return response;
  }
};

Client::Client(std::unique_ptr<Stubs> stubs) : stubs_(std::move(stubs)) {}
Client::~Client() = default;

absl::StatusOr<std::unique_ptr<Client>> Client::Create(const ClientOptions& options) {
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
  if (options.tls) {
    grpc::SslCredentialsOptions tls;
    if (!options.tls_ca.empty()) {
      absl::StatusOr<std::string> pem = ReadFile(options.tls_ca);
      if (!pem.ok()) return UsageError(absl::StrCat("--tls-ca: ", pem.status().message()));
      tls.pem_root_certs = *std::move(pem);
    }
    credentials = grpc::SslCredentials(tls);
  }
  const std::shared_ptr<grpc::Channel> channel =
      grpc::CreateCustomChannel("dns:///" + options.node, credentials, Arguments());
  auto stubs = std::make_unique<Stubs>();
  stubs->options = options;
  stubs->submit = v1::SubmitService::NewStub(channel);
  stubs->accounts = v1::AccountService::NewStub(channel);
  stubs->markets = v1::MarketService::NewStub(channel);
  stubs->ledger = v1::LedgerService::NewStub(channel);
  stubs->node = v1::NodeService::NewStub(channel);
  return std::unique_ptr<Client>(new Client(std::move(stubs)));
}

absl::StatusOr<v1::NodeStatus> Client::GetStatus() {
  return stubs_->Read(&v1::NodeService::Stub::GetStatus, *stubs_->node, v1::GetStatusRequest());
}

absl::StatusOr<v1::ListValidatorsResponse> Client::ListValidators() {
  return stubs_->Read(&v1::NodeService::Stub::ListValidators, *stubs_->node,
                      v1::ListValidatorsRequest());
}

absl::StatusOr<v1::ListPeersResponse> Client::ListPeers() {
  return stubs_->Read(&v1::NodeService::Stub::ListPeers, *stubs_->node, v1::ListPeersRequest());
}

absl::StatusOr<v1::ListEvidenceResponse> Client::ListEvidence() {
  return stubs_->Read(&v1::NodeService::Stub::ListEvidence, *stubs_->node,
                      v1::ListEvidenceRequest());
}

absl::StatusOr<v1::Account> Client::GetAccount(const v1::GetAccountRequest& request) {
  return stubs_->Read(&v1::AccountService::Stub::GetAccount, *stubs_->accounts, request);
}

absl::StatusOr<v1::ListOrdersResponse> Client::ListOrders(const v1::ListOrdersRequest& request) {
  return stubs_->Read(&v1::AccountService::Stub::ListOrders, *stubs_->accounts, request);
}

absl::StatusOr<v1::Order> Client::GetOrder(const v1::GetOrderRequest& request) {
  return stubs_->Read(&v1::AccountService::Stub::GetOrder, *stubs_->accounts, request);
}

absl::StatusOr<v1::ListAssetsResponse> Client::ListAssets(const v1::ListAssetsRequest& request) {
  return stubs_->Read(&v1::MarketService::Stub::ListAssets, *stubs_->markets, request);
}

absl::StatusOr<v1::Asset> Client::GetAsset(const v1::GetAssetRequest& request) {
  return stubs_->Read(&v1::MarketService::Stub::GetAsset, *stubs_->markets, request);
}

absl::StatusOr<v1::ListMarketsResponse> Client::ListMarkets(const v1::ListMarketsRequest& request) {
  return stubs_->Read(&v1::MarketService::Stub::ListMarkets, *stubs_->markets, request);
}

absl::StatusOr<v1::Market> Client::GetMarket(const v1::GetMarketRequest& request) {
  return stubs_->Read(&v1::MarketService::Stub::GetMarket, *stubs_->markets, request);
}

absl::StatusOr<v1::Book> Client::GetBook(const v1::GetBookRequest& request) {
  return stubs_->Read(&v1::MarketService::Stub::GetBook, *stubs_->markets, request);
}

absl::StatusOr<v1::ListTradesResponse> Client::ListTrades(const v1::ListTradesRequest& request) {
  return stubs_->Read(&v1::MarketService::Stub::ListTrades, *stubs_->markets, request);
}

absl::StatusOr<v1::GetTransactionResponse> Client::GetTransaction(
    const v1::GetTransactionRequest& request) {
  return stubs_->Read(&v1::LedgerService::Stub::GetTransaction, *stubs_->ledger, request);
}

absl::StatusOr<v1::Block> Client::GetBlock(const v1::GetBlockRequest& request) {
  return stubs_->Read(&v1::LedgerService::Stub::GetBlock, *stubs_->ledger, request);
}

absl::StatusOr<v1::ListBlocksResponse> Client::ListBlocks(const v1::ListBlocksRequest& request) {
  return stubs_->Read(&v1::LedgerService::Stub::ListBlocks, *stubs_->ledger, request);
}

absl::StatusOr<v1::SimulateResponse> Client::Simulate(const v1::SimulateRequest& request) {
  return stubs_->Read(&v1::SubmitService::Stub::Simulate, *stubs_->submit, request);
}

absl::StatusOr<v1::SubmitResponse> Client::Submit(const v1::SubmitRequest& request) {
  v1::SubmitResponse response;
  const grpc::Status status =
      stubs_->Call(&v1::SubmitService::Stub::Submit, *stubs_->submit, request, &response);
  if (!status.ok()) return SubmitError(status);
  return response;
}

}  // namespace bourse::cli
