// Cuts the power under the consensus log, at random changes of the disk, again and again: within
// appends, rewrites and openings. Then the same with one sync taken out at a time.
//
//   consensus_log_power_loss_test --cuts=10000 --seed=1
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "node/storage/consensus_log.h"
#include "node/storage/testing/faulty_disk.h"
#include "node/storage/testing/power_loss_disk.h"

namespace bourse::storage {
namespace {

using Records = std::vector<std::string>;

int cuts = 1'000;
std::uint64_t first_seed = 1;

constexpr char kFolder[] = "/log";

// What a run of losses found.
struct Findings {
  int losses = 0;
  int in_append = 0;
  int in_rewrite = 0;
  int in_open = 0;
  int in_create = 0;
  int kept = 0;     // calls that had not returned, whose records are there all the same
  int dropped = 0;  // incomplete batches that Open dropped
  // None of these may be.
  int lost = 0;     // after a loss the records were not those acknowledged, nor those attempted
  int refused = 0;  // or the log did not open

  [[nodiscard]] int bad() const { return lost + refused; }
};

// One disk, on which power goes again and again. The process is also killed without it.
class PowerLossRun {
 public:
  PowerLossRun(std::uint64_t seed, std::string_view ignored)
      : random_(seed), disk_(seed), faulty_(&disk_), ignored_(ignored) {}

  Findings Run(int count) {
    for (int i = 0; i < count; ++i) {
      faulty_.Repair();
      faulty_.Ignore(ignored_);
      const bool is_killed = random_() % 4 == 0;
      if (is_killed) {
        faulty_.FailAfter(1 + random_() % 40);
      } else {
        disk_.CutAfter(1 + random_() % 40);
      }
      UseUntilItFails();
      if (is_killed) {
        faulty_.Repair();
      } else {
        disk_.Restore();
      }
      ++findings_.losses;
      if (!Check()) break;
    }
    return findings_;
  }

 private:
  Records RandomRecords() {
    Records out(random_() % 5);
    for (std::string& record : out) {
      record.assign(random_() % (random_() % 4 == 0 ? 20'000 : 300), 'a');
      for (char& c : record) c = static_cast<char>(random_() % 256);
    }
    return out;
  }

  // Until the power goes, or the process is killed.
  void UseUntilItFails() {
    attempted_ = acknowledged_;
    if (!is_created_) {
      if (!ConsensusLog::Create(&faulty_, kFolder).ok()) {
        ++findings_.in_create;
        return;
      }
      is_created_ = true;
    }
    auto opened = ConsensusLog::Open(&faulty_, kFolder);
    if (!opened.ok()) {
      ++findings_.in_open;
      return;
    }
    while (Use(*opened->log)) acknowledged_ = attempted_;
  }

  bool Use(ConsensusLog& log) {
    const Records records = RandomRecords();
    if (random_() % 6 == 0) {
      attempted_ = records;
      if (log.Rewrite(records).ok()) return true;
      ++findings_.in_rewrite;
      return false;
    }
    attempted_ = acknowledged_;
    attempted_.insert(attempted_.end(), records.begin(), records.end());
    if (log.Append(records).ok()) return true;
    ++findings_.in_append;
    return false;
  }

  // Compares what is there with what must be; goes on from what is there. False: nothing to go on.
  bool Check() {
    const auto opened = ConsensusLog::Open(&faulty_, kFolder);
    if (!is_created_) {
      is_created_ = opened.ok();
      return true;
    }
    if (!opened.ok()) {
      if (ignored_.empty()) std::printf("%s\n", opened.status().ToString().c_str());
      ++findings_.refused;
      return false;
    }
    if (opened->dropped_tail) ++findings_.dropped;
    if (opened->records != acknowledged_) {
      ++(opened->records == attempted_ ? findings_.kept : findings_.lost);
    }
    acknowledged_ = opened->records;
    return true;
  }

  std::mt19937_64 random_;
  testing::PowerLossDisk disk_;
  testing::FaultyDisk faulty_;
  const std::string ignored_;
  bool is_created_ = false;
  Records acknowledged_;  // by calls that returned OK
  Records attempted_;     // with those of the call that did not
  Findings findings_;
};

void Print(const std::string& name, const Findings& f) {
  std::printf(
      "%s: %d losses, within create %d, open %d, append %d, rewrite %d; kept %d, dropped %d; "
      "records lost %d, did not open %d\n",
      name.c_str(), f.losses, f.in_create, f.in_open, f.in_append, f.in_rewrite, f.kept, f.dropped,
      f.lost, f.refused);
}

void Add(const Findings& from, Findings* to) {
  to->losses += from.losses;
  to->in_append += from.in_append;
  to->in_rewrite += from.in_rewrite;
  to->in_open += from.in_open;
  to->in_create += from.in_create;
  to->kept += from.kept;
  to->dropped += from.dropped;
  to->lost += from.lost;
  to->refused += from.refused;
}

// `count` losses, 10 on each disk.
Findings RunMany(int count, std::string_view ignored) {
  constexpr int kLossesPerDisk = 10;
  Findings sum;
  std::uint64_t seed = first_seed;
  for (int left = count; left > 0; left -= kLossesPerDisk, ++seed) {
    const Findings findings = PowerLossRun(seed, ignored).Run(std::min(left, kLossesPerDisk));
    EXPECT_TRUE(!ignored.empty() || findings.bad() == 0) << "--seed=" << seed << " --cuts=1";
    Add(findings, &sum);
  }
  return sum;
}

TEST(ConsensusLogPowerLossTest, AllThatWasAcknowledgedIsThereAndNothingInPart) {
  const Findings findings = RunMany(cuts, "");
  Print("all syncs", findings);
  EXPECT_EQ(findings.bad(), 0);
  if (cuts < 1'000) return;
  // It met what it is about.
  EXPECT_GT(findings.in_create, 0);
  EXPECT_GT(findings.in_open, 0);
  EXPECT_GT(findings.in_append, 0);
  EXPECT_GT(findings.in_rewrite, 0);
  EXPECT_GT(findings.kept, 0);
  EXPECT_GT(findings.dropped, 0);
}

// Each sync of the log is needed: the same test without it finds losses.
TEST(ConsensusLogPowerLossTest, FindsEachSyncThatIsTakenOut) {
  for (const std::string_view site : kLogSyncSites) {
    const Findings findings = RunMany(500, site);
    Print(absl::StrCat("without ", std::string(site)), findings);
    EXPECT_GT(findings.bad(), 0) << site;
  }
}

}  // namespace
}  // namespace bourse::storage

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument.starts_with("--cuts=")) {
      if (!absl::SimpleAtoi(argument.substr(7), &bourse::storage::cuts)) return 2;
    } else if (argument.starts_with("--seed=")) {
      if (!absl::SimpleAtoi(argument.substr(7), &bourse::storage::first_seed)) return 2;
    } else {
      std::fprintf(stderr, "usage: %s [--cuts=N] [--seed=N]\n", argv[0]);
      return 2;
    }
  }
  return RUN_ALL_TESTS();
}
