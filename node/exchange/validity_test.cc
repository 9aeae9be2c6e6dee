#include "node/exchange/validity.h"

#include <gtest/gtest.h>

#include <array>

#include "common/ed25519.h"
#include "common/limits.h"
#include "common/transaction.h"
#include "node/exchange/application.h"

namespace bourse::exchange {
namespace {

constexpr std::uint64_t kTime = 1'000'000;
const Hash256 kGenesis = HashOf(AsBytes("a network"));

std::string Encoded(std::uint64_t nonce, std::uint64_t valid_until = kTime + 1,
                    const Hash256& genesis = kGenesis) {
  const KeyPair key = KeyPair::FromSeed(std::array<std::uint8_t, 32>{7});
  Transaction transaction;
  transaction.genesis_hash = genesis;
  transaction.account = transaction.signer = key.public_key();
  transaction.nonce = Nonce(nonce);
  transaction.valid_until = TimeMicros(valid_until);
  transaction.operations.emplace_back(CancelAll{});
  const std::string body = EncodeTransaction(transaction);
  return EncodeSignedTransaction(body, key.Sign(AsBytes(SigningBytes(genesis, AsBytes(body)))));
}

std::string WithBadSignature(std::string encoded) {
  encoded.back() = static_cast<char>(encoded.back() ^ 1);
  return encoded;
}

class ValidityTest : public testing::Test {
 protected:
  absl::Status Check(const std::vector<bool>& verified = {}) {
    block_.transactions = &transactions_;
    return CheckBlock(block_, kGenesis, verified);
  }

  ProposedBlock block_{.protocol_version = kProtocolVersion,
                       .height = Height(8),
                       .time = TimeMicros(kTime),
                       .parent_height = Height(7),
                       .parent_time = TimeMicros(kTime - 1)};
  std::vector<std::string> transactions_;
};

TEST_F(ValidityTest, AnEmptyBlockIsValid) { EXPECT_TRUE(Check().ok()); }

TEST_F(ValidityTest, SoIsOneWithGoodTransactions) {
  transactions_ = {Encoded(1), Encoded(2, kTime + limits::kMaxLifetimeMicros)};
  EXPECT_TRUE(Check().ok());
}

TEST_F(ValidityTest, HeightAndTimeMustFollowTheParents) {
  block_.height = Height(9);
  EXPECT_FALSE(Check().ok());
  block_.height = Height(8);
  block_.parent_time = block_.time;
  EXPECT_FALSE(Check().ok());
}

TEST_F(ValidityTest, AnUnknownProtocolVersionIsRefused) {
  block_.protocol_version = kProtocolVersion + 1;
  EXPECT_FALSE(Check().ok());
}

TEST_F(ValidityTest, ATransactionMustBeAliveAtTheBlocksTime) {
  transactions_ = {Encoded(1, kTime)};
  EXPECT_EQ(Check().code(), absl::StatusCode::kDeadlineExceeded);
  transactions_ = {Encoded(1, kTime + limits::kMaxLifetimeMicros + 1)};
  EXPECT_EQ(Check().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(ValidityTest, ATransactionOfAnotherNetworkIsRefused) {
  transactions_ = {Encoded(1, kTime + 1, HashOf(AsBytes("another")))};
  EXPECT_EQ(Check().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ValidityTest, TheSameTransactionTwiceIsRefusedThoughItsSignaturesDiffer) {
  transactions_ = {Encoded(1), WithBadSignature(Encoded(1))};
  EXPECT_EQ(Check({true, true}).message(), "a transaction is there twice");
}

TEST_F(ValidityTest, LooksAtSignaturesThatNobodyHasVerified) {
  transactions_ = {Encoded(1), WithBadSignature(Encoded(2))};
  EXPECT_EQ(Check().message(), "a signature is wrong");
  EXPECT_EQ(Check({true}).message(), "a signature is wrong");
  EXPECT_EQ(Check({true, false}).message(), "a signature is wrong");
  EXPECT_TRUE(Check({false, true}).ok());
}

TEST_F(ValidityTest, BoundsTheNumberAndTheBytesOfItsTransactions) {
  transactions_.assign(limits::kMaxBlockTransactions + 1, "");
  EXPECT_EQ(Check().message(), "too many transactions");
  transactions_.assign(2, std::string(limits::kMaxBlockBytes, 'x'));
  EXPECT_EQ(Check().message(), "too many bytes");
}

TEST_F(ValidityTest, JunkIsRefused) {
  transactions_ = {"junk"};
  EXPECT_FALSE(Check({true}).ok());
}

}  // namespace
}  // namespace bourse::exchange
