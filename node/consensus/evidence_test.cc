#include "node/consensus/evidence.h"

#include "gtest/gtest.h"
#include "node/consensus/testing/cluster.h"

namespace bourse::consensus {
namespace {

using testing::FilledHash;
using testing::MakeValidators;

Vote V(VoteKind kind, std::uint64_t slot, std::uint8_t hash) {
  return {kind, Slot(slot), FilledHash(hash)};
}

TEST(EvidenceTest, NamesThePairsThatNoHonestValidatorSigns) {
  EXPECT_TRUE(Exclude(V(VoteKind::kNotar, 1, 1), V(VoteKind::kNotar, 1, 2)));
  EXPECT_TRUE(Exclude(V(VoteKind::kFinal, 1, 1), V(VoteKind::kFinal, 1, 2)));
  EXPECT_TRUE(Exclude(V(VoteKind::kFinal, 1, 1), V(VoteKind::kSkip, 1, 0)));
  EXPECT_TRUE(Exclude(V(VoteKind::kNotar, 1, 1), V(VoteKind::kFinal, 1, 2)));
}

TEST(EvidenceTest, BlamesNoInnocents) {
  EXPECT_FALSE(Exclude(V(VoteKind::kNotar, 1, 1), V(VoteKind::kSkip, 1, 0)));
  EXPECT_FALSE(Exclude(V(VoteKind::kNotar, 1, 1), V(VoteKind::kFinal, 1, 1)));
  EXPECT_FALSE(Exclude(V(VoteKind::kNotar, 1, 1), V(VoteKind::kNotar, 2, 2)));
  EXPECT_FALSE(Exclude(V(VoteKind::kNotar, 1, 1), V(VoteKind::kNotar, 1, 1)));
}

TEST(EvidenceTest, IsReadAsItWasWrittenWhicheverCameFirst) {
  const Validators validators = MakeValidators(4);
  const SignedVote a{V(VoteKind::kNotar, 1, 1), ValidatorIndex(2), {}};
  const SignedVote b{V(VoteKind::kNotar, 1, 2), ValidatorIndex(2), {}};
  const std::string bytes = Encode(MakeEvidence(a, b));
  EXPECT_EQ(bytes, Encode(MakeEvidence(b, a)));
  Evidence read;
  ASSERT_TRUE(Decode(validators, bytes, &read));
  EXPECT_EQ(Encode(read), bytes);
  EXPECT_FALSE(Decode(validators, bytes + "x", &read));
  EXPECT_FALSE(Decode(validators, bytes.substr(1), &read));
}

TEST(EvidenceTest, IsNotReadWhereTheTwoDoNotExcludeEachOther) {
  const Validators validators = MakeValidators(4);
  const SignedVote a{V(VoteKind::kNotar, 1, 1), ValidatorIndex(2), {}};
  const SignedVote b{V(VoteKind::kFinal, 1, 1), ValidatorIndex(2), {}};
  Evidence read;
  EXPECT_FALSE(Decode(validators, Encode(MakeEvidence(a, b)), &read));
}

}  // namespace
}  // namespace bourse::consensus
