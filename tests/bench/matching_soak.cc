// Whether the engine's memory stays where it is: orders come and go, as many
// rest at all times, and memory is shown at every power of ten.
//
//   matching_soak [operations=100000000]
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "common/units.h"
#include "matching/engine.h"
#include "tests/bench/random.h"

namespace bourse::bench {
namespace {

constexpr std::uint64_t kResting = 100'000;
constexpr std::uint64_t kMiddle = 1'000'000;

double ResidentMebibytes() {
  unsigned long size = 0;
  unsigned long resident = 0;
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  const bool read = std::fscanf(file, "%lu %lu", &size, &resident) == 2;
  std::fclose(file);
  return read ? static_cast<double>(resident) * static_cast<double>(getpagesize()) / (1 << 20) : 0;
}

class Soak {
 public:
  Soak() : market_(engine_.AddMarket()) {
    for (std::uint64_t i = 0; i < kResting; ++i) slots_.push_back(Add());
  }

  // One order leaves, another comes.
  void Step() {
    matching::OrderSlot& slot = slots_[random_.Below(kResting)];
    engine_.Cancel(slot);
    slot = Add();
  }

  [[nodiscard]] const matching::Engine& engine() const { return engine_; }

 private:
  // One in a hundred is far away, and none crosses.
  matching::OrderSlot Add() {
    const Side side = random_.AnySide();
    const std::uint64_t reach = random_.Below(100) == 0 ? kMiddle / 2 : 3'000;
    const std::uint64_t distance = 1 + random_.Below(reach);
    return engine_.Rest(
        {.market = market_,
         .side = side,
         .owner = AccountIndex(1),
         .price = PriceTicks(side == Side::kBuy ? kMiddle - distance : kMiddle + distance),
         .quantity = Lots(1)});
  }

  Random random_{1};
  matching::Engine engine_;
  const MarketId market_;
  std::vector<matching::OrderSlot> slots_;
};

int Main(int argc, char** argv) {
  const std::uint64_t operations =
      argc > 1 ? std::strtoull(argv[1], nullptr, 10) : std::uint64_t{100'000'000};
  Soak soak;
  std::printf("%12s %10s %14s %14s\n", "operations", "resting", "engine, bytes", "process, MiB");
  std::uint64_t shown = 1'000'000;
  for (std::uint64_t done = 0; done <= operations; done += 2, soak.Step()) {
    if (done < shown) continue;
    shown *= 10;
    std::printf("%12llu %10zu %14zu %14.1f\n", static_cast<unsigned long long>(done),
                soak.engine().resting(), soak.engine().memory_bytes(), ResidentMebibytes());
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace bourse::bench

int main(int argc, char** argv) { return bourse::bench::Main(argc, argv); }
