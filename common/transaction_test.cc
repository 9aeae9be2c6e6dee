#include "common/transaction.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/limits.h"

namespace bourse {
namespace {

Transaction WithOperation(const Operation& operation) {
  Transaction transaction;
  transaction.genesis_hash.bytes.fill(0x11);
  transaction.signer = KeyPair::FromSeed({7}).public_key();
  transaction.account = transaction.signer;
  transaction.nonce = Nonce(5);
  transaction.valid_until = TimeMicros(1'700'000'000'000'000);
  transaction.operations = {operation};
  return transaction;
}

std::string Sign(const Transaction& transaction, const KeyPair& key) {
  const std::string body = EncodeTransaction(transaction);
  return EncodeSignedTransaction(
      body, key.Sign(AsBytes(SigningBytes(transaction.genesis_hash, AsBytes(body)))));
}

TEST(TransactionTest, TxidIsTheHashOfWhatIsSigned) {
  Hash256 genesis;
  genesis.bytes.fill(0x42);
  const std::string signed_bytes = SigningBytes(genesis, AsBytes("body"));
  EXPECT_EQ(signed_bytes, "bourse/tx/1" + std::string(32, '\x42') + "body");
  EXPECT_EQ(TransactionId(genesis, AsBytes("body")), HashOf(AsBytes(signed_bytes)));
}

TEST(TransactionTest, VerifiesTheSignatureOfTheSignerOverTheBody) {
  const Transaction transaction = WithOperation(CancelAll{MarketId(3), true});
  const std::string good = Sign(transaction, KeyPair::FromSeed({7}));
  const absl::StatusOr<SignedTransaction> decoded = DecodeSignedTransaction(AsBytes(good));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_TRUE(VerifySignature(*decoded, AsBytes(good)));
  EXPECT_EQ(decoded->transaction, transaction);
  EXPECT_EQ(decoded->size_bytes, good.size());
  EXPECT_EQ(decoded->txid,
            TransactionId(transaction.genesis_hash, AsBytes(EncodeTransaction(transaction))));

  const std::string by_another = Sign(transaction, KeyPair::FromSeed({8}));
  const absl::StatusOr<SignedTransaction> foreign = DecodeSignedTransaction(AsBytes(by_another));
  ASSERT_TRUE(foreign.ok()) << foreign.status();
  EXPECT_FALSE(VerifySignature(*foreign, AsBytes(by_another)));
  EXPECT_EQ(foreign->txid, decoded->txid) << "the signature is no part of the TXID";
}

TEST(TransactionTest, ASignatureIsGoodForOneBodyAlone) {
  const std::string good = Sign(WithOperation(Burn{}), KeyPair::FromSeed({7}));
  int checked = 0;
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string changed = good;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    const absl::StatusOr<SignedTransaction> decoded = DecodeSignedTransaction(AsBytes(changed));
    if (!decoded.ok()) continue;
    EXPECT_FALSE(VerifySignature(*decoded, AsBytes(changed))) << "byte " << i;
    ++checked;
  }
  EXPECT_GT(checked, 100);
}

TEST(TransactionTest, PassiveIsWhatCannotTake) {
  PlaceOrder place;
  ReplaceOrder replace;
  for (const OrderType type : {OrderType::kLimit, OrderType::kMarket, OrderType::kImmediateOrCancel,
                               OrderType::kFillOrKill}) {
    place.type = type;
    EXPECT_FALSE(IsPassive(WithOperation(place)));
  }
  place.type = OrderType::kPostOnly;
  EXPECT_FALSE(IsPassive(WithOperation(replace)));
  replace.post_only = true;

  Transaction all = WithOperation(place);
  for (const Operation& operation :
       std::vector<Operation>{place, CancelOrder{}, replace, CancelAll{}, Transfer{}, CreateAsset{},
                              Mint{}, Burn{}, CreateMarket{}}) {
    EXPECT_TRUE(IsPassive(WithOperation(operation))) << operation.index();
    all.operations.push_back(operation);
  }
  EXPECT_TRUE(IsPassive(all));
  all.operations.push_back(ReplaceOrder{});
  EXPECT_FALSE(IsPassive(all)) << "one operation that can take makes all of it active";
}

}  // namespace
}  // namespace bourse
