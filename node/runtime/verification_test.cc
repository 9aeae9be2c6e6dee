#include "node/runtime/verification.h"

#include <gtest/gtest.h>

#include <latch>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ledger/genesis.h"
#include "node/consensus/vote.h"
#include "node/runtime/clock.h"
#include "node/runtime/testing/test_node.h"

namespace bourse::runtime {
namespace {

using testing::EncodedTransfer;

const Hash256& GenesisHash() {
  static const Hash256 hash = ledger::GenesisHash(testing::TestGenesis(1));
  return hash;
}

// The signature is the last of a transaction's encoding.
std::string WithWrongSignature(std::string encoded) {
  encoded[encoded.size() - 8] ^= 1;
  return encoded;
}

class VerificationTest : public ::testing::Test {
 protected:
  ~VerificationTest() override { workers_.Stop(); }

  bool IsGood(std::vector<std::string> transactions) {
    replica::CheckBody body;
    consensus::Header& header = body.header.header;
    header.protocol_version = 1;
    header.height = Height(1);
    header.time = ReadClock().wall;
    body.transactions = std::make_shared<const std::vector<std::string>>(std::move(transactions));
    std::latch done{1};
    bool good = false;
    CheckBodyOn(&workers_, GenesisHash(), &seen_, std::move(body),
                [&](const replica::BodyChecked& checked) {
                  good = checked.good;
                  done.count_down();
                });
    done.wait();
    return good;
  }

  SignatureCache seen_;
  WorkerPool workers_{2};
};

TEST_F(VerificationTest, TakesWhatIsRightlySigned) {
  const auto decoded = DecodeAndVerify(EncodedTransfer(GenesisHash(), 1, 0), GenesisHash(), &seen_);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->transaction.nonce, Nonce(0));
}

TEST_F(VerificationTest, RefusesAnotherNetworksTransaction) {
  const std::string encoded = EncodedTransfer(Hash256{}, 1, 0);
  EXPECT_EQ(DecodeAndVerify(encoded, GenesisHash(), &seen_).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(VerificationTest, AGoodCopyDoesNotExcuseABadOne) {
  const std::string good = EncodedTransfer(GenesisHash(), 1, 0);
  const std::string bad = WithWrongSignature(good);
  EXPECT_TRUE(DecodeAndVerify(good, GenesisHash(), &seen_).ok());
  EXPECT_FALSE(DecodeAndVerify(bad, GenesisHash(), &seen_).ok());
  EXPECT_FALSE(IsGood({bad}));
  EXPECT_FALSE(DecodeAndVerify(bad, GenesisHash(), &seen_).ok()) << "it was remembered as good";
  EXPECT_TRUE(IsGood({good}));
}

TEST_F(VerificationTest, ABodysTransactionsAreRememberedAsGood) {
  const std::string encoded = EncodedTransfer(GenesisHash(), 1, 0);
  EXPECT_TRUE(IsGood({encoded}));
  EXPECT_TRUE(seen_.Has(HashOf(AsBytes(encoded))));
}

TEST_F(VerificationTest, ABodyIsCheckedInPartsAndAsAWhole) {
  std::vector<std::string> transactions;
  for (std::uint64_t nonce = 0; nonce < 600; ++nonce) {
    transactions.push_back(EncodedTransfer(GenesisHash(), 1, nonce));
  }
  EXPECT_TRUE(IsGood(transactions));
  std::swap(transactions[1], transactions[599]);
  transactions[599] = transactions[0];
  EXPECT_FALSE(IsGood(transactions)) << "one is there twice";
  transactions[599] = WithWrongSignature(EncodedTransfer(GenesisHash(), 1, 599));
  EXPECT_FALSE(IsGood(transactions));
}

TEST_F(VerificationTest, AClaimIsRememberedWithItsSignerStatementAndSignature) {
  const KeyPair key = testing::Key(1);
  const replica::Claim good{key.public_key(), "statement", key.Sign(AsBytes("statement"))};
  EXPECT_TRUE(VerifyClaims({good}, &seen_));
  EXPECT_TRUE(VerifyClaims({good, good}, &seen_));
  replica::Claim other_statement = good;
  other_statement.bytes = "Statement";
  replica::Claim other_signer = good;
  other_signer.key = testing::Key(2).public_key();
  replica::Claim other_signature = good;
  other_signature.signature.bytes[0] ^= 1;
  for (const replica::Claim& bad : {other_statement, other_signer, other_signature}) {
    EXPECT_FALSE(VerifyClaims({good, bad}, &seen_));
    EXPECT_FALSE(VerifyClaims({bad}, &seen_)) << "it was remembered as good";
  }
}

}  // namespace
}  // namespace bourse::runtime
