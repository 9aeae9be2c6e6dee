#include "node/replica/replica.h"

#include <gtest/gtest.h>

#include "node/replica/testing/cluster.h"

namespace bourse::replica {
namespace {

using testing::Cluster;
using testing::ClusterOptions;

class ReplicaTest : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  static void RunToHeight(Cluster* cluster, std::size_t node, std::uint64_t height) {
    cluster->RunUntil([=] { return cluster->HeightOf(node).value() >= height; },
                      "no block of height " + std::to_string(height));
  }
  static void RunToExecution(Cluster* cluster, const std::string& transaction) {
    cluster->RunUntil(
        [&] {
          for (std::size_t i = 0; i < cluster->size(); ++i) {
            if (cluster->node(i).replica && !cluster->Executed(i, transaction)) return false;
          }
          return true;
        },
        "a transaction is not executed everywhere");
  }
  [[nodiscard]] static ClusterOptions Seeded() { return {.seed = GetParam()}; }
};

TEST_P(ReplicaTest, FourExecuteWhatAClientGaveToOne) {
  Cluster cluster(Seeded());
  cluster.StartAll();
  for (int i = 0; i < 50; ++i) {
    const std::string transaction = cluster.Submit(static_cast<std::size_t>(i) % 4);
    RunToExecution(&cluster, transaction);
  }
  cluster.ExpectOneChain();
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_TRUE(cluster.node(i).replica->mempool().empty());
    EXPECT_EQ(cluster.node(i).misbehaviour, 0u);
    EXPECT_EQ(cluster.node(i).evidence, 0u);
    EXPECT_GE(cluster.node(i).certified.size(), 45u);
    // Waiting for nobody, a block takes a few delays of a millisecond or two.
    EXPECT_LT(cluster.node(i).archive.size(), 120u);
  }
}

TEST_P(ReplicaTest, OneIsANetworkToo) {
  Cluster cluster({.validators = 1, .seed = GetParam()});
  cluster.StartAll();
  for (int i = 0; i < 200; ++i) (void)cluster.Submit(0);
  RunToExecution(&cluster, cluster.Submit(0));
  EXPECT_LT(cluster.HeightOf(0).value(), 10u);
  EXPECT_EQ(cluster.node(0).replica->progress().certified, cluster.HeightOf(0));
  cluster.Crash(0);
  cluster.Start(0);
  RunToExecution(&cluster, cluster.Submit(0));
}

TEST_P(ReplicaTest, ADeadOneDoesNotStopThree) {
  Cluster cluster(Seeded());
  cluster.StartAll();
  RunToHeight(&cluster, 0, 3);
  cluster.Crash(3);
  RunToExecution(&cluster, cluster.Submit(0));
  RunToHeight(&cluster, 0, 30);
  cluster.ExpectOneChain();
}

