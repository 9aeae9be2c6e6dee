// A node, as the commands see it: the services of proto/bourse/v1/services.proto.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "bourse/v1/services.pb.h"

namespace bourse::cli {

struct ClientOptions {
  std::string node;  // HOST:PORT
  bool tls = false;
  std::string tls_ca;                         // PEM file; empty: the system's
  std::uint64_t timeout_micros = 30'000'000;  // of one call
};

// Calls do not retry by themselves, go through no proxy, and end with the timeout. Errors:
// kUnavailable where no node answers; kNotFound; else kFailedPrecondition with the node's text.
// Not thread-safe.
class Client {
 public:
  // Connects with the first call. kInvalidArgument: the certificates can't be read.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Client>> Create(const ClientOptions& options);
  ~Client();

  [[nodiscard]] absl::StatusOr<v1::NodeStatus> GetStatus();
  [[nodiscard]] absl::StatusOr<v1::ListValidatorsResponse> ListValidators();
  [[nodiscard]] absl::StatusOr<v1::ListPeersResponse> ListPeers();
  [[nodiscard]] absl::StatusOr<v1::ListEvidenceResponse> ListEvidence();
  [[nodiscard]] absl::StatusOr<v1::Account> GetAccount(const v1::GetAccountRequest& request);
  [[nodiscard]] absl::StatusOr<v1::ListOrdersResponse> ListOrders(
      const v1::ListOrdersRequest& request);
  [[nodiscard]] absl::StatusOr<v1::Order> GetOrder(const v1::GetOrderRequest& request);
  [[nodiscard]] absl::StatusOr<v1::ListAssetsResponse> ListAssets(
      const v1::ListAssetsRequest& request);
  [[nodiscard]] absl::StatusOr<v1::Asset> GetAsset(const v1::GetAssetRequest& request);
  [[nodiscard]] absl::StatusOr<v1::ListMarketsResponse> ListMarkets(
      const v1::ListMarketsRequest& request);
  [[nodiscard]] absl::StatusOr<v1::Market> GetMarket(const v1::GetMarketRequest& request);
  [[nodiscard]] absl::StatusOr<v1::Book> GetBook(const v1::GetBookRequest& request);
  [[nodiscard]] absl::StatusOr<v1::ListTradesResponse> ListTrades(
      const v1::ListTradesRequest& request);
  [[nodiscard]] absl::StatusOr<v1::GetTransactionResponse> GetTransaction(
      const v1::GetTransactionRequest& request);
  [[nodiscard]] absl::StatusOr<v1::Block> GetBlock(const v1::GetBlockRequest& request);
  [[nodiscard]] absl::StatusOr<v1::ListBlocksResponse> ListBlocks(
      const v1::ListBlocksRequest& request);
  [[nodiscard]] absl::StatusOr<v1::SimulateResponse> Simulate(const v1::SimulateRequest& request);

  // As the others, but an error after which the transaction may be in the network all the same is
  // kUnknown.
  [[nodiscard]] absl::StatusOr<v1::SubmitResponse> Submit(const v1::SubmitRequest& request);

 private:
  struct Stubs;
  explicit Client(std::unique_ptr<Stubs> stubs);
  std::unique_ptr<Stubs> stubs_;
};

}  // namespace bourse::cli
