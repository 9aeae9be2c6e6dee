#include "node/api/evidence_state.h"

#include <gtest/gtest.h>

#include "common/ed25519.h"

namespace bourse::api {
namespace {

using consensus::Slot;
using consensus::ValidatorIndex;
using consensus::VoteKind;

KeyPair Key(std::uint8_t number) {
  std::array<std::uint8_t, 32> seed{};
  seed[0] = number;
  return KeyPair::FromSeed(seed);
}

class EvidenceStateTest : public testing::Test {
 protected:
  [[nodiscard]] bool IsSigned(const SignedStatement& statement) const {
    return Verify(key_.public_key(), AsBytes(statement.bytes), statement.signature);
  }

  const KeyPair key_ = Key(1);
  const consensus::Validators validators_{Hash256{{7}}, {key_.public_key()}};
};

TEST_F(EvidenceStateTest, OfVotesHoldsTheExactBytesThatWereSigned) {
  const auto sign = [&](const consensus::Vote& vote) {
    return consensus::SignedVote{vote, ValidatorIndex(0),
                                 key_.Sign(AsBytes(SignedBytes(validators_, vote)))};
  };
  const EvidenceState state = EvidenceStateOf(
      validators_, consensus::MakeEvidence(sign({VoteKind::kFinal, Slot(12), Hash256{{1}}}),
                                           sign({VoteKind::kSkip, Slot(12), {}})));
  EXPECT_EQ(state.kind, EvidenceKind::kVotes);
  EXPECT_EQ(state.slot, Slot(12));
  EXPECT_NE(state.first.bytes, state.second.bytes);
  EXPECT_TRUE(IsSigned(state.first) && IsSigned(state.second));
  EXPECT_NE(state.description.find("12"), std::string::npos) << state.description;
}

TEST_F(EvidenceStateTest, OfExecutionsTellsTheHeight) {
  const auto sign = [&](std::uint8_t root) {
    consensus::Executed executed;
    executed.height = Height(5);
    executed.state_root = Hash256{{root}};
    return consensus::SignedExecuted{executed, ValidatorIndex(0),
                                     key_.Sign(AsBytes(SignedBytes(validators_, executed)))};
  };
  const EvidenceState state =
      EvidenceStateOf(validators_, consensus::MakeEvidence(sign(1), sign(2)));
  EXPECT_EQ(state.kind, EvidenceKind::kExecutions);
  EXPECT_EQ(state.height, Height(5));
  EXPECT_TRUE(IsSigned(state.first) && IsSigned(state.second));
}

TEST_F(EvidenceStateTest, OfCandidatesTellsTheSlot) {
  const auto sign = [&](std::uint8_t root) {
    consensus::Header header;
    header.slot = Slot(3);
    header.height = Height(1);
    header.transactions_root = Hash256{{root}};
    return consensus::SignedHeader{header, key_.Sign(AsBytes(SignedBytes(header)))};
  };
  const EvidenceState state =
      EvidenceStateOf(validators_, consensus::MakeEvidence(validators_, sign(1), sign(2)));
  EXPECT_EQ(state.kind, EvidenceKind::kCandidates);
  EXPECT_EQ(state.slot, Slot(3));
  EXPECT_TRUE(IsSigned(state.first) && IsSigned(state.second));
}

}  // namespace
}  // namespace bourse::api