TEST_P(ReplicaTest, AllGoOnFromTheirLogsAfterACrashOfAll) {
  Cluster cluster(Seeded());
  cluster.StartAll();
  for (std::uint64_t round = 1; round <= 5; ++round) {
    cluster.RunFor(GetParam() * 1'357 % 50'000 + round * 20'000);
    const std::string transaction = cluster.Submit(0);
    RunToExecution(&cluster, transaction);
    for (std::size_t i = 0; i < 4; ++i) cluster.Crash(i);
    cluster.StartAll();
    for (std::size_t i = 0; i < 4; ++i) EXPECT_TRUE(cluster.node(i).replica->progress().voting);
  }
  RunToExecution(&cluster, cluster.Submit(1));
  cluster.ExpectOneChain();
}

TEST_P(ReplicaTest, CrashesOneByOneUnderLoadLoseNothing) {
  Cluster cluster(Seeded());
  cluster.StartAll();
  std::string last;
  for (std::size_t round = 0; round < 20; ++round) {
    const std::size_t victim = round % 4;
    last = cluster.Submit((victim + 1) % 4);
    cluster.RunFor(3'000 + GetParam() * 777 % 5'000);
    cluster.Crash(victim);
    cluster.RunFor(10'000 * (round % 5));
    cluster.Start(victim);
  }
  RunToExecution(&cluster, last);
  cluster.ExpectOneChain();
}

TEST_P(ReplicaTest, MissingTransactionsAreFetchedByPlace) {
  Cluster cluster(Seeded());
  cluster.StartAll();
  cluster.passes = [](std::size_t, std::size_t, const Message& message) {
    return !std::holds_alternative<Transactions>(message);
  };
  std::string last;
  for (int i = 0; i < 300; ++i) last = cluster.Submit(0, 1'000);
  RunToExecution(&cluster, last);
  cluster.ExpectOneChain();
  std::uint64_t fetched = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    fetched += cluster.node(i).replica->counters().transactions_fetched;
  }
  EXPECT_GT(fetched, 0u);
}

TEST_P(ReplicaTest, CandidatesThatDidNotComeAreFetched) {
  Cluster cluster(Seeded());
  cluster.StartAll();
  cluster.passes = [](std::size_t, std::size_t to, const Message& message) {
    return to != 3 || !std::holds_alternative<CompactCandidate>(message);
  };
  RunToExecution(&cluster, cluster.Submit(0));
  RunToHeight(&cluster, 3, 20);
  EXPECT_GT(cluster.node(3).replica->counters().candidates_fetched, 0u);
  EXPECT_EQ(cluster.node(3).misbehaviour, 0u);
  cluster.ExpectOneChain();
}

TEST_P(ReplicaTest, WhoWasAwayForLongCatchesUpAndVotesAgain) {
  Cluster cluster(Seeded());
  cluster.StartAll();
  RunToHeight(&cluster, 3, 2);
  cluster.Crash(3);
  for (int i = 0; i < 400; ++i) {
    (void)cluster.Submit(0);
    cluster.RunFor(5'000);
  }
  const std::uint64_t there = cluster.HeightOf(0).value();
  ASSERT_GT(there, 150u);
  cluster.Start(3);
  RunToHeight(&cluster, 3, there);
  EXPECT_GT(cluster.node(3).replica->counters().block_runs_fetched, 0u);
  const std::uint64_t votes = cluster.node(3).replica->simplex().counters().final_votes;
  RunToExecution(&cluster, cluster.Submit(3));
  RunToHeight(&cluster, 3, there + 20);
  EXPECT_GT(cluster.node(3).replica->simplex().counters().final_votes, votes);
  EXPECT_FALSE(cluster.node(3).replica->progress().catching_up);
  EXPECT_EQ(cluster.node(3).misbehaviour, 0u);
  cluster.ExpectOneChain();
}

TEST_P(ReplicaTest, CertificatesThatWentByAreFetched) {
  Cluster cluster(Seeded());
  cluster.StartAll();
  RunToExecution(&cluster, cluster.Submit(0));
  cluster.Crash(3);
  for (int i = 0; i < 4; ++i) {
    (void)cluster.Submit(0);
    cluster.RunFor(30'000);
  }
  const std::uint64_t there = cluster.HeightOf(0).value();
  cluster.Start(3);
  cluster.RunUntil(
      [&] {
        for (std::uint64_t height = 1; height <= there; ++height) {
          if (!cluster.node(3).certified.contains(Height(height))) return false;
        }
        return true;
      },
      "a block has no certificate");
  EXPECT_EQ(cluster.node(3).replica->counters().block_runs_fetched, 0u) << "it came as candidates";
  EXPECT_EQ(cluster.node(3).misbehaviour, 0u);
  cluster.ExpectOneChain();
}

TEST_P(ReplicaTest, AFullNodeFollowsOneValidatorAndGetsCertificates) {
  Cluster cluster({.validators = 4, .full_nodes = 1, .seed = GetParam()});
  cluster.passes = [](std::size_t from, std::size_t to, const Message&) {
    return from + to == 4 || (from != 4 && to != 4);  // node 4 talks with node 0 alone
  };
  cluster.StartAll();
  RunToExecution(&cluster, cluster.Submit(4));
  RunToHeight(&cluster, 4, 100);
  EXPECT_GT(cluster.HeightOf(4).value() + 20, cluster.HeightOf(0).value());
  EXPECT_GT(cluster.node(4).certified.size(), 80u);
  EXPECT_FALSE(cluster.node(4).replica->progress().voting);
  cluster.ExpectOneChain();
}

TEST_P(ReplicaTest, LossIsOvercome) {
  Cluster cluster({.validators = 4, .seed = GetParam(), .loss_permille = 200});
  cluster.StartAll();
  for (int i = 0; i < 20; ++i) {
    (void)cluster.Submit(static_cast<std::size_t>(i) % 4);
    cluster.RunFor(20'000);
  }
  RunToHeight(&cluster, 0, 30);
  cluster.RunUntil(
      [&] {
        for (std::size_t i = 0; i < 4; ++i) {
          if (cluster.HeightOf(i).value() < 30) return false;
          if (cluster.node(i).certified.empty()) return false;
        }
        return true;
      },
      "not all follow");
  cluster.ExpectOneChain();
}

TEST_P(ReplicaTest, ALogThatIsWrittenAnewIsEnoughToGoOn) {
  Cluster cluster({.validators = 4, .seed = GetParam(), .log_bytes_max = 6'000});
  cluster.StartAll();
  for (std::uint64_t round = 1; round <= 5; ++round) {
    RunToHeight(&cluster, 0, 20 * round);
    cluster.RunFor(GetParam() * 333 % 4'000);
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_GT(cluster.node(i).replica->counters().log_rewrites, 0u);
      cluster.Crash(i);
    }
    cluster.StartAll();
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_TRUE(cluster.node(i).replica->progress().voting);
      std::size_t bytes = 0;
      for (const std::string& record : cluster.node(i).log) bytes += record.size();
      EXPECT_LT(bytes, 20'000u);
    }
  }
  RunToExecution(&cluster, cluster.Submit(2));
  cluster.ExpectOneChain();
}

TEST_P(ReplicaTest, ALogThatIsWrittenAnewKeepsWhatIsNotYetExecuted) {
  // Of a network of one nobody else has the blocks.
  Cluster cluster(
      {.validators = 1, .seed = GetParam(), .log_bytes_max = 500, .execution_us = 500'000});
  cluster.StartAll();
  for (int i = 0; i < 100; ++i) {
    (void)cluster.Submit(0);
    cluster.RunFor(2'000 + GetParam() * 333 % 1'000);
  }
  const Progress before = cluster.node(0).replica->progress();
  EXPECT_GT(before.decided.value(), before.height.value() + 2);
  EXPECT_GT(cluster.node(0).replica->counters().log_rewrites, 0u);
  cluster.Crash(0);
  cluster.Start(0);
  RunToHeight(&cluster, 0, before.decided.value());
  RunToExecution(&cluster, cluster.Submit(0));
}

TEST_P(ReplicaTest, WhoLostItsLogFollowsAndVotesNoMore) {
  Cluster cluster(Seeded());
  cluster.StartAll();
  RunToHeight(&cluster, 0, 5);
  cluster.Crash(2);
  cluster.LoseLog(2);
  cluster.Start(2);
  EXPECT_FALSE(cluster.node(2).replica->progress().voting);
  RunToExecution(&cluster, cluster.Submit(2));
  RunToHeight(&cluster, 2, 20);
  cluster.ExpectOneChain();
}

TEST_P(ReplicaTest, TheOldPartOfALogIsNotEnough) {
  Cluster cluster(Seeded());
  cluster.StartAll();
  RunToHeight(&cluster, 0, 10);
  cluster.Crash(1);
  cluster.node(1).log.resize(cluster.node(1).log.size() / 4);
  cluster.Start(1);
  EXPECT_FALSE(cluster.node(1).replica->progress().voting);
}

// Node 0 lies to node 3 in messages of one kind; node 3 goes on with the help of others.
template <typename Kind>
void Lie(Cluster* cluster, void (*change)(Kind*)) {
  cluster->tamper = [change](std::size_t from, std::size_t to, Message* message) {
    auto* kind = std::get_if<Kind>(message);
    if (from == 0 && to == 3 && kind != nullptr) change(kind);
  };
}

TEST_P(ReplicaTest, AListOfOtherTransactionsIsBlamedOnWhoSentIt) {
  Cluster cluster(Seeded());
  cluster.StartAll();
  Lie<CompactCandidate>(&cluster, [](CompactCandidate* candidate) {
    candidate->transactions.push_back({"tx-invented", {}});
  });
  RunToExecution(&cluster, cluster.Submit(0));
  RunToHeight(&cluster, 3, 20);
  EXPECT_GT(cluster.node(3).misbehaviour, 0u);
  EXPECT_GT(cluster.node(3).replica->counters().candidates_fetched, 0u);
  cluster.ExpectOneChain();
}

TEST_P(ReplicaTest, WrongKeysInAListOnlyCostTime) {
  Cluster cluster(Seeded());
  cluster.StartAll();
  Lie<CompactCandidate>(&cluster, [](CompactCandidate* candidate) {
    for (CompactTransaction& one : candidate->transactions) {
      one.bytes.clear();
      one.key = HashOf(AsBytes("invented"));
    }
  });
  RunToExecution(&cluster, cluster.Submit(0));
  RunToExecution(&cluster, cluster.Submit(0));
  RunToHeight(&cluster, 3, 20);
  cluster.ExpectOneChain();
}

TEST_P(ReplicaTest, WrongAnswersAreBlamedAndAnotherIsAsked) {
  Cluster cluster(Seeded());
  cluster.StartAll();
  cluster.passes = [](std::size_t, std::size_t to, const Message& message) {
    return to != 3 || !std::holds_alternative<CompactCandidate>(message);
  };
  Lie<Candidates>(&cluster, [](Candidates* answer) {
    answer->candidates.back().transactions.push_back("tx-invented");
  });
  RunToHeight(&cluster, 3, 40);
  EXPECT_GT(cluster.node(3).misbehaviour, 0u);
  cluster.ExpectOneChain();
}

TEST_P(ReplicaTest, WrongBlocksAreBlamedAndAnotherIsAsked) {
  Cluster cluster(Seeded());
  cluster.StartAll();
  RunToHeight(&cluster, 3, 2);
  cluster.Crash(3);
  RunToHeight(&cluster, 0, 200);
  Lie<Blocks>(&cluster, [](Blocks* answer) {
    if (!answer->blocks.empty()) answer->blocks.back().transactions.push_back("tx-invented");
  });
  cluster.Start(3);
  RunToHeight(&cluster, 3, 200);
  cluster.ExpectOneChain();
}

TEST_P(ReplicaTest, WhoComputesOtherRootsStopsAndOthersGoOn) {
  Cluster cluster(Seeded());
  cluster.node(2).diverges = true;
  cluster.StartAll();
  RunToHeight(&cluster, 0, 20);
  EXPECT_NE(cluster.node(2).fatal.find("diverged at height 1"), std::string::npos);
  EXPECT_EQ(cluster.node(2).replica, nullptr);
  cluster.ExpectOneChain();
}

TEST_P(ReplicaTest, TheSameSeedIsTheSameRun) {
  const auto run = [] {
    Cluster cluster({.validators = 4, .seed = GetParam(), .loss_permille = 50});
    cluster.StartAll();
    for (int i = 0; i < 10; ++i) {
      (void)cluster.Submit(static_cast<std::size_t>(i) % 4, 3'000);
      cluster.RunFor(7'000);
    }
    return cluster.node(1).log;
  };
  const std::vector<std::string> log = run();
  EXPECT_FALSE(log.empty());
  EXPECT_EQ(run(), log);
}

// The first of two validators, step by step; the test is the second.
class PatienceTest : public ::testing::Test {
 protected:
  PatienceTest()
      : validators_(Hash256{{7}}, {PublicKey{{1}}, PublicKey{{2}}}),
        replica_(&validators_, OptionsOf(consensus::ValidatorIndex(0)),
                 [](std::string_view) { return Signature{}; }) {
    (void)Step(Started{});
    (void)Step(PeerUp{PeerId(1), kOther});
    std::optional<consensus::SignedHeader> proposed;
    while (!proposed) {
      now_us_ = *replica_.timer_us();
      proposed = ProposalIn(Step(TimerFired{}));
    }
    Vote(consensus::VoteKind::kNotar, *proposed);
    decided_ = Vote(consensus::VoteKind::kFinal, *proposed);
    EXPECT_EQ(decided_.execute.size(), 1u);
    EXPECT_EQ(FinalsIn(decided_), 0u);
  }

  static Options OptionsOf(consensus::ValidatorIndex self) {
    Options options;
    options.simplex.self = self;
    return options;
  }
  Effects Step(decltype(Event::what) what) {
    return replica_.Step({{TimeMicros(now_us_), now_us_}, std::move(what)});
  }
  Effects Vote(consensus::VoteKind kind, const consensus::SignedHeader& candidate) {
    const BlockId id = IdOf(candidate.header);
    return Step(MessageArrived{
        PeerId(1), consensus::SignedVote{{kind, id.slot, id.hash}, kOther, Signature{}}});
  }
  [[nodiscard]] std::optional<consensus::SignedHeader> ProposalIn(const Effects& effects) const {
    for (const Outgoing& one : effects.send) {
      Message message;
      if (!Decode(validators_, *one.bytes, &message)) continue;
      if (const auto* candidate = std::get_if<CompactCandidate>(&message)) return candidate->header;
    }
    return std::nullopt;
  }
  [[nodiscard]] std::size_t FinalsIn(const Effects& effects) const {
    std::size_t count = 0;
    for (const Outgoing& one : effects.send) {
      Message message;
      if (!Decode(validators_, *one.bytes, &message)) continue;
      const auto* certificate = std::get_if<consensus::Certificate>(&message);
      count += certificate != nullptr && certificate->vote.kind == consensus::VoteKind::kFinal;
    }
    return count;
  }
  [[nodiscard]] BlockExecuted Result() const {
    const consensus::Header& header = decided_.execute.front().header.header;
    return {{header.height, HashOf(header), header.time, {}, {}}};
  }

  static constexpr consensus::ValidatorIndex kOther{1};
  const consensus::Validators validators_;
  Replica replica_;
  std::uint64_t now_us_ = 1'000'000;
  Effects decided_;  // of the step that decided a block
};

TEST_F(PatienceTest, AFinalCertificateGoesWithWhatTheBlockDid) {
  now_us_ += 1'000;
  EXPECT_EQ(FinalsIn(Step(Result())), 1u);
}

TEST_F(PatienceTest, ButItWaitsForFiveMillisecondsAtMost) {
  now_us_ += 4'999;
  EXPECT_EQ(FinalsIn(Step(TimerFired{})), 0u);
  now_us_ += 1;
  EXPECT_LE(*replica_.timer_us(), now_us_);
  EXPECT_EQ(FinalsIn(Step(TimerFired{})), 1u);
  EXPECT_EQ(FinalsIn(Step(Result())), 0u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ReplicaTest, ::testing::Range<std::uint64_t>(1, 6));

}  // namespace
}  // namespace bourse::replica
