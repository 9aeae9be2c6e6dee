// The five services of proto/bourse/v1/services.proto, which documents them. Each makes one; the
// backend must outlive it. Kept free of gRPC's headers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "node/api/backend.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace bourse::api {

// What tells those who call apart, by grpc::ServerContext::peer(). Thread-safe.
using SourceOf = std::function<std::uint64_t(std::string_view peer)>;

[[nodiscard]] std::unique_ptr<grpc::Service> MakeSubmitService(Backend* backend,
                                                               SourceOf source_of);
[[nodiscard]] std::unique_ptr<grpc::Service> MakeAccountService(Backend* backend);
[[nodiscard]] std::unique_ptr<grpc::Service> MakeMarketService(Backend* backend);
[[nodiscard]] std::unique_ptr<grpc::Service> MakeLedgerService(Backend* backend);
[[nodiscard]] std::unique_ptr<grpc::Service> MakeNodeService(Backend* backend);

}  // namespace bourse::api
