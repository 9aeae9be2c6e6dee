#include "tests/sim/scenario.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/model/random.h"

namespace bourse::sim {
namespace {

// Small networks cost less and break sooner, so most are; but all sizes come.
std::size_t DrawValidators(model::Random& random) {
  static const std::vector<std::size_t> kSizes = {
      1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,  4,
      4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 6, 6, 6, 6, 6, 7, 7, 7, 7, 7, 7, 7, 8, 8, 9, 10, 10};
  return random.Pick(kSizes);
}

NetworkOptions DrawNetwork(model::Random& random) {
  NetworkOptions network;
  network.delay_us_max = random.Pick(std::vector<std::uint64_t>{3'000, 10'000, 30'000, 100'000});
  network.delay_us_min = random.Chance(50) ? network.delay_us_max / 2 : network.delay_us_max / 20;
  network.loss_permille = random.Pick(std::vector<std::uint32_t>{0, 0, 0, 10, 100});
  network.repeat_permille = random.Pick(std::vector<std::uint32_t>{0, 20, 200});
  network.slow_permille = random.Pick(std::vector<std::uint32_t>{0, 0, 5, 30});
  return network;
}

consensus::SimplexOptions DrawTiming(model::Random& random, std::uint64_t delay_us) {
  consensus::SimplexOptions timing;
  timing.timeout_us = random.Between(6, 10) * delay_us;
  timing.timeout_growth_permille = static_cast<std::uint32_t>(random.Between(1'100, 1'200));
  timing.idle_us = random.Between(4, 20) * delay_us;
  timing.standstill_us = random.Between(4, 6) * timing.idle_us;
  timing.timeout_us_max = random.Between(8, 12) * timing.standstill_us;
  timing.block_interval_min_us = random.Chance(20) ? random.Between(0, 3) * delay_us : 0;
  timing.gone_after = random.Chance(50) ? 0 : static_cast<std::uint32_t>(random.Between(4, 30));
  timing.window = random.Pick(std::vector<std::uint64_t>{12, 64});
  return timing;
}

Speeds DrawSpeeds(model::Random& random, std::uint64_t delay_us) {
  const auto draw = [&] { return random.Chance(70) ? 0 : random.Below(delay_us / 4 + 1); };
  return {draw(), draw(), draw(), draw()};
}

}  // namespace

Scenario DrawScenario(std::uint64_t seed) {
  model::Random random(seed ^ 0x5ce7a210);
  Scenario scenario;
  scenario.seed = seed;
  scenario.validators = DrawValidators(random);
  if (scenario.faulty_max() > 0) {
    scenario.byzantine = random.Chance(50) ? random.Between(1, scenario.faulty_max()) : 0;
    scenario.logs_may_be_lost = scenario.faulty_max() - scenario.byzantine;
  }
  scenario.full_nodes = random.Chance(20) ? 1 : 0;
  scenario.joins_late = random.Chance(70);
  scenario.network = DrawNetwork(random);
  const std::uint64_t delay_us = scenario.network.delay_us_max;
  scenario.replica.simplex = DrawTiming(random, delay_us);
  scenario.network.slow_us = 2 * scenario.timeout_us();
  scenario.replica.certificate_lag_max = random.Pick(std::vector<std::uint64_t>{3, 64});
  scenario.replica.log_bytes_max = random.Pick(std::vector<std::uint64_t>{1 << 17, 1 << 20});
  if (random.Chance(20)) scenario.replica.mempool.transactions_max = 40;
  scenario.speeds = DrawSpeeds(random, delay_us);
  scenario.faults_min = random.Between(5, 12);
  scenario.faults_every_us = random.Between(1, 6) * scenario.timeout_us();
  scenario.load_every_us = random.Between(1, 8) * delay_us;
  return scenario;
}

std::string Describe(const Scenario& scenario) {
  const consensus::SimplexOptions& timing = scenario.replica.simplex;
  return absl::StrCat(scenario.validators, " validators (", scenario.byzantine, " Byzantine), ",
                      scenario.full_nodes, " full nodes; delay ", scenario.network.delay_us_min,
                      " to ", scenario.network.delay_us_max, " us, ",
                      scenario.network.loss_permille, " of 1000 lost; T0 ", timing.timeout_us,
                      " us, growth ", timing.timeout_growth_permille, ", T_idle ", timing.idle_us,
                      " us, Ts ", timing.standstill_us, " us");
}

}  // namespace bourse::sim
