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

// The fields of one operation, whose kind is in the first byte, or of Operation itself: with a good
// head and good lengths around them, so that short inputs get deep.
std::string BodyAround(std::string_view input) {
  const auto first = static_cast<std::uint8_t>(input[0]);
  const std::uint32_t kind = 1 + first % 10;
  const std::string_view fields = input.substr(1);
  wire::MessageWriter operation;
  if (kind <= 9) operation.Message(kind, fields);
  wire::MessageWriter operations;
  operations.Message(7, kind <= 9 ? operation.bytes() : fields);
  Transaction head;
  head.atomic = first >= 0xc0;
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
