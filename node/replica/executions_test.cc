#include "node/replica/executions.h"

#include <gtest/gtest.h>

namespace bourse::replica {
namespace {

using consensus::Executed;
using consensus::ExecutionCertificate;
using consensus::SignedExecuted;
using consensus::ValidatorIndex;

Executed At(std::uint64_t height, std::string_view state = "state") {
  return {Height(height), HashOf(AsBytes("block")), TimeMicros(height), {}, HashOf(AsBytes(state))};
}

SignedExecuted By(int validator, const Executed& executed) {
  return {executed, ValidatorIndex(static_cast<std::uint16_t>(validator)), {}};
}

ExecutionCertificate Of(const Executed& executed) {
  return {executed, {{ValidatorIndex(0), {}}, {ValidatorIndex(1), {}}, {ValidatorIndex(2), {}}}};
}

class ExecutionsTest : public ::testing::Test {
 protected:
  void Execute(std::uint64_t height) {
    executions_.OnExecuted(At(height), By(0, At(height)), &outcome_);
  }
  void Vote(int validator, const Executed& executed) {
    executions_.OnVote(By(validator, executed), &outcome_);
  }
  [[nodiscard]] std::vector<std::uint64_t> Certified() const {
    std::vector<std::uint64_t> out;
    for (const ExecutionCertificate& one : outcome_.certified) {
      out.push_back(one.executed.height.value());
    }
    return out;
  }

  const consensus::Validators validators_{Hash256{}, std::vector<PublicKey>(4)};
  Executions executions_{&validators_};
  Executions::Outcome outcome_;
};

using Heights = std::vector<std::uint64_t>;

TEST_F(ExecutionsTest, AQuorumOfEqualVotesIsACertificate) {
  Execute(1);
  Vote(1, At(1));
  Vote(2, At(1, "another state"));
  EXPECT_EQ(Certified(), Heights{});
  Vote(3, At(1));
  ASSERT_EQ(Certified(), Heights{1});
  EXPECT_EQ(executions_.certified(), Height(1));
  EXPECT_EQ(outcome_.certified[0].executed, At(1));
  EXPECT_EQ(outcome_.certified[0].signatures.size(), 3u);
  EXPECT_EQ(outcome_.certified[0].signatures[1].validator, ValidatorIndex(1));
  EXPECT_EQ(outcome_.fatal, "");
}

TEST_F(ExecutionsTest, ACertificateWaitsUntilItsBlockIsExecuted) {
  for (const int validator : {1, 2, 3}) Vote(validator, At(2));
  executions_.OnCertificate(Of(At(3)), &outcome_);
  EXPECT_EQ(Certified(), Heights{});
  EXPECT_EQ(executions_.known(), Height(3));
  Execute(1);
  Execute(2);
  Execute(3);
  EXPECT_EQ(Certified(), (Heights{2, 3}));
}

TEST_F(ExecutionsTest, OtherRootsThanACertificatesAreFatal) {
  Execute(1);
  executions_.OnCertificate(Of(At(1, "another state")), &outcome_);
  EXPECT_EQ(Certified(), Heights{});
  EXPECT_NE(outcome_.fatal.find(ToHex(HashOf(AsBytes("state")))), std::string::npos);
  EXPECT_NE(outcome_.fatal.find(ToHex(HashOf(AsBytes("another state")))), std::string::npos);
}

TEST_F(ExecutionsTest, SoAreOthersThanThoseOfOneThatWaited) {
  executions_.OnCertificate(Of(At(1, "another state")), &outcome_);
  EXPECT_EQ(outcome_.fatal, "");
  Execute(1);
  EXPECT_NE(outcome_.fatal, "");
}

TEST_F(ExecutionsTest, TwoStatementsOfOneHeightAreEvidence) {
  Vote(1, At(1));
  Vote(1, At(1));
  EXPECT_TRUE(outcome_.evidence.empty());
  Vote(1, At(1, "another state"));
  Vote(1, At(1, "another state"));
  ASSERT_EQ(outcome_.evidence.size(), 1u);
  EXPECT_EQ(outcome_.evidence[0].validator, ValidatorIndex(1));
}

TEST_F(ExecutionsTest, ASkippedHeightIsCertifiedByLateVotes) {
  Execute(1);
  Execute(2);
  EXPECT_EQ(executions_.SkippedFrom(Height(1)), std::nullopt);
  executions_.OnCertificate(Of(At(2)), &outcome_);
  EXPECT_EQ(executions_.SkippedFrom(Height(1)), Height(1));
  EXPECT_TRUE(executions_.Wants(Height(1)));
  Vote(1, At(1));
  Vote(2, At(1));
  EXPECT_EQ(Certified(), (Heights{2, 1}));
  EXPECT_EQ(executions_.certified(), Height(2));
  EXPECT_FALSE(executions_.Wants(Height(1)));
  EXPECT_EQ(executions_.SkippedFrom(Height(1)), std::nullopt);
}

TEST_F(ExecutionsTest, SkippedHeightsAreAskedForInTurn) {
  for (std::uint64_t height = 1; height <= 5; ++height) Execute(height);
  executions_.OnCertificate(Of(At(2)), &outcome_);
  executions_.OnCertificate(Of(At(5)), &outcome_);
  EXPECT_EQ(executions_.SkippedFrom(Height(0)), Height(1));
  EXPECT_EQ(executions_.SkippedFrom(Height(2)), Height(3));
  EXPECT_EQ(executions_.SkippedFrom(Height(5)), Height(1));
  executions_.OnCertificate(Of(At(1)), &outcome_);
  executions_.OnCertificate(Of(At(1)), &outcome_);
  EXPECT_EQ(Certified(), (Heights{2, 5, 1}));
  EXPECT_EQ(executions_.SkippedFrom(Height(0)), Height(3));
  executions_.OnCertificate(Of(At(3, "another state")), &outcome_);
  EXPECT_NE(outcome_.fatal, "");
}

TEST_F(ExecutionsTest, TheFarAndTheOldAreOfNoUse) {
  executions_.Start(Height(1'000));
  EXPECT_TRUE(executions_.Wants(Height(1'001)));
  EXPECT_TRUE(executions_.Wants(Height(1'000 + Executions::kWindow)));
  EXPECT_FALSE(executions_.Wants(Height(1'001 + Executions::kWindow)));
  EXPECT_FALSE(executions_.Wants(Height(1'000 - Executions::kWindow)));
  Execute(1'001);
  executions_.OnCertificate(Of(At(1'001)), &outcome_);
  EXPECT_FALSE(executions_.Wants(Height(1'001)));
}

TEST_F(ExecutionsTest, OwnVotesWithoutACertificateAreSentAgain) {
  for (std::uint64_t height = 1; height <= 5; ++height) Execute(height);
  executions_.OnCertificate(Of(At(3)), &outcome_);
  std::vector<SignedExecuted> last = executions_.Unconfirmed(1);
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(last[0].executed.height, Height(5));
  EXPECT_EQ(executions_.Unconfirmed(9).size(), 2u);
  EXPECT_EQ(executions_.LagOf(Height(5)), 2u);
}

}  // namespace
}  // namespace bourse::replica
