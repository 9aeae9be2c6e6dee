#include "node/consensus/simplex.h"

#include <algorithm>

#include "gtest/gtest.h"
#include "node/consensus/testing/cluster.h"

namespace bourse::consensus {
namespace {

using testing::Cluster;
using testing::FilledHash;
using Envelope = Cluster::Envelope;

bool IsVote(const Envelope& envelope, VoteKind kind) {
  const auto* vote = std::get_if<SignedVote>(&envelope.what);
  return vote != nullptr && vote->vote.kind == kind;
}
bool IsCertificate(const Envelope& envelope, VoteKind kind) {
  const auto* certificate = std::get_if<Certificate>(&envelope.what);
  return certificate != nullptr && certificate->vote.kind == kind;
}
bool IsProposal(const Envelope& envelope) {
  return std::holds_alternative<Proposal>(envelope.what);
}

std::vector<Vote> VotesIn(const std::vector<SignedVote>& log, VoteKind kind) {
  std::vector<Vote> votes;
  for (const SignedVote& vote : log) {
    if (vote.vote.kind == kind) votes.push_back(vote.vote);
  }
  return votes;
}

SignedVote VoteOf(std::uint16_t validator, VoteKind kind, std::uint64_t slot, std::uint8_t hash) {
  return {{kind, Slot(slot), kind == VoteKind::kSkip ? Hash256{} : FilledHash(hash)},
          ValidatorIndex(validator),
          {}};
}

TEST(SimplexTest, OneValidatorFinalizesAtOnceWhatItProposes) {
  Cluster cluster(1);
  cluster.SetWorkEverywhere();
  ASSERT_GE(cluster.node(0).delivered.size(), 1u);
  EXPECT_EQ(cluster.node(0).delivered[0].header.header.height, Height(1));
  EXPECT_TRUE(cluster.node(0).delivered[0].certificate.has_value());
}

TEST(SimplexTest, FourValidatorsDeliverTheSameChain) {
  Cluster cluster(4);
  for (int i = 0; i < 10; ++i) {
    cluster.Wait(1'000'000);
    cluster.Run();
  }
  ASSERT_EQ(cluster.node(0).delivered.size(), 10u);
  for (std::size_t i = 1; i < 4; ++i) {
    ASSERT_EQ(cluster.node(i).delivered.size(), 10u);
    for (std::size_t h = 0; h < 10; ++h) {
      EXPECT_EQ(cluster.node(i).delivered[h].id, cluster.node(0).delivered[h].id);
    }
  }
}

TEST(SimplexTest, LeaderWithoutWorkWaitsForTheIdleInterval) {
  Cluster cluster(4);
  cluster.Wait(999'999);
  EXPECT_TRUE(cluster.wire().empty());
  cluster.Wait(1);
  EXPECT_TRUE(std::any_of(cluster.wire().begin(), cluster.wire().end(), IsProposal));
}

TEST(SimplexTest, SlotOfASilentLeaderIsSkippedAndItsSuccessorBuildsOnTheGenesis) {
  Cluster cluster(4);
  cluster.node(0).down = true;
  cluster.SetWorkEverywhere();
  cluster.Wait(1'000'000);
  cluster.Run();
  ASSERT_GE(cluster.node(1).delivered.size(), 1u);
  EXPECT_EQ(cluster.node(1).delivered[0].header.header.slot, Slot(1));
  EXPECT_EQ(cluster.node(1).delivered[0].header.header.parent_slot, kGenesisSlot);
  EXPECT_GE(cluster.core(1).counters().parent_skipped_slots, 1u);
}

TEST(SimplexTest, VotesNotarAfterItsOwnSkipButNeverFinal) {
  Cluster cluster(4);
  // Node 3 hears nothing until its timer has fired.
  cluster.SetWorkEverywhere();
  std::vector<Envelope> kept;
  cluster.Run([&](const Envelope& envelope) {
    if (envelope.to == 3) kept.push_back(envelope);
    return envelope.to == 3 || envelope.from == 3 || IsVote(envelope, VoteKind::kNotar);
  });
  cluster.Wait(1'000'000);
  cluster.Run([](const Envelope&) { return true; });
  ASSERT_EQ(VotesIn(cluster.node(3).log.votes, VoteKind::kSkip).size(), 1u);
  for (const Envelope& envelope : kept) cluster.wire().push_back(envelope);
  cluster.Run([](const Envelope& envelope) { return envelope.to != 3; });
  EXPECT_EQ(cluster.core(3).counters().notar_after_skip, 1u);
  for (const Vote& vote : VotesIn(cluster.node(3).log.votes, VoteKind::kFinal)) {
    EXPECT_NE(vote.slot, Slot(0));
  }
}

TEST(SimplexTest, DoesNotSkipASlotThatItsOwnLateVotesFinalized) {
  Cluster cluster(4);
  cluster.SetWorkEverywhere();
  const Envelope proposed = *std::find_if(cluster.wire().begin(), cluster.wire().end(), IsProposal);
  const SignedHeader header = std::get<Proposal>(proposed.what).header;
  const BlockId id = IdOf(header.header);
  cluster.Step(3, HeaderArrived{header});
  for (const VoteKind kind : {VoteKind::kNotar, VoteKind::kFinal}) {
    for (const auto voter : {std::uint16_t{0}, std::uint16_t{1}}) {
      cluster.Step(3, VoteArrived{{{kind, id.slot, id.hash}, ValidatorIndex(voter), {}}});
    }
  }
  cluster.node(3).down = true;  // its timer is due, but the body comes first
  cluster.Wait(10'000'000);
  cluster.node(3).down = false;
  cluster.Step(3, BodyChecked{id, true});
  EXPECT_EQ(cluster.node(3).delivered.size(), 1u);
  EXPECT_TRUE(VotesIn(cluster.node(3).log.votes, VoteKind::kSkip).empty());
}

TEST(SimplexTest, NeverVotesFinalAfterSkipAcrossARestart) {
  Cluster cluster(4);
  cluster.SetWorkEverywhere();
  std::vector<Envelope> kept;
  cluster.Run([&](const Envelope& envelope) {
    if (envelope.to == 3) kept.push_back(envelope);
    return envelope.to == 3;
  });
  cluster.Wait(1'000'000);
  ASSERT_FALSE(VotesIn(cluster.node(3).log.votes, VoteKind::kSkip).empty());
  cluster.Boot(3);
  for (const Envelope& envelope : kept) cluster.wire().push_back(envelope);
  cluster.Run();
  for (const Vote& vote : VotesIn(cluster.node(3).log.votes, VoteKind::kFinal)) {
    EXPECT_NE(vote.slot, Slot(0));
  }
}

TEST(SimplexTest, GoesOnWhenHalfHoldTheNotarAndHalfTheSkipCertificate) {
  Cluster cluster(4);
  cluster.SetWorkEverywhere();
  // All vote Notar, only nodes 0 and 1 learn that a quorum did; then all skip the slot.
  cluster.Run([](const Envelope& envelope) {
    if (IsCertificate(envelope, VoteKind::kNotar)) return true;
    if (IsVote(envelope, VoteKind::kFinal)) return true;
    return IsVote(envelope, VoteKind::kNotar) && envelope.to >= 2;
  });
  cluster.Wait(1'100'000);
  cluster.Run();
  for (int i = 0; i < 8; ++i) {
    cluster.Wait(1'100'000);
    cluster.Run();
  }
  for (std::size_t i = 0; i < 4; ++i) EXPECT_GE(cluster.node(i).delivered.size(), 3u) << i;
}

TEST(SimplexTest, AsksForABodyItKnowsOnlyFromItsCertificate) {
  Cluster cluster(4);
  cluster.SetWorkEverywhere();
  cluster.Run([](const Envelope& envelope) { return envelope.to == 3 && IsProposal(envelope); });
  ASSERT_TRUE(cluster.core(3).final_certificate().has_value());
  EXPECT_TRUE(cluster.node(3).delivered.empty());
  const std::vector<BlockId> missing = cluster.core(3).Missing();
  ASSERT_FALSE(missing.empty());
  // Whoever has them answers, highest first.
  for (int round = 0; round < 200 && !cluster.core(3).Missing().empty(); ++round) {
    for (const BlockId& id : cluster.core(3).Missing()) {
      const SignedHeader* header = cluster.core(0).FindHeader(id);
      std::optional<SignedHeader> found;
      if (header != nullptr) found = *header;
      for (const Decided& decided : cluster.node(0).delivered) {
        if (decided.id == id) found = decided.header;
      }
      ASSERT_TRUE(found.has_value());
      cluster.Step(3, HeaderArrived{*found});
      cluster.Step(3, BodyChecked{id, true});
    }
  }
  ASSERT_FALSE(cluster.node(3).delivered.empty());
  EXPECT_EQ(cluster.node(3).delivered[0].id, cluster.node(0).delivered[0].id);
}

TEST(SimplexTest, HoldsItsVoteBackWhileTheBlocksTimeIsAhead) {
  Cluster cluster(4);
  cluster.ShiftWall(3'600'000'000);
  cluster.blocks_of_work = 1;
  cluster.Step(0, WorkChanged{0});  // the leader's clock is an hour ahead
  cluster.ShiftWall(-3'600'000'000);
  cluster.Run();
  EXPECT_TRUE(VotesIn(cluster.node(1).log.votes, VoteKind::kNotar).empty());
  EXPECT_GE(cluster.core(1).counters().held_back, 1u);
  // Skipped, and the next leader goes on.
  cluster.SetWorkEverywhere();
  cluster.Wait(1'000'000);
  cluster.Run();
  EXPECT_FALSE(cluster.node(1).delivered.empty());
}

TEST(SimplexTest, AcceptsATimeThatOnlyFollowsItsParentsAfterClocksWereSetBack) {
  Cluster cluster(4);
  cluster.Wait(1'000'000);
  cluster.Run();
  cluster.ShiftWall(-86'400'000'000);
  cluster.Wait(1'000'000);
  cluster.Run();
  EXPECT_EQ(cluster.node(2).delivered.size(), 2u);
}

TEST(SimplexTest, SendsAllAgainWhenNothingWasFinalizedForLong) {
  Cluster cluster(4);
  cluster.SetWorkEverywhere();
  cluster.Run([](const Envelope& envelope) { return !IsProposal(envelope); });  // all votes lost
  for (int i = 0; i < 40 && cluster.node(0).delivered.empty(); ++i) {
    cluster.Wait(1'000'000);
    cluster.Run();
  }
  EXPECT_FALSE(cluster.node(0).delivered.empty());
}

TEST(SimplexTest, SkipsTheSlotsOfALeaderKnownToBeGoneAtOnce) {
  Cluster cluster(4);
  cluster.node(2).down = true;
  for (int i = 0; i < 40; ++i) {
    cluster.Wait(1'000'000);
    cluster.Run();
  }
  EXPECT_TRUE(cluster.core(0).IsGone(ValidatorIndex(2)));
  EXPECT_GE(cluster.core(0).counters().gone_skips, 1u);
  // It is back: what it signs for a new slot makes it count again.
  cluster.Boot(2);
  cluster.Step(0, Heard{ValidatorIndex(2), cluster.core(0).frontier()});
  EXPECT_FALSE(cluster.core(0).IsGone(ValidatorIndex(2)));
}

TEST(SimplexTest, DropsSingleVotesFarAheadButNoCertificate) {
  Cluster cluster(4);
  cluster.Step(0, VoteArrived{VoteOf(1, VoteKind::kNotar, 1'000, 5)});
  EXPECT_EQ(cluster.core(0).counters().dropped_far, 1u);
  Certificate certificate{{VoteKind::kFinal, Slot(1'000), FilledHash(5)}, {}};
  for (std::uint16_t i = 1; i < 4; ++i) certificate.signatures.push_back({ValidatorIndex(i), {}});
  cluster.Step(0, CertificateArrived{certificate, std::nullopt});
  EXPECT_EQ(cluster.core(0).frontier(), Slot(1'001));
  EXPECT_EQ(cluster.core(0).counters().frontier_jumps, 1u);
}

TEST(SimplexTest, CertificateAtOrBelowTheHighestFinalIsNotSentOn) {
  Cluster cluster(4);
  Certificate final{{VoteKind::kFinal, Slot(10), FilledHash(5)}, {}};
  for (std::uint16_t i = 1; i < 4; ++i) final.signatures.push_back({ValidatorIndex(i), {}});
  cluster.Step(0, CertificateArrived{final, std::nullopt});
  cluster.wire().clear();
  Certificate late = final;
  late.vote = {VoteKind::kSkip, Slot(9), {}};
  cluster.Step(0, CertificateArrived{late, std::nullopt});
  EXPECT_TRUE(cluster.wire().empty());
}

TEST(SimplexTest, ShowsBothSignaturesOfADoubleVote) {
  Cluster cluster(4);
  cluster.Step(0, VoteArrived{VoteOf(1, VoteKind::kNotar, 0, 5)});
  cluster.Step(0, VoteArrived{VoteOf(1, VoteKind::kSkip, 0, 0)});
  EXPECT_TRUE(cluster.node(0).evidence.empty());  // these two are innocent
  cluster.Step(0, VoteArrived{VoteOf(1, VoteKind::kNotar, 0, 6)});
  ASSERT_EQ(cluster.node(0).evidence.size(), 1u);
  EXPECT_EQ(Describe(cluster.node(0).evidence[0]), "Notar and Notar in slot 0");
  cluster.Step(0, VoteArrived{VoteOf(1, VoteKind::kFinal, 0, 5)});
  EXPECT_EQ(cluster.node(0).evidence.size(), 3u);  // with the Skip, and with the other Notar
}

TEST(SimplexTest, OneThatMayNotVoteFollows) {
  Cluster cluster(4);
  cluster.node(3).log.may_vote = false;
  cluster.Boot(3);
  cluster.SetWorkEverywhere();
  cluster.Run();
  EXPECT_FALSE(cluster.node(3).delivered.empty());
  EXPECT_TRUE(cluster.node(3).log.votes.empty());
}

TEST(SimplexTest, AllGoOnAfterAPowerCutOfAll) {
  Cluster cluster(4);
  cluster.SetWorkEverywhere();
  cluster.Run([](const Envelope& envelope) { return IsVote(envelope, VoteKind::kFinal); });
  cluster.wire().clear();
  for (std::size_t i = 0; i < 4; ++i) {
    cluster.node(i).delivered.clear();
    cluster.Boot(i);
  }
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 4; ++j) {
      if (i != j) cluster.Step(i, PeerConnected{PeerId(j)});
    }
  }
  cluster.Run();
  for (int i = 0; i < 5; ++i) {
    cluster.Wait(1'000'000);
    cluster.Run();
  }
  for (std::size_t i = 0; i < 4; ++i) EXPECT_FALSE(cluster.node(i).delivered.empty()) << i;
}

}  // namespace
}  // namespace bourse::consensus
