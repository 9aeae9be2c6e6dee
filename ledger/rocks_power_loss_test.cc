// Cuts the power under the store, at random file operations, again and again.
//
//   rocks_power_loss_test --cuts=200 --seed=1
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "ledger/rocks_store.h"
#include "ledger/testing/power_loss_env.h"

namespace bourse::ledger::testing {
namespace {

int cuts = 25;
std::uint64_t first_seed = 1;

constexpr char kPath[] = "/ledger";
constexpr char kHeight[] = "height";

using Contents = std::map<std::pair<int, std::string>, std::string>;

Contents Read(const View& view) {
  Contents out;
  for (int i = 0; i < kFamilies; ++i) {
    const absl::Status status =
        view.Scan(static_cast<Family>(i), "", "", [&](auto key, auto value) {
          out[{i, std::string(key)}] = value;
          return true;
        });
    EXPECT_TRUE(status.ok()) << status;
  }
  return out;
}

void ApplyTo(const Batch& batch, Contents* contents) {
  for (const Batch::Change& change : batch.changes()) {
    const std::pair<int, std::string> key(static_cast<int>(change.family), change.key);
    if (change.value.has_value()) {
      (*contents)[key] = *change.value;
    } else {
      contents->erase(key);
    }
  }
}

// A block's worth of changes in all families: some small, some longer than a block of the log.
Batch RandomBlock(std::uint64_t height, std::mt19937_64& random) {
  Batch batch;
  const std::uint64_t changes = random() % 8 == 0 ? 600 : 1 + random() % 40;
  for (std::uint64_t i = 0; i < changes; ++i) {
    const auto family = static_cast<Family>(random() % kFamilies);
    const std::string key = absl::StrCat("key ", random() % 500);
    if (random() % 4 == 0) {
      batch.Delete(family, key);
    } else {
      batch.Put(family, key, std::string(random() % 300, static_cast<char>('a' + random() % 26)));
    }
  }
  batch.Put(Family::kMeta, kHeight, absl::StrCat(height));
  return batch;
}

// What a run of cuts found.
struct Findings {
  int cuts = 0;
  int in_apply = 0;  // the power went while a block was applied
  int in_open = 0;   // or while the store was opened
  int kept = 0;      // blocks that were being applied and are there, whole
  int lost = 0;      // cuts after which acknowledged blocks were missing
  int broken = 0;    // cuts after which the contents were those of no block's end
  int refused = 0;   // cuts after which the store did not open
  std::uint64_t blocks = 0;
};

// One disk, on which power goes `count` times.
class PowerLossRun {
 public:
  PowerLossRun(std::uint64_t seed, bool sync) : random_(seed), power_(seed) {
    // Small buffers, so that tables are written and compacted all the time.
    options_ = {
        .sync = sync, .cache_bytes = 1 << 20, .write_buffer_bytes = 256 << 10, .env = power_.env()};
  }

  Findings Run(int count) {
    for (int i = 0; i < count; ++i) {
      // Half of the cuts come early, in the replay and in the first blocks.
      power_.CutAfter(1 + random_() % (random_() % 2 == 0 ? 60 : 1'500));
      UseUntilCut();
      power_.Restore();
      ++findings_.cuts;
      if (!Check()) break;
    }
    return findings_;
  }

 private:
  void UseUntilCut() {
    auto store = RocksStore::Open(kPath, options_);
    if (!store.ok()) {
      EXPECT_TRUE(power_.is_off()) << store.status();
      ++findings_.in_open;
      return;
    }
    while (!power_.is_off()) {
      const Batch batch = RandomBlock(height_ + 1, random_);
      attempted_ = acknowledged_;
      ApplyTo(batch, &attempted_);
      if (!(*store)->Apply(batch).ok()) {
        EXPECT_TRUE(power_.is_off());
        ++findings_.in_apply;
        return;
      }
      acknowledged_ = attempted_;
      ++height_;
      ++findings_.blocks;
    }
  }

  // Compares what is there with what must be; goes on from what is there. False: nothing to go on.
  bool Check() {
    const auto store = RocksStore::Open(kPath, options_);
    if (!store.ok()) {
      std::printf("%s\n", store.status().ToString().c_str());
      ++findings_.refused;
      return false;
    }
    const Contents contents = Read(**store);
    if (contents != acknowledged_) {
      const auto height = contents.find({static_cast<int>(Family::kMeta), kHeight});
      std::uint64_t at = 0;
      if (height != contents.end() && !absl::SimpleAtoi(height->second, &at)) ++findings_.broken;
      if (contents == attempted_) {
        ++findings_.kept;
      } else if (at < height_) {
        ++findings_.lost;
      } else {
        ++findings_.broken;
      }
      height_ = at;
    }
    acknowledged_ = attempted_ = contents;
    return true;
  }

  std::mt19937_64 random_;
  PowerLossEnv power_;
  RocksOptions options_;
  std::uint64_t height_ = 0;
  Contents acknowledged_;  // after the last block that Apply returned OK for
  Contents attempted_;     // with the block that was being applied, if any
  Findings findings_;
};

void Print(const Findings& f) {
  std::printf(
      "%d cuts, %d within Apply (%d of these blocks were kept), %d within Open; %llu blocks "
      "acknowledged; after %d cuts blocks were lost, after %d broken, after %d it did not open\n",
      f.cuts, f.in_apply, f.kept, f.in_open, static_cast<unsigned long long>(f.blocks), f.lost,
      f.broken, f.refused);
}

TEST(RocksPowerLossTest, EveryAcknowledgedBlockIsThereAndNoneIsThereInPart) {
  int left = cuts;
  for (std::uint64_t seed = first_seed; left > 0; ++seed, left -= 25) {
    SCOPED_TRACE(absl::StrCat("--seed=", seed));
    const Findings findings = PowerLossRun(seed, /*sync=*/true).Run(std::min(left, 25));
    Print(findings);
    EXPECT_EQ(findings.lost, 0);
    EXPECT_EQ(findings.broken, 0);
    EXPECT_EQ(findings.refused, 0);
  }
}

// The same test without syncs must find losses; else it would prove nothing.
TEST(RocksPowerLossTest, FindsWhatIsLostWithoutSync) {
  int lost = 0;
  for (std::uint64_t seed = first_seed; seed < first_seed + 5; ++seed) {
    const Findings findings = PowerLossRun(seed, /*sync=*/false).Run(10);
    Print(findings);
    // Damage reported is a loss noticed: without syncs any batch may be torn, not just the last.
    lost += findings.lost + findings.refused;
  }
  EXPECT_GT(lost, 0);
}

}  // namespace
}  // namespace bourse::ledger::testing

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument.starts_with("--cuts=")) {
      if (!absl::SimpleAtoi(argument.substr(7), &bourse::ledger::testing::cuts)) return 2;
    } else if (argument.starts_with("--seed=")) {
      if (!absl::SimpleAtoi(argument.substr(7), &bourse::ledger::testing::first_seed)) return 2;
    } else {
      std::fprintf(stderr, "usage: %s [--cuts=N] [--seed=N]\n", argv[0]);
      return 2;
    }
  }
  return RUN_ALL_TESTS();
}
