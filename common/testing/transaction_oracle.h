// The rules of proto/bourse/v1/transaction.proto, said a second time and by protobuf: what the
// codec in common/transaction.h must agree with.
#pragma once

#include <string>
#include <string_view>

#include "bourse/v1/transaction.pb.h"
#include "common/transaction.h"

namespace bourse::testing {

[[nodiscard]] v1::Transaction ToProto(const Transaction& transaction);

// The bytes that protobuf writes, in its deterministic mode.
[[nodiscard]] std::string Serialize(const google::protobuf::Message& message);

// Whether DecodeTransaction, or DecodeSignedTransaction, must accept these bytes.
[[nodiscard]] bool IsGoodBody(std::string_view bytes);
[[nodiscard]] bool IsGoodSignedTransaction(std::string_view bytes);

}  // namespace bourse::testing
