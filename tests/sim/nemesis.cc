#include "tests/sim/nemesis.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace bourse::sim {
namespace {

constexpr std::uint64_t kHourMicros = 3'600'000'000;

std::string Text(const std::vector<bool>& side) {
  std::string text = "nodes";
  for (NodeIndex node = 0; node < side.size(); ++node) {
    if (side[node]) absl::StrAppend(&text, " ", node);
  }
  return text;
}

}  // namespace

Nemesis::Nemesis(const Scenario* scenario, World* world)
    : scenario_(*scenario), world_(*world), random_(scenario->seed ^ 0xbad5eed) {}

void Nemesis::Start() {
  Later(random_.Below(2 * scenario_.faults_every_us + 1), [this] { Next(); });
}

void Nemesis::Next() {
  static const std::vector<Fault> kFaults = {
      &Nemesis::CrashOne,    &Nemesis::CrashOne,      &Nemesis::CrashOne, &Nemesis::CrashAll,
      &Nemesis::LoseLog,     &Nemesis::LoseDisk,      &Nemesis::Split,    &Nemesis::Split,
      &Nemesis::SplitOneWay, &Nemesis::Isolate,       &Nemesis::ResetOne, &Nemesis::ResetAll,
      &Nemesis::BadClock,    &Nemesis::ClocksSetBack, &Nemesis::SlowDisk, &Nemesis::SlowExecutor,
      &Nemesis::SlowLinks,   &Nemesis::LateMessages,  &Nemesis::HeavyLoss};
  (this->*random_.Pick(kFaults))();
  Start();
}

void Nemesis::Heal() {
  healed_ = true;
  if (world_.tracing()) world_.Trace("ALL IS HEALED");
  world_.network().HealCuts();
  NetworkOptions network = scenario_.network;
  network.slow_permille = 0;
  world_.network().set_options(network);
  for (NodeIndex node = 0; node < world_.nodes(); ++node) {
    world_.SetClock(node, 0);
    SetSpeeds(node, scenario_.speeds);
    if (HonestNode* honest = world_.honest(node)) honest->CancelCrash();
    world_.Restart(node);
  }
  for (NodeIndex a = 0; a < world_.nodes(); ++a) {
    for (NodeIndex b = a + 1; b < world_.nodes(); ++b) world_.Connect(a, b);
  }
}

void Nemesis::Tell(const std::string& kind, const std::string& details) {
  ++faults_;
  ++counters_[absl::StrCat("fault: ", kind)];
  if (world_.tracing()) world_.Trace(absl::StrCat("FAULT ", kind, ": ", details));
}

void Nemesis::Later(std::uint64_t delay_us, std::function<void()> call) {
  world_.After(delay_us, [this, call = std::move(call)] {
    if (!healed_) call();
  });
}

std::uint64_t Nemesis::Duration() {
  const std::uint64_t scale =
      random_.Chance(30) ? scenario_.standstill_us() : scenario_.timeout_us();
  return random_.Below(3 * scale + 1);
}

std::vector<bool> Nemesis::AnySplit() {
  std::vector<bool> side(world_.nodes());
  for (NodeIndex node = 0; node < side.size(); ++node) side[node] = random_.Chance(50);
  return side;
}

void Nemesis::RestartLater(NodeIndex node, std::uint64_t down_us) {
  if (healed_) return world_.Restart(node);
  Later(down_us, [this, node] { world_.Restart(node); });
}

void Nemesis::CrashOne() {
  const NodeIndex node = AnyNode();
  if (world_.honest(node) == nullptr || !world_.IsUp(node)) return;
  const auto point = static_cast<CrashPoint>(random_.Below(kCrashPointNames.size()));
  const std::uint64_t down_us = random_.Chance(30) ? 0 : Duration();
  world_.CrashAt(node, point, [this, node, point, down_us] {
    Tell("crash", absl::StrCat("node ", node, ", ",
                               std::string(kCrashPointNames[static_cast<std::size_t>(point)])));
    RestartLater(node, down_us);
  });
}

// A power cut: all at the same instant.
void Nemesis::CrashAll() {
  Tell("power cut", "all nodes");
  for (NodeIndex node = 0; node < world_.nodes(); ++node) {
    if (world_.honest(node) == nullptr || !world_.IsUp(node)) continue;
    const std::uint64_t down_us = random_.Below(2 * scenario_.timeout_us());
    world_.CrashAt(node, CrashPoint::kAtOnce,
                   [this, node, down_us] { RestartLater(node, down_us); });
  }
}

bool Nemesis::MayLose(NodeIndex node) {
  const HonestNode* honest = world_.honest(node);
  if (honest == nullptr || !world_.IsUp(node)) return false;
  if (!world_.seat(node).validator || honest->has_lost_log()) return true;
  if (logs_lost_ >= scenario_.logs_may_be_lost) return false;
  ++logs_lost_;
  return true;
}

void Nemesis::LoseLog() {
  const NodeIndex node = AnyNode();
  if (!MayLose(node)) return;
  Tell("lost log", absl::StrCat("node ", node));
  world_.CrashAt(node, CrashPoint::kAtOnce, [this, node] {
    world_.LoseLog(node);
    RestartLater(node, Duration());
  });
}

void Nemesis::LoseDisk() {
  const NodeIndex node = AnyNode();
  if (!MayLose(node)) return;
  Tell("lost disk", absl::StrCat("node ", node));
  world_.CrashAt(node, CrashPoint::kAtOnce, [this, node] {
    world_.LoseDisk(node);
    RestartLater(node, Duration());
  });
}

