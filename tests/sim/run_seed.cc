#include "tests/sim/run_seed.h"

#include <utility>
#include <vector>

#include "tests/sim/load.h"
#include "tests/sim/nemesis.h"
#include "tests/sim/recovery.h"

namespace bourse::sim {
namespace {

// Of the heights asked for, those that come while harm is done; the others come after.
constexpr std::uint64_t kHeightsUnderHarm = 40;

// In ten one-way delays a few blocks are made, each for about ten messages to each peer; or all
// that was not finalized for long is sent again, which is paced.
constexpr std::uint64_t kStormMessages = 3'000;

std::vector<Seat> MakeSeats(const Scenario& scenario, const RunOptions& options) {
  std::vector<Seat> seats;
  for (std::size_t i = 0; i < scenario.validators; ++i) {
    seats.push_back(
        {consensus::ValidatorIndex(static_cast<std::uint16_t>(i)), Role::kHonest, nullptr, false});
  }
  model::Random random(scenario.seed ^ 0xb42);
  for (std::size_t i = 0; i < scenario.byzantine && options.make_byzantine; ++i) {
    Seat& seat = seats[random.Below(seats.size())];
    seat.role = Role::kByzantine;
    seat.make = options.make_byzantine(random.Next());
  }
  for (std::size_t i = 0; i < scenario.full_nodes; ++i) {
    seats.push_back({std::nullopt, Role::kHonest, nullptr, scenario.joins_late});
  }
  return seats;
}

WorldOptions MakeOptions(const Scenario& scenario, const RunOptions& run) {
  WorldOptions options;
  options.seed = scenario.seed;
  options.validators = scenario.validators;
  options.replica = scenario.replica;
  options.network = scenario.network;
  options.real_signatures = run.real_signatures;
  options.trace = run.trace;
  options.storm_window_us = 10 * scenario.network.delay_us_max;
  options.storm_messages_max = kStormMessages;
  return options;
}

// A network that never gets anywhere while harm is done still has to recover.
std::uint64_t LongestHarm(const Scenario& scenario) {
  return 60 * (scenario.standstill_us() + scenario.faults_every_us);
}

}  // namespace

Outcome RunSeed(std::uint64_t seed, const RunOptions& options) {
  const Scenario scenario = DrawScenario(seed);
  World world(MakeOptions(scenario, options), MakeSeats(scenario, options));
  if (options.trace) options.trace(Describe(scenario));
  for (NodeIndex node = 0; node < world.nodes(); ++node) {
    if (HonestNode* honest = world.honest(node)) honest->set_speeds(scenario.speeds);
  }
  Nemesis nemesis(&scenario, &world);
  Load load(&scenario, &world);
  world.Start();
  load.Start();
  nemesis.Start();
  const auto harmed = [&] {
    return nemesis.faults() >= scenario.faults_min && world.highest().value() >= kHeightsUnderHarm;
  };
  const bool is_enough = world.RunUntil(harmed, LongestHarm(scenario));
  nemesis.Heal();
  Recovery recovery(&scenario, &world);
  if (world.failure().check.empty()) recovery.Run();

  Outcome outcome;
  outcome.failure = world.failure();
  outcome.counters = world.CollectCounters();
  Add(nemesis.counters(), &outcome.counters);
  Add({{"run: progress under harm", is_enough ? 1 : 0},
       {"run: Byzantine validators", options.make_byzantine ? scenario.byzantine : 0},
       {"run: full nodes", scenario.full_nodes}},
      &outcome.counters);
  outcome.heights = world.highest().value();
  outcome.faults = nemesis.faults();
  outcome.virtual_us = world.now_us();
  outcome.calls = world.calls();
  outcome.nearness = world.CollectNearness();
  Raise(recovery.nearness(), &outcome.nearness);
  return outcome;
}

}  // namespace bourse::sim
