// Any bytes, as a SignedTransaction and as a body: accepted if and only if protobuf and the rules
// say so, and then there is no other encoding.

#include <cstddef>
#include <cstdint>
#include <string>

#include "common/check.h"
#include "common/testing/transaction_oracle.h"
#include "common/transaction.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bourse;
  const Bytes bytes(data, size);

  const absl::StatusOr<Transaction> body = DecodeTransaction(bytes);
  CHECK(body.ok() == testing::IsGoodBody(AsText(bytes)));
  if (body.ok()) {
    CHECK(EncodeTransaction(*body) == AsText(bytes));
    CHECK(testing::Serialize(testing::ToProto(*body)) == AsText(bytes));
  } else {
    CHECK(body.status().code() == absl::StatusCode::kInvalidArgument);
    CHECK(!body.status().message().empty());
  }

  const absl::StatusOr<SignedTransaction> envelope = DecodeSignedTransaction(bytes);
  CHECK(envelope.ok() == testing::IsGoodSignedTransaction(AsText(bytes)));
  if (envelope.ok()) {
    const std::string encoded =
        EncodeSignedTransaction(EncodeTransaction(envelope->transaction), envelope->signature);
    CHECK(encoded == AsText(bytes));
    CHECK(envelope->size_bytes == size);
  }
  return 0;
}
