// Any bytes as a SignedTransaction, as a body, and as a part of one: accepted if and only if
// protobuf and the rules say so, and then there is no other encoding.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/check.h"
#include "common/testing/transaction_oracle.h"
#include "common/transaction.h"
#include "common/wire.h"

namespace bourse {
namespace {

void CheckBody(std::string_view bytes) {
  const absl::StatusOr<Transaction> body = DecodeTransaction(AsBytes(bytes));
  CHECK(body.ok() == testing::IsGoodBody(bytes));
  if (body.ok()) {
    CHECK(EncodeTransaction(*body) == bytes);
    CHECK(testing::Serialize(testing::ToProto(*body)) == bytes);
  } else {
    CHECK(body.status().code() == absl::StatusCode::kInvalidArgument);
    CHECK(!body.status().message().empty());
  }
}

void CheckEnvelope(std::string_view bytes) {
  const absl::StatusOr<SignedTransaction> envelope = DecodeSignedTransaction(AsBytes(bytes));
  CHECK(envelope.ok() == testing::IsGoodSignedTransaction(bytes));
  if (!envelope.ok()) return;
  CHECK(EncodeSignedTransaction(EncodeTransaction(envelope->transaction), envelope->signature) ==
        bytes);
  CHECK(envelope->size_bytes == bytes.size());
}

// The fields of one operation, whose kind is in the first byte: with a good head and good lengths
// around them, so that short inputs get deep.
std::string BodyAround(std::string_view input) {
  const auto kind = static_cast<std::uint8_t>(input[0]);
  wire::MessageWriter operation;
  operation.Message(1 + kind % 9, input.substr(1));
  wire::MessageWriter operations;
  operations.Message(7, operation.bytes());
  Transaction head;
  head.atomic = kind >= 0xc0;
  return EncodeTransaction(head) + operations.bytes();
}

}  // namespace
}  // namespace bourse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  bourse::CheckBody(bytes);
  bourse::CheckEnvelope(bytes);
  if (!bytes.empty()) bourse::CheckBody(bourse::BodyAround(bytes));
  return 0;
}
