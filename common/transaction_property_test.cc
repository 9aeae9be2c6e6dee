// Our codec against protobuf's, over random transactions and over damaged ones.

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <random>
#include <string>

#include "common/testing/random_transaction.h"
#include "common/testing/transaction_oracle.h"
#include "common/transaction.h"

namespace bourse {
namespace {

constexpr int kRounds = 20'000;

TEST(TransactionPropertyTest, EncodesAsProtobufDoesAndDecodesWhatItEncoded) {
  std::mt19937_64 random(1);
  for (int round = 0; round < kRounds; ++round) {
    const Transaction transaction = testing::RandomTransaction(random);
    const std::string body = EncodeTransaction(transaction);
    ASSERT_EQ(ToHex(AsBytes(body)),
              ToHex(AsBytes(testing::Serialize(testing::ToProto(transaction)))))
        << "round " << round;
    ASSERT_TRUE(testing::IsGoodBody(body)) << "round " << round;
    const absl::StatusOr<Transaction> decoded = DecodeTransaction(AsBytes(body));
    ASSERT_TRUE(decoded.ok()) << "round " << round << ": " << decoded.status();
    ASSERT_EQ(*decoded, transaction) << "round " << round;
  }
}

TEST(TransactionPropertyTest, SignedTransactionsAreEncodedAsProtobufDoes) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 1'000; ++round) {
    const Transaction transaction = testing::RandomTransaction(random);
    const std::string body = EncodeTransaction(transaction);
    Signature signature;
    for (std::uint8_t& byte : signature.bytes) byte = static_cast<std::uint8_t>(random());
    v1::SignedTransaction message;
    message.set_body(body);
    message.set_signature(std::string(AsText(signature.bytes)));
    const std::string encoded = EncodeSignedTransaction(body, signature);
    ASSERT_EQ(encoded, testing::Serialize(message)) << "round " << round;
    const absl::StatusOr<SignedTransaction> decoded = DecodeSignedTransaction(AsBytes(encoded));
    ASSERT_TRUE(decoded.ok()) << "round " << round << ": " << decoded.status();
    ASSERT_EQ(decoded->transaction, transaction);
    ASSERT_EQ(decoded->signature, signature);
  }
}

class Damage {
 public:
  explicit Damage(std::mt19937_64& random) : random_(random) {}

  // Changes a few bytes: values, inserted and removed ones, and slices that go elsewhere.
  void Bytes(std::string& bytes) {
    for (std::size_t i = 0; i <= Below(2); ++i) {
      const std::size_t at = Below(bytes.size()), size = 1 + Below(6);
      switch (Below(6)) {
        case 0:
          bytes[at] = static_cast<char>(bytes[at] ^ 1 << Below(8));
          break;
        case 1:
          bytes[at] = static_cast<char>(random_());
          break;
        case 2:
          bytes.insert(at, 1, static_cast<char>(Below(3) == 0 ? 0 : random_()));
          break;
        case 3:
          if (bytes.size() > size) bytes.erase(at, size);
          break;
        case 4:
          bytes.insert(Below(bytes.size()), bytes.substr(at, size));
          break;
        default:
          bytes.insert(at, "\x08\x01", 2);  // a field 1 more
      }
    }
  }

  // Changes one field to a value of its type at or beyond an edge, or adds one that is unknown.
  // Lengths stay right, so this gets where damaged bytes seldom do.
  void Field(google::protobuf::Message* message) {
    using google::protobuf::FieldDescriptor;
    const google::protobuf::Reflection& fields = *message->GetReflection();
    const google::protobuf::Descriptor& type = *message->GetDescriptor();
    if (Below(10) == 0) {
      fields.MutableUnknownFields(message)->AddVarint(type.field_count() + 1, random_());
      return;
    }
    const FieldDescriptor* field =
        type.field(static_cast<int>(Below(static_cast<std::size_t>(type.field_count()))));
    if (field->is_repeated() && Below(10) != 0) {
      const int size = fields.FieldSize(*message, field);
      const int at = static_cast<int>(Below(static_cast<std::size_t>(size) + 1));
      Field(at == size ? fields.AddMessage(message, field)
                       : fields.MutableRepeatedMessage(message, field, at));
      return;
    }
    if (field->is_repeated() || Below(10) == 0) {
      fields.ClearField(message, field);
      return;
    }
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        Field(fields.MutableMessage(message, field));
        break;
      case FieldDescriptor::CPPTYPE_STRING:
        fields.SetString(message, field, RandomText());
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        fields.SetEnumValue(message, field, static_cast<int>(Below(9)) - 1);
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        fields.SetBool(message, field, Below(2) == 0);
        break;
      case FieldDescriptor::CPPTYPE_UINT32:
        fields.SetUInt32(message, field, static_cast<std::uint32_t>(random_()));
        break;
      default:
        fields.SetUInt64(message, field, Below(2) == 0 ? 0 : random_());
    }
  }

 private:
  std::size_t Below(std::size_t n) { return n == 0 ? 0 : random_() % n; }
  std::string RandomText() {
    constexpr std::size_t kSizes[] = {0, 1, 12, 13, 31, 32, 33, 256, 257};
    return std::string(kSizes[Below(std::size(kSizes))], Below(8) == 0 ? 'a' : 'A');
  }
  std::mt19937_64& random_;
};

void ExpectAgreement(const std::string& bytes, int round, int* accepted) {
  const absl::StatusOr<Transaction> decoded = DecodeTransaction(AsBytes(bytes));
  ASSERT_EQ(decoded.ok(), testing::IsGoodBody(bytes))
      << "round " << round << ": " << ToHex(AsBytes(bytes)) << "\n"
      << decoded.status();
  if (!decoded.ok()) return;
  ++*accepted;
  ASSERT_EQ(EncodeTransaction(*decoded), bytes) << "round " << round;
  ASSERT_EQ(testing::Serialize(testing::ToProto(*decoded)), bytes) << "round " << round;
}

TEST(TransactionPropertyTest, AcceptsDamagedBytesIfAndOnlyIfTheyAreCanonical) {
  std::mt19937_64 random(3);
  Damage damage(random);
  int accepted = 0;
  for (int round = 0; round < 2 * kRounds; ++round) {
    std::string bytes = EncodeTransaction(testing::RandomTransaction(random));
    damage.Bytes(bytes);
    ASSERT_NO_FATAL_FAILURE(ExpectAgreement(bytes, round, &accepted));
  }
  EXPECT_GT(accepted, kRounds / 10) << "both sides must be seen";
  EXPECT_LT(accepted, kRounds * 3 / 2) << "both sides must be seen";
}

TEST(TransactionPropertyTest, AcceptsChangedFieldsIfAndOnlyIfTheyAreGood) {
  std::mt19937_64 random(4);
  Damage damage(random);
  int accepted = 0;
  for (int round = 0; round < 2 * kRounds; ++round) {
    v1::Transaction message = testing::ToProto(testing::RandomTransaction(random));
    damage.Field(&message);
    ASSERT_NO_FATAL_FAILURE(ExpectAgreement(testing::Serialize(message), round, &accepted));
  }
  EXPECT_GT(accepted, kRounds / 10) << "both sides must be seen";
  EXPECT_LT(accepted, kRounds * 3 / 2) << "both sides must be seen";
}

}  // namespace
}  // namespace bourse
