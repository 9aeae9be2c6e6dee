// What must be on disk, so that all go on after a loss of power.

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "ledger/merkle.h"
#include "node/consensus/testing/cluster.h"
#include "tests/sim/scenarios/network_of_four.h"

namespace bourse::sim {
namespace {

using consensus::BlockId;
using consensus::Certificate;
using consensus::SignedVote;
using consensus::Slot;
using consensus::VoteKind;

constexpr Slot kItsSlot(3);

// The slot that a packet is about, if it says something about one slot.
std::optional<Slot> SlotOf(const Packet& packet) {
  if (!packet.message) return std::nullopt;
  if (const auto* vote = std::get_if<SignedVote>(&*packet.message)) return vote->vote.slot;
  if (const auto* held = std::get_if<Certificate>(&*packet.message)) return held->vote.slot;
  if (const auto* candidate = std::get_if<replica::CompactCandidate>(&*packet.message)) {
    return candidate->header.header.slot;
  }
  return std::nullopt;
}

// Leads slot 3 for two of the others, votes for it there, and is never heard of again.
class LeadsForTwo final : public Actor {
 public:
  explicit LeadsForTwo(Environment* environment) : environment_(*environment) {}

  [[nodiscard]] Role role() const override { return Role::kByzantine; }
  void Start() override {}

  void OnMessage(NodeIndex /*from*/, const PacketPtr& packet) override {
    if (!packet->message) return;
    if (const auto* one = std::get_if<replica::CompactCandidate>(&*packet->message)) {
      if (one->header.header.slot == Slot(kItsSlot.value() - 1)) parent_ = one->header.header;
    }
    const auto* certificate = std::get_if<Certificate>(&*packet->message);
    if (certificate == nullptr || certificate->vote.kind != VoteKind::kNotar) return;
    if (parent_ && certificate->vote.hash == HashOf(*parent_) && !done_) Lead();
  }

 private:
  void Lead() {
    done_ = true;
    replica::CompactCandidate candidate;
    consensus::Header& header = candidate.header.header;
    header = *parent_;
    header.slot = kItsSlot;
    header.height = Height(parent_->height.value() + 1);
    header.time = TimeMicros(parent_->time.value() + 1);
    header.parent_slot = parent_->slot;
    header.parent_hash = HashOf(*parent_);
    header.transactions_root = ledger::MerkleRootOf({});
    const consensus::ValidatorIndex self = *environment_.ValidatorOf(environment_.self());
    candidate.header.signature = environment_.Sign(self, SignedBytes(header));
    const consensus::Vote vote{VoteKind::kNotar, kItsSlot, HashOf(header)};
    const Signature signature =
        environment_.Sign(self, SignedBytes(environment_.validators(), vote));
    Send(candidate);
    Send(SignedVote{vote, self, signature});
  }
  void Send(const replica::Message& message) {
    environment_.Send({0, 1}, std::make_shared<const std::string>(Encode(message)));
  }

  Environment& environment_;
  std::optional<consensus::Header> parent_;
  bool done_ = false;
};

bool IsFinalVote(const Packet& packet, NodeIndex from) {
  if (!packet.message) return false;
  const auto* vote = std::get_if<SignedVote>(&*packet.message);
  return vote != nullptr && vote->validator.value() == from && vote->vote.slot == kItsSlot &&
         vote->vote.kind == VoteKind::kFinal;
}

// Nodes 0 and 1 hold the Notar certificate of slot 3, made with a signature that will never come
// again, and voted Final: they can't skip. Node 2 knows of nothing, and skips. If the certificate
// went with the power, nobody could ever clear the slot.
TEST(DurabilityTest, NotarCertificateIsStoredWithTheFinalVote) {
  NetworkOfFour four(
      [](Environment* environment) { return std::make_unique<LeadsForTwo>(environment); });
  bool final_sent[2] = {false, false};
  four.world().network().set_filter([&](NodeIndex from, NodeIndex to, const Packet& packet) {
    for (const NodeIndex node : {0, 1}) {
      if (from == node && IsFinalVote(packet, node)) final_sent[node] = true;
    }
    return to != 2 || SlotOf(packet) != kItsSlot;
  });
  ASSERT_TRUE(four.Await(NetworkOfFour::kSecond, [&] { return final_sent[0] && final_sent[1]; }));
  // Node 2 is late and votes Skip; that alone decides nothing.
  four.Run(3 * NetworkOfFour::kTimeoutMicros);
  four.CutPower();
  four.world().network().set_filter(nullptr);
  EXPECT_TRUE(four.AwaitHeights(20 * NetworkOfFour::kSecond, 10));
  EXPECT_EQ(four.failed_check(), "");
}

// A known body may have a parent that is not known: a vote needs the parent's header alone.
TEST(DurabilityTest, HolesBelowAKnownBodyAreLookedForAfterARestart) {
  consensus::testing::Cluster cluster(4);
  cluster.SetWorkEverywhere();
  cluster.Run();
  auto& node = cluster.node(3);
  ASSERT_GE(node.delivered.size(), 2U);
  const consensus::SignedHeader hole = node.delivered[0].header;
  const std::size_t known = node.delivered.size();
  std::erase_if(node.log.bodies, [&](const consensus::SignedHeader& body) {
    return IdOf(body.header) == IdOf(hole.header);
  });
  // Of certificates a log need hold no more than the highest Final.
  std::erase_if(node.log.certificates, [](const Certificate& certificate) {
    return certificate.vote.kind != VoteKind::kFinal;
  });
  node.delivered.clear();
  cluster.Boot(3);
  EXPECT_EQ(cluster.core(3).Missing(), std::vector<BlockId>{IdOf(hole.header)});
  cluster.Step(3, consensus::HeaderArrived{hole});
  cluster.Step(3, consensus::BodyChecked{IdOf(hole.header), true});
  EXPECT_EQ(node.delivered.size(), known);
}

TEST(DurabilityTest, AllGoOnAfterEachOfManyPowerCuts) {
  NetworkOfFour four;
  for (int round = 0; round < 10; ++round) {
    ASSERT_TRUE(four.AwaitHeights(5 * NetworkOfFour::kSecond, 5)) << "round " << round;
    four.CutPower();
  }
  EXPECT_TRUE(four.AwaitHeights(5 * NetworkOfFour::kSecond, 5));
  EXPECT_EQ(four.failed_check(), "");
}

}  // namespace
}  // namespace bourse::sim
