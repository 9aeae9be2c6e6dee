// What DecodeTransaction refuses, and what it says: its texts are what the authors of bots read.

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "common/limits.h"
#include "common/transaction.h"
#include "common/wire.h"

namespace bourse {
namespace {

// Fields as they are on the wire, in whatever order a test joins them.
std::string Number(std::uint32_t field, std::uint64_t value) {
  wire::MessageWriter out;
  out.OneofU64(field, value);
  return std::move(out).Take();
}
std::string Text(std::uint32_t field, std::string_view value) {
  wire::MessageWriter out;
  out.Message(field, value);
  return std::move(out).Take();
}
std::string Id(std::uint32_t field) { return Text(field, std::string(32, '\x01')); }

const std::string& Ids() {
  static const auto& ids = *new std::string(Id(1) + Id(2) + Id(3));
  return ids;
}
std::string Head() { return Ids() + Number(4, 7) + Number(5, 1'000'000); }
std::string Operations(std::string_view operation) { return Text(7, operation); }
std::string CancelAllOperation() { return Operations(Text(4, "")); }

// A body of one operation: field `kind` of Operation, with these fields.
std::string Body(std::uint32_t kind, std::string_view fields) {
  return Head() + Operations(Text(kind, fields));
}
std::string AtomicBody(std::uint32_t kind, std::string_view fields) {
  return Head() + Number(6, 1) + Operations(Text(2, Number(1, 9))) + Operations(Text(kind, fields));
}

// A place_order of these enums, at price 10 for 1 lot.
std::string Place(std::uint64_t side, std::uint64_t type, std::uint64_t self_trade) {
  return Number(1, 1) + Number(2, side) + Number(3, type) + Number(4, self_trade) + Number(5, 10) +
         Number(6, 1);
}

struct Case {
  std::string bytes;
  const char* error;  // "": it is accepted
};

void Check(std::initializer_list<Case> cases) {
  for (const auto& [bytes, error] : cases) {
    SCOPED_TRACE(ToHex(AsBytes(std::string_view(bytes).substr(0, 300))));
    const absl::StatusOr<Transaction> decoded = DecodeTransaction(AsBytes(bytes));
    EXPECT_EQ(std::string(decoded.status().message()), error);
    EXPECT_EQ(decoded.status().code(),
              *error == '\0' ? absl::StatusCode::kOk : absl::StatusCode::kInvalidArgument);
    if (decoded.ok()) {
      EXPECT_EQ(EncodeTransaction(*decoded), bytes);
    }
  }
}

TEST(DecodeTransactionTest, RefusesBadHeads) {
  const std::string rest = Number(4, 7) + Number(5, 1'000'000) + CancelAllOperation();
  Check({
      {Ids() + rest, ""},
      {Ids() + CancelAllOperation(), ""},  // nonce 0, valid_until 0: not judged here
      {"", "genesis_hash: must have 32 bytes, has 0"},
      {Id(2) + Id(3) + rest, "genesis_hash: must have 32 bytes, has 0"},
      {Id(1) + Id(3) + rest, "account: must have 32 bytes, has 0"},
      {Id(1) + Id(2) + rest, "signer: must have 32 bytes, has 0"},
      {Text(1, std::string(31, 'x')) + Id(2) + Id(3) + rest,
       "genesis_hash: must have 32 bytes, has 31"},
      {Id(1) + Text(2, std::string(33, 'x')) + Id(3) + rest, "account: must have 32 bytes, has 33"},
      {Id(1) + Id(2) + Text(3, "") + rest, "signer: must have 32 bytes, has 0"},
      {Id(1) + Id(2) + Number(3, 1) + rest, "signer: wire type 0, must be 2"},
      {Ids() + Number(4, 0) + CancelAllOperation(), "nonce: 0 is written by leaving the field out"},
      {Ids() + Number(5, 0) + CancelAllOperation(),
       "valid_until: 0 is written by leaving the field out"},
      {Ids() + Text(4, "7") + CancelAllOperation(), "nonce: wire type 2, must be 0"},
      {Head() + Number(6, 0) + CancelAllOperation(),
       "atomic: 0 is written by leaving the field out"},
      {Head() + Number(6, 2) + CancelAllOperation(), "atomic: true is written as 1"},
  });
}

TEST(DecodeTransactionTest, RefusesFieldsThatAreUnknownRepeatedOrOutOfOrder) {
  Check({
      {Ids() + Number(5, 1) + Number(4, 1) + CancelAllOperation(),
       "field 4 is repeated or out of order"},
      {Ids() + Number(4, 1) + Number(4, 1) + CancelAllOperation(),
       "field 4 is repeated or out of order"},
      {Id(1) + Id(1) + Id(2) + Id(3) + CancelAllOperation(), "field 1 is repeated or out of order"},
      {CancelAllOperation() + Head(), "genesis_hash: must have 32 bytes, has 0"},
      {Head() + CancelAllOperation() + Number(6, 1), "field 6 is repeated or out of order"},
      {Head() + CancelAllOperation() + Number(8, 1), "unknown field 8"},
      {Head() + CancelAllOperation() + Number(100, 1), "unknown field 100"},
      {Head() + CancelAllOperation() + std::string(1, '\0'), "field number 0"},
      {Body(4, Number(2, 1) + Number(1, 3)),
       "operations[0].cancel_all: field 1 is repeated or out of order"},
      {Body(4, Number(3, 1)), "operations[0].cancel_all: unknown field 3"},
      {Body(1, Place(1, 1, 1) + Number(9, 1)), "operations[0].place_order: unknown field 9"},
      {Head() + CancelAllOperation() + Operations(Text(10, "")), "operations[1]: unknown field 10"},
  });
}

TEST(DecodeTransactionTest, RefusesOtherWaysToWriteTheSame) {
  const std::string nonce = Ids() + "\x20";
  Check({
      {nonce + "\x05" + CancelAllOperation(), ""},
      {nonce + std::string("\x85\x00", 2) + CancelAllOperation(),
       "nonce: a number with leading zeros"},
      // Tag 4 in two bytes.
      {Ids() + std::string("\xa0\x00\x05", 3) + CancelAllOperation(),
       "a number with leading zeros"},
      // The length of operations[0] in two bytes.
      {Head() + std::string("\x3a\x82\x00\x22\x00", 5), "operations: a number with leading zeros"},
      // 2^64 - 1, and 2^64.
      {nonce + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" + CancelAllOperation(), ""},
      {nonce + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02" + CancelAllOperation(),
       "nonce: a number over 64 bits"},
      {nonce + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" + CancelAllOperation(),
       "nonce: a number over 64 bits"},
  });
}

TEST(DecodeTransactionTest, RefusesWhatIsCutOff) {
  const std::string body = Body(1, Place(1, 1, 1));
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_FALSE(DecodeTransaction(AsBytes(body.substr(0, size))).ok()) << size;
  }
  Check({
      {body, ""},
      {Head() + "\xba", "ends within a number"},
      {Head() + "\x3a", "operations: ends within a number"},
      {Head() + "\x3a\x05\x22", "operations: a length of 5 where 1 bytes are left"},
      {Head() + "\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
       "operations: a length of 18446744073709551615 where 0 bytes are left"},
      // The length of cancel_all is beyond its operation, though not beyond the body.
      {Head() + std::string("\x3a\x02\x22\x04", 4) + CancelAllOperation(),
       "operations[0].cancel_all: a length of 4 where 0 bytes are left"},
  });
}

TEST(DecodeTransactionTest, RefusesBadListsOfOperations) {
  std::string many = Head();
  for (std::size_t i = 0; i < limits::kMaxOperations; ++i) many += CancelAllOperation();
  Check({
      {Head(), "operations: missing"},
      {many, ""},
      {many + CancelAllOperation(), "operations: more than 200"},
      {Head() + Number(7, 1), "operations: wire type 0, must be 2"},
      {Head() + CancelAllOperation() + Operations(""),
       "operations[1]: no kind of operation is set"},
      {Head() + Operations(Text(2, Number(1, 5)) + Text(4, "")),
       "operations[0]: more than one kind of operation is set"},
      {Head() + Operations(Text(4, "") + Text(4, "")),
       "operations[0]: more than one kind of operation is set"},
      {Head() + Operations(Text(4, "") + Text(10, "")), "operations[0]: unknown field 10"},
      {Head() + Operations(Number(4, 1)), "operations[0].cancel_all: wire type 0, must be 2"},
  });
}

TEST(DecodeTransactionTest, RefusesBadPlaceOrders) {
  Check({
      {Body(1, Place(2, 5, 3)), ""},
      {Body(1, ""), "operations[0].place_order.side: missing"},
      {Body(1, Place(0, 1, 1)), "operations[0].place_order.side: unknown value 0"},
      {Body(1, Place(3, 1, 1)), "operations[0].place_order.side: unknown value 3"},
      {Body(1, Place(~std::uint64_t{0}, 1, 1)), "operations[0].place_order.side: unknown value -1"},
      {Body(1, Place(1, 0, 1)), "operations[0].place_order.type: unknown value 0"},
      {Body(1, Place(1, 6, 1)), "operations[0].place_order.type: unknown value 6"},
      {Body(1, Place(1, 257, 1)), "operations[0].place_order.type: unknown value 257"},
      {Body(1, Place(1, 1, 4)), "operations[0].place_order.self_trade: unknown value 4"},
      {Body(1, Number(2, 1) + Number(4, 1)), "operations[0].place_order.type: missing"},
      {Body(1, Number(2, 1) + Number(3, 1)), "operations[0].place_order.self_trade: missing"},
      {Body(1, Number(1, std::uint64_t{1} << 32) + Place(1, 1, 1).substr(2)),
       "operations[0].place_order.market: over 32 bits"},
      // Prices, quantities and markets are judged later, with a receipt.
      {Body(1, Number(2, 1) + Number(3, 1) + Number(4, 1)), ""},
      {Body(1, Place(1, 1, 1) + Number(7, ~std::uint64_t{0}) + Number(8, ~std::uint64_t{0})), ""},
      {Head() + CancelAllOperation() + Operations(Text(1, Place(1, 9, 1))),
       "operations[1].place_order.type: unknown value 9"},
  });
}

TEST(DecodeTransactionTest, RefusesBadCancelsAndReplaces) {
  Check({
      {Body(2, Number(1, 5)), ""},
      {Body(2, Number(2, 5)), ""},
      {Body(2, ""), "operations[0].cancel_order: neither order_id nor client_id is set"},
      {Body(2, Number(1, 5) + Number(2, 5)),
       "operations[0].cancel_order: one of order_id and client_id, not both"},
      {Body(2, Number(1, 0)), "operations[0].cancel_order.order_id: 0 is no id"},
      {Body(2, Number(2, 0)), "operations[0].cancel_order.client_id: 0 is no id"},
      {Body(2, Number(2, 1) + Number(1, 1)),
       "operations[0].cancel_order: field 1 is repeated or out of order"},
      {Body(3, Number(1, 5) + Number(3, 10) + Number(4, 1) + Number(5, 1)), ""},
      {Body(3, Number(2, 5)), ""},
      {Body(3, Number(3, 10) + Number(4, 1)),
       "operations[0].replace_order: neither order_id nor client_id is set"},
      {Body(3, Number(1, 5) + Number(2, 5) + Number(3, 10)),
       "operations[0].replace_order: one of order_id and client_id, not both"},
      {Body(3, Number(1, 5) + Number(5, 2)),
       "operations[0].replace_order.post_only: true is written as 1"},
      {Body(4, Number(1, 3) + Number(2, 1)), ""},
      {Body(4, Number(1, 0)),
       "operations[0].cancel_all.market: 0 is written by leaving the field out"},
  });
}

TEST(DecodeTransactionTest, RefusesBadOperationsOnAssets) {
  const std::string pay = Id(1) + Id(2) + Number(3, 100);
  const std::string memo(limits::kMaxMemoBytes, 'm');
  const std::string market = Id(1) + Id(2);
  Check({
      {Body(5, pay + Text(4, memo)), ""},
      {Body(5, pay + Text(4, memo + "m")),
       "operations[0].transfer.memo: 257 bytes, at most 256 are allowed"},
      {Body(5, pay + Text(4, "")),
       "operations[0].transfer.memo: an empty value is written by leaving the field out"},
      {Body(5, Text(1, "bourse1") + Id(2)), "operations[0].transfer.to: must have 32 bytes, has 7"},
      {Body(5, Id(1) + Number(3, 100)), "operations[0].transfer.asset: must have 32 bytes, has 0"},
      {Body(6, Text(1, "BTC2") + Number(2, 8) + Number(3, 21)), ""},
      {Body(6, Text(1, "ABCDEFGHIJKL")), ""},
      {Body(6, Text(1, "ABCDEFGHIJKLM")),
       "operations[0].create_asset.code: must be 1 to 12 characters of A-Z, 0-9"},
      {Body(6, Text(1, "btc")),
       "operations[0].create_asset.code: must be 1 to 12 characters of A-Z, 0-9"},
      {Body(6, Text(1, "AZ09")), ""},
      {Body(6, Text(1, "A@")),
       "operations[0].create_asset.code: must be 1 to 12 characters of A-Z, 0-9"},
      {Body(6, Text(1, "A[")),
       "operations[0].create_asset.code: must be 1 to 12 characters of A-Z, 0-9"},
      {Body(6, Text(1, "A/")),
       "operations[0].create_asset.code: must be 1 to 12 characters of A-Z, 0-9"},
      {Body(6, Text(1, "A:")),
       "operations[0].create_asset.code: must be 1 to 12 characters of A-Z, 0-9"},
      {Body(6, Number(2, 8)),
       "operations[0].create_asset.code: must be 1 to 12 characters of A-Z, 0-9"},
      {Body(7, pay + Text(4, memo)), ""},
      {Body(7, Id(1) + Number(3, 1)), "operations[0].mint.to: must have 32 bytes, has 0"},
      {Body(7, pay + Text(4, memo + "m")),
       "operations[0].mint.memo: 257 bytes, at most 256 are allowed"},
      {Body(8, Id(1) + Number(2, 100) + Text(3, memo)), ""},
      {Body(8, Number(2, 100)), "operations[0].burn.asset: must have 32 bytes, has 0"},
      {Body(8, Id(1) + Text(3, memo + "m")),
       "operations[0].burn.memo: 257 bytes, at most 256 are allowed"},
      {Body(9, market + Number(6, 0xffffffff)), ""},
      {Body(9, market + Number(7, std::uint64_t{1} << 32)),
       "operations[0].create_market.taker_fee_ppm: over 32 bits"},
      {Body(9, Id(1)), "operations[0].create_market.quote: must have 32 bytes, has 0"},
  });
}

TEST(DecodeTransactionTest, RefusesWhatAnAtomicTransactionMayNotHold) {
  const char* const kError =
      "operations[1]: an atomic transaction may hold only cancel_order, replace_order with "
      "post_only, and place_order of type POST_ONLY";
  Check({
      {AtomicBody(1, Place(1, 5, 1)), ""},
      {AtomicBody(2, Number(1, 5)), ""},
      {AtomicBody(3, Number(1, 5) + Number(5, 1)), ""},
      {AtomicBody(1, Place(1, 1, 1)), kError},
      {AtomicBody(3, Number(1, 5)), kError},
      {AtomicBody(4, ""), kError},
      {AtomicBody(5, Id(1) + Id(2)), kError},
      {AtomicBody(6, Text(1, "BTC")), kError},
      {AtomicBody(7, Id(1) + Id(2)), kError},
      {AtomicBody(8, Id(1)), kError},
      {AtomicBody(9, Id(1) + Id(2)), kError},
  });
}

TEST(DecodeTransactionTest, RefusesWhatIsTooLarge) {
  const std::string large = Head() + std::string(limits::kMaxTransactionBytes, '\0');
  Check({{large, "transaction of 65644 bytes, at most 65536 are allowed"}});
}

TEST(DecodeSignedTransactionTest, RefusesBadEnvelopes) {
  const std::string body = Body(4, ""), signature(64, 's');
  const struct {
    std::string bytes;
    const char* error;
  } kCases[] = {
      {Text(1, body) + Text(2, signature), ""},
      {"", "body: missing"},
      {"{\"body\": \"…\"}", "body: missing"},
      {Text(2, signature), "body: missing"},
      {Text(1, "") + Text(2, signature),
       "body: an empty value is written by leaving the field out"},
      {Text(1, body), "signature: must have 64 bytes, has 0"},
      {Text(1, body) + Text(2, signature + "s"), "signature: must have 64 bytes, has 65"},
      {Text(1, body) + Text(2, signature) + Number(3, 1), "unknown field 3"},
      {Text(2, signature) + Text(1, body), "body: missing"},
      {Text(1, body) + Text(2, signature) + Text(2, signature),
       "field 2 is repeated or out of order"},
      {Text(1, Head()) + Text(2, signature), "operations: missing"},
      {Text(1, std::string(limits::kMaxTransactionBytes, 'x')) + Text(2, signature),
       "transaction of 65606 bytes, at most 65536 are allowed"},
  };
  for (const auto& [bytes, error] : kCases) {
    SCOPED_TRACE(ToHex(AsBytes(std::string_view(bytes).substr(0, 300))));
    EXPECT_EQ(std::string(DecodeSignedTransaction(AsBytes(bytes)).status().message()), error);
  }
}

}  // namespace
}  // namespace bourse