void Nemesis::CutBetween(const std::vector<bool>& side, bool both_ways) {
  for (NodeIndex a = 0; a < side.size(); ++a) {
    for (NodeIndex b = 0; b < side.size(); ++b) {
      if (side[a] == side[b] || (!both_ways && side[b])) continue;
      world_.network().Cut(a, b);
    }
  }
  Later(Duration(), [this] {
    if (world_.tracing()) world_.Trace("cuts are healed");
    world_.network().HealCuts();
  });
}

void Nemesis::Split() {
  const std::vector<bool> side = AnySplit();
  Tell("partition", Text(side));
  CutBetween(side, true);
}

void Nemesis::SplitOneWay() {
  const std::vector<bool> side = AnySplit();
  Tell("one-way partition", absl::StrCat("nothing comes from ", Text(side)));
  CutBetween(side, false);
}

void Nemesis::Isolate() {
  std::vector<bool> side(world_.nodes());
  side[AnyNode()] = true;
  Tell("isolated node", Text(side));
  CutBetween(side, true);
}

void Nemesis::ResetOne() {
  const NodeIndex a = AnyNode();
  const NodeIndex b = AnyNode();
  if (a == b || !world_.IsUp(a) || !world_.IsUp(b)) return;
  Tell("connection reset", absl::StrCat("nodes ", a, " and ", b));
  world_.network().Disconnect(a, b);
  Later(random_.Chance(50) ? 0 : Duration(), [this, a, b] { world_.Connect(a, b); });
}

void Nemesis::ResetAll() {
  const NodeIndex a = AnyNode();
  if (!world_.IsUp(a)) return;
  Tell("connections reset", absl::StrCat("all of node ", a));
  for (NodeIndex b = 0; b < world_.nodes(); ++b) {
    if (b == a || !world_.IsUp(b)) continue;
    world_.network().Disconnect(a, b);
    Later(random_.Below(scenario_.timeout_us()), [this, a, b] { world_.Connect(a, b); });
  }
}

void Nemesis::BadClock() {
  const NodeIndex node = AnyNode();
  const std::uint64_t most = random_.Chance(30) ? 48 * kHourMicros : 3'000'000;
  const auto offset = static_cast<std::int64_t>(random_.Below(most));
  Tell("wrong clock", absl::StrCat("node ", node));
  world_.SetClock(node, random_.Chance(50) ? offset : -offset);
  Later(2 * Duration(), [this, node] { world_.SetClock(node, 0); });
}

// All are ahead, and later are right again: behind the chain.
void Nemesis::ClocksSetBack() {
  Tell("clocks ahead, then set back", "all nodes");
  const auto offset = static_cast<std::int64_t>(random_.Below(kHourMicros));
  for (NodeIndex node = 0; node < world_.nodes(); ++node) world_.SetClock(node, offset);
  Later(2 * Duration(), [this] {
    for (NodeIndex node = 0; node < world_.nodes(); ++node) world_.SetClock(node, 0);
  });
}

void Nemesis::SetSpeeds(NodeIndex node, const Speeds& speeds) {
  if (HonestNode* honest = world_.honest(node)) honest->set_speeds(speeds);
}

void Nemesis::SlowDisk() {
  const NodeIndex node = AnyNode();
  Tell("slow disk", absl::StrCat("node ", node));
  Speeds speeds = scenario_.speeds;
  speeds.sync_us = 2 * scenario_.timeout_us();
  SetSpeeds(node, speeds);
  Later(2 * Duration(), [this, node] { SetSpeeds(node, scenario_.speeds); });
}

void Nemesis::SlowExecutor() {
  Tell("slow executors", "some nodes");
  Speeds speeds = scenario_.speeds;
  speeds.execute_us = 4 * scenario_.timeout_us();
  for (NodeIndex node = 0; node < world_.nodes(); ++node) {
    if (random_.Chance(60)) SetSpeeds(node, speeds);
  }
  Later(2 * Duration(), [this] {
    for (NodeIndex node = 0; node < world_.nodes(); ++node) SetSpeeds(node, scenario_.speeds);
  });
}

void Nemesis::SlowLinks() {
  const NodeIndex node = AnyNode();
  const std::uint64_t extra_us = random_.Below(2 * scenario_.timeout_us());
  Tell("slow links", absl::StrCat("from node ", node, ", ", extra_us, " us more"));
  for (NodeIndex other = 0; other < world_.nodes(); ++other) {
    world_.network().Slow(node, other, extra_us);
  }
  Later(4 * Duration(), [this, node] {
    for (NodeIndex other = 0; other < world_.nodes(); ++other) {
      world_.network().Slow(node, other, 0);
    }
  });
}

void Nemesis::LateMessages() {
  Tell("late messages", "everywhere");
  NetworkOptions network = world_.network().options();
  network.slow_permille = 300;
  world_.network().set_options(network);
  Later(Duration(), [this] { world_.network().set_options(scenario_.network); });
}

void Nemesis::HeavyLoss() {
  NetworkOptions network = world_.network().options();
  network.loss_permille = static_cast<std::uint32_t>(random_.Between(200, 700));
  Tell("heavy loss", absl::StrCat(network.loss_permille, " of 1000"));
  world_.network().set_options(network);
  Later(Duration(), [this] { world_.network().set_options(scenario_.network); });
}

}  // namespace bourse::sim
