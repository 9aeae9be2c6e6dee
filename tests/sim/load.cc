#include "tests/sim/load.h"

namespace bourse::sim {
namespace {

constexpr std::uint64_t kLifetimeMicros = 300'000'000;

}  // namespace

Load::Load(const Scenario* scenario, World* world)
    : scenario_(*scenario), world_(*world), random_(scenario->seed ^ 0x10ad) {}

void Load::Start() {
  // Now and then nobody wants anything.
  std::uint64_t pause_us = random_.Below(2 * scenario_.load_every_us + 1);
  if (random_.Chance(3)) pause_us += random_.Below(8 * scenario_.replica.simplex.idle_us);
  world_.After(pause_us, [this] {
    SubmitSome();
    Start();
  });
}

void Load::SubmitSome() {
  const std::uint64_t burst = random_.Chance(5) ? random_.Between(2, 12) : 1;
  for (std::uint64_t i = 0; i < burst; ++i) SubmitOne();
}

void Load::SubmitOne() {
  const std::uint64_t lifetime_us =
      random_.Chance(10) ? random_.Below(4 * scenario_.timeout_us()) + 1 : kLifetimeMicros;
  const std::string encoded = world_.MakeTransaction(&random_, lifetime_us);
  world_.Submit(random_.Below(world_.nodes()), encoded);
  if (random_.Chance(10)) world_.Submit(random_.Below(world_.nodes()), encoded);
  if (!random_.Chance(5)) return;
  const NodeIndex node = random_.Below(world_.nodes());
  world_.After(random_.Below(2 * scenario_.timeout_us()),
               [this, node, encoded] { world_.Submit(node, encoded); });
}

}  // namespace bourse::sim
